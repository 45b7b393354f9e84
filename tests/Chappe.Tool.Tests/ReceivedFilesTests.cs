namespace Chappe.Tool.Tests;

public sealed class ReceivedFilesTests : IDisposable
{
    private readonly TemporaryDirectory _directory = new();

    public void Dispose() => _directory.Dispose();

    [Fact]
    public void A_file_of_that_name_is_replaced()
    {
        File.WriteAllText(_directory["apple.jpg"], "old, and longer");

        string path = Save("apple.jpg", "apple.jpg", "new");

        Assert.Equal(_directory["apple.jpg"], path);
        Assert.Equal("new", File.ReadAllText(path));
        Assert.Single(Directory.GetFiles(_directory.Path));
    }

    [Fact]
    public void A_symbolic_link_of_that_name_is_replaced_and_not_followed()
    {
        File.WriteAllText(_directory["precious"], "precious");
        File.CreateSymbolicLink(_directory["apple.jpg"], _directory["precious"]);

        string path = Save("apple.jpg", "apple.jpg", "new");

        Assert.Equal("precious", File.ReadAllText(_directory["precious"]));
        Assert.Null(File.ResolveLinkTarget(path, returnFinalTarget: false));
        Assert.Equal("new", File.ReadAllText(path));
    }

    [Fact]
    public void A_directory_of_that_name_is_kept_and_nothing_is_left_behind()
    {
        Directory.CreateDirectory(_directory["apple"]);

        Assert.ThrowsAny<Exception>(() => Save("apple", "apple", "new"));

        Assert.Equal([_directory["apple"]], Directory.GetFileSystemEntries(_directory.Path));
    }

    [Fact]
    public void A_write_that_fails_leaves_the_old_file_and_nothing_else()
    {
        File.WriteAllText(_directory["apple.jpg"], "old");

        Assert.Throws<IOException>(() => new ReceivedFiles(_directory.Path).Save("apple.jpg", "apple.jpg", path =>
        {
            File.WriteAllText(path, "half");
            throw new IOException("disk full");
        }));

        Assert.Equal("old", File.ReadAllText(_directory["apple.jpg"]));
        Assert.Single(Directory.GetFiles(_directory.Path));
    }

    [Fact]
    public void The_name_appears_only_once_the_file_is_whole() => new ReceivedFiles(_directory.Path).Save("apple.jpg", "apple.jpg", path =>
    {
        Assert.Equal(_directory.Path, Path.GetDirectoryName(path));
        File.WriteAllText(path, "half");
        Assert.False(File.Exists(_directory["apple.jpg"]));
    });

    [Fact]
    public void Different_names_of_one_run_never_replace_each_others_files()
    {
        var files = new ReceivedFiles(_directory.Path);

        Assert.Equal(_directory["x.jpg"], files.Save("a/x.jpg", "x.jpg", path => File.WriteAllText(path, "a")));
        Assert.Equal(_directory["x-2.jpg"], files.Save("b/x.jpg", "x.jpg", path => File.WriteAllText(path, "b")));
        Assert.Equal(_directory["x.jpg"], files.Save("a/x.jpg", "x.jpg", path => File.WriteAllText(path, "a again")));

        Assert.Equal("a again", File.ReadAllText(_directory["x.jpg"]));
        Assert.Equal("b", File.ReadAllText(_directory["x-2.jpg"]));
    }

    private string Save(string asked, string fileName, string content) =>
        new ReceivedFiles(_directory.Path).Save(asked, fileName, path => File.WriteAllText(path, content));
}
