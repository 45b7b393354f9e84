using System.Text;

namespace Chappe.Exchange.Tests;

/// <summary>A directory keeps files open: whatever happens to a name between two looks, the second is the truth.</summary>
public sealed class ServedFileCacheTests : IDisposable
{
    /// <summary>As many as a directory keeps open.</summary>
    private const int Kept = 16;

    private readonly TemporaryDirectory _temporary = new();
    private readonly FileDirectory _served;

    public ServedFileCacheTests()
    {
        Write("served/a.txt", "first");
        Write("served/b.txt", "other");
        _served = new FileDirectory(_temporary["served"]);
    }

    public void Dispose()
    {
        _served.Dispose();
        _temporary.Dispose();
    }

    [Fact]
    public void A_file_that_is_asked_for_again_is_not_opened_again()
    {
        using ServedFile first = _served.Open("a.txt");
        using ServedFile again = _served.Open("a.txt");
        Assert.Same(first.Handle, again.Handle);
    }

    [Theory]
    [InlineData("second, and longer")]
    [InlineData("12345")]
    public void A_file_that_was_replaced_by_a_rename_is_the_new_one(string contents)
    {
        AssertIs("first", "a.txt");
        Write("new", contents);
        File.Move(_temporary["new"], _temporary["served/a.txt"], overwrite: true);
        AssertIs(contents, "a.txt");
    }

    [Theory]
    [InlineData("second, and longer")]
    [InlineData("12345")]
    [InlineData("")]
    public void A_file_that_was_rewritten_in_place_is_the_new_one(string contents)
    {
        AssertIs("first", "a.txt");
        Write("served/a.txt", contents);
        AssertIs(contents, "a.txt");
    }

    [Fact]
    public void A_file_that_was_removed_is_not_found_until_it_is_made_again()
    {
        AssertIs("first", "a.txt");
        File.Delete(_temporary["served/a.txt"]);
        AssertFails(ResponseStatus.NotFound, "a.txt");
        Write("served/a.txt", "again");
        AssertIs("again", "a.txt");
    }

    [Fact]
    public void Files_that_changed_names_are_what_their_names_say()
    {
        AssertIs("first", "a.txt");
        AssertIs("other", "b.txt");
        File.Move(_temporary["served/a.txt"], _temporary["served/c.txt"]);
        File.Move(_temporary["served/b.txt"], _temporary["served/a.txt"]);
        AssertIs("other", "a.txt");
        AssertIs("first", "c.txt");
        AssertFails(ResponseStatus.NotFound, "b.txt");
    }

    [Fact]
    public void A_name_that_became_a_directory_is_refused()
    {
        AssertIs("first", "a.txt");
        File.Delete(_temporary["served/a.txt"]);
        Directory.CreateDirectory(_temporary["served/a.txt"]);
        AssertFails(ResponseStatus.Forbidden, "a.txt");
    }

    [Fact]
    public void A_name_that_became_a_link_out_of_the_directory_is_refused_although_it_leads_to_the_same_file()
    {
        AssertIs("first", "a.txt");
        File.Move(_temporary["served/a.txt"], _temporary["a.txt"]);
        File.CreateSymbolicLink(_temporary["served/a.txt"], _temporary["a.txt"]);
        AssertFails(ResponseStatus.Forbidden, "a.txt");
    }

    [Theory]
    [InlineData("below/a.txt")]
    [InlineData("link.txt")]
    public void A_file_whose_folder_became_a_link_out_of_the_directory_is_refused(string name)
    {
        Write("served/below/a.txt", "below");
        File.CreateSymbolicLink(_temporary["served/link.txt"], "below/a.txt");
        AssertIs("below", name);
        AssertIs("below", name);
        Directory.Move(_temporary["served/below"], _temporary["outside"]);
        Directory.CreateSymbolicLink(_temporary["served/below"], _temporary["outside"]);
        AssertFails(ResponseStatus.Forbidden, name);
    }

    [Fact]
    public void A_link_within_the_directory_that_is_turned_leads_to_the_other_file()
    {
        File.CreateSymbolicLink(_temporary["served/link.txt"], "a.txt");
        AssertIs("first", "link.txt");
        File.Delete(_temporary["served/link.txt"]);
        File.CreateSymbolicLink(_temporary["served/link.txt"], "b.txt");
        AssertIs("other", "link.txt");
    }

    [Fact]
    public void More_files_than_are_kept_open_are_right_and_no_more_are_kept()
    {
        string[] names = [.. Enumerable.Range(0, 40).Select(i => $"file{i}.txt")];
        foreach (string name in names)
        {
            Write($"served/{name}", $"This is {name}.");
        }

        for (int round = 0; round < 3; round++)
        {
            foreach (string name in names)
            {
                AssertIs($"This is {name}.", name);
                AssertIs($"This is {name}.", name);
            }
        }

        Assert.Equal(Kept, OpenFiles());
    }

    [Fact]
    public void A_file_in_use_stays_open_when_others_take_its_place()
    {
        using ServedFile file = _served.Open("a.txt");
        for (int i = 0; i < 2 * Kept; i++)
        {
            Write($"served/file{i}.txt", $"{i}");
            AssertIs($"{i}", $"file{i}.txt");
        }

        Assert.Equal("first", ContentsOf(file));
        _served.Dispose();
        Assert.Equal("first", ContentsOf(file));
    }

    [Fact]
    public void A_file_that_is_disposed_twice_is_not_closed_under_the_next()
    {
        ServedFile file = _served.Open("a.txt");
        file.Dispose();
        file.Dispose();
        AssertIs("first", "a.txt");
    }

    [Fact]
    public void Two_directories_with_the_same_names_are_told_apart()
    {
        Write("second/a.txt", "of the second");
        using var second = new FileDirectory(_temporary["second"]);
        for (int round = 0; round < 3; round++)
        {
            AssertIs("first", "a.txt");
            AssertIs("of the second", "a.txt", second);
        }
    }

    [Fact]
    public void Nothing_stays_open_after_the_directory_is_disposed()
    {
        AssertIs("first", "a.txt");
        AssertIs("other", "b.txt");
        AssertIs("first", "a");
        AssertFails(ResponseStatus.NotFound, "c.txt");
        File.Delete(_temporary["served/b.txt"]);
        AssertFails(ResponseStatus.NotFound, "b.txt");
        Assert.Equal(1, OpenFiles());
        _served.Dispose();
        Assert.Equal(0, OpenFiles());
    }

    private static string ContentsOf(ServedFile file)
    {
        byte[] contents = new byte[file.Length];
        Assert.Equal(contents.Length, RandomAccess.Read(file.Handle, contents, 0));
        return Encoding.UTF8.GetString(contents);
    }

    private void Write(string name, string contents) => _temporary.Write(name, Encoding.UTF8.GetBytes(contents));

    private void AssertIs(string contents, string name, FileDirectory? directory = null)
    {
        using ServedFile file = (directory ?? _served).Open(name);
        Assert.Equal(contents, ContentsOf(file));
    }

    private void AssertFails(ResponseStatus status, string name) =>
        Assert.Equal(status, Assert.Throws<RequestFailedException>(() => _served.Open(name).Dispose()).Status);

    /// <summary>How many descriptors of this process lead below the directory that is served.</summary>
    private int OpenFiles() => Directory.GetFiles("/proc/self/fd")
        .Select(descriptor => new FileInfo(descriptor).LinkTarget)
        .Count(target => target?.StartsWith(_temporary["served/"], StringComparison.Ordinal) == true);
}
