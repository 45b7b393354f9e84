using System.Net.Sockets;
using System.Text;
using Microsoft.Win32.SafeHandles;

namespace Chappe.Posix.Tests;

/// <summary>Each with the kernel's openat2 and without: what is outside stays out both ways.</summary>
public sealed class ConfinedDirectoryTests : IDisposable
{
    private readonly DirectoryInfo _all = Directory.CreateTempSubdirectory("chappe-posix-tests-");
    private readonly string _root;

    public ConfinedDirectoryTests()
    {
        _root = Path.Combine(_all.FullName, "root");
        Directory.CreateDirectory(Path.Combine(_root, "sub", "deep"));
        Directory.CreateDirectory(Path.Combine(_all.FullName, "outside"));
        File.WriteAllText(Path.Combine(_root, "apple.txt"), "apple");
        File.WriteAllText(Path.Combine(_root, "sub", "deep", "pear.txt"), "pear");
        File.WriteAllText(Path.Combine(_all.FullName, "outside", "secret.txt"), "secret");
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void A_file_below_is_opened_with_its_status(bool usesKernel)
    {
        using ConfinedDirectory directory = Open(usesKernel);
        using SafeFileHandle file = directory.OpenFile("apple.txt", out FileStatus status);
        Assert.Equal(5, status.Length);
        Assert.True(status.IsRegularFile);
        Assert.Equal("apple", ReadAll(file));
        Assert.Equal("pear", Read(directory, "sub/deep/pear.txt"));
        Assert.Equal("pear", Read(directory, "./sub//deep/./pear.txt"));
        Assert.Equal(_root, directory.Path);
    }

    [Theory]
    [InlineData("..", true)]
    [InlineData("..", false)]
    [InlineData("../outside/secret.txt", true)]
    [InlineData("../outside/secret.txt", false)]
    [InlineData("sub/../apple.txt", true)]
    [InlineData("sub/../apple.txt", false)]
    [InlineData("sub/deep/../../../outside/secret.txt", true)]
    [InlineData("sub/deep/../../../outside/secret.txt", false)]
    [InlineData("/etc/passwd", true)]
    [InlineData("/etc/passwd", false)]
    [InlineData("/", true)]
    [InlineData("/", false)]
    public void A_name_that_leads_out_or_up_is_refused(string name, bool usesKernel) =>
        AssertRefused(PosixError.OutsideDirectory, name, usesKernel);

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void A_symbolic_link_that_leads_out_is_refused(bool usesKernel)
    {
        Link("link.txt", "../outside/secret.txt");
        Link("absolute.txt", Path.Combine(_all.FullName, "outside/secret.txt"));
        Link("absolute-inside.txt", Path.Combine(_root, "apple.txt"));
        Link("directory", "../outside");
        Link("sub/up.txt", "../../outside/secret.txt");
        Link("process.txt", "/proc/self/root/etc/passwd");
        foreach (string name in new[] { "link.txt", "absolute.txt", "absolute-inside.txt", "directory/secret.txt", "sub/up.txt", "process.txt" })
        {
            AssertRefused(PosixError.OutsideDirectory, name, usesKernel);
        }
    }

    [Fact]
    public void A_symbolic_link_that_stays_below_is_followed_by_the_kernel_and_refused_without_it()
    {
        Link("link.txt", "sub/deep/pear.txt");
        Link("sub/up.txt", "../apple.txt");
        Link("directory", "sub/deep");
        using ConfinedDirectory directory = Open(usesKernel: true);
        Assert.Equal("pear", Read(directory, "link.txt"));
        Assert.Equal("apple", Read(directory, "sub/up.txt"));
        Assert.Equal("pear", Read(directory, "directory/pear.txt"));
        AssertRefused(PosixError.OutsideDirectory, "link.txt", usesKernel: false);
        AssertRefused(PosixError.OutsideDirectory, "sub/up.txt", usesKernel: false);
        AssertRefused(PosixError.OutsideDirectory, "directory/pear.txt", usesKernel: false);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void A_symbolic_link_in_a_circle_or_to_nothing_is_an_error(bool usesKernel)
    {
        Link("circle", "circle");
        Link("nothing", "missing.txt");
        AssertRefused(PosixError.OutsideDirectory, "circle", usesKernel);
        AssertRefused(usesKernel ? PosixError.NotFound : PosixError.OutsideDirectory, "nothing", usesKernel);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void What_is_no_regular_file_is_refused_without_blocking(bool usesKernel)
    {
        Assert.Equal(0, Machine.MakeFifo(Path.Combine(_root, "fifo"), 0x180));
        using var socket = new Socket(AddressFamily.Unix, SocketType.Stream, 0);
        socket.Bind(new UnixDomainSocketEndPoint(Path.Combine(_root, "socket")));
        AssertRefused(PosixError.InvalidObject, "fifo", usesKernel);
        AssertRefused(PosixError.InvalidObject, "socket", usesKernel);
        AssertRefused(PosixError.InvalidObject, "sub", usesKernel);
        AssertRefused(PosixError.InvalidObject, "sub/", usesKernel);
        AssertRefused(PosixError.InvalidObject, ".", usesKernel);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void What_is_not_there_is_not_found(bool usesKernel)
    {
        AssertRefused(PosixError.NotFound, "missing.txt", usesKernel);
        AssertRefused(PosixError.NotFound, "missing/apple.txt", usesKernel);
        AssertRefused(PosixError.NotFound, "apple.txt/", usesKernel);
        AssertRefused(PosixError.NotFound, "apple.txt/more", usesKernel);
        AssertRefused(PosixError.NotFound, "a\0b", usesKernel);
        AssertRefused(PosixError.NotFound, "apple.txt\0.png", usesKernel);
        AssertRefused(PosixError.NotFound, new string('x', 300), usesKernel);
        AssertRefused(PosixError.NotFound, new string('x', 5000), usesKernel);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void A_message_holds_no_path_outside_the_directory(bool usesKernel)
    {
        Link("link.txt", Path.Combine(_all.FullName, "outside/secret.txt"));
        using ConfinedDirectory directory = Open(usesKernel);
        foreach (string name in new[] { "link.txt", "missing.txt", "sub", "../x" })
        {
            var exception = Assert.Throws<PosixException>(() => directory.OpenFile(name, out _));
            Assert.DoesNotContain(_all.FullName, exception.Message, StringComparison.Ordinal);
            Assert.Equal(name, exception.ObjectName);
        }
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_file_that_may_not_be_read_is_told_apart(bool usesKernel)
    {
        string file = Path.Combine(_root, "forbidden.txt");
        File.WriteAllText(file, "forbidden");
        File.SetUnixFileMode(file, UnixFileMode.None);
        _all.UnixFileMode |= UnixFileMode.OtherExecute | UnixFileMode.OtherRead;
        using PeerProcess peer = await PeerProcess.StartAsync(asAnotherUser: true);
        Assert.StartsWith("! SharedObjectAccessException", await peer.AskAsync($"read {_root} {usesKernel} forbidden.txt"), StringComparison.Ordinal);
        Assert.Equal("apple", await peer.AskAsync($"read {_root} {usesKernel} apple.txt"));
    }

    [Fact]
    public void It_stays_the_same_directory_whatever_happens_to_its_name()
    {
        using ConfinedDirectory directory = Open(usesKernel: true);
        Directory.Move(_root, _root + "-moved");
        Directory.CreateDirectory(_root);
        File.WriteAllText(Path.Combine(_root, "apple.txt"), "another");
        Assert.Equal("apple", Read(directory, "apple.txt"));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void The_files_that_are_named_are_those_that_can_be_opened(bool usesKernel)
    {
        Link("inside.txt", "sub/deep/pear.txt");
        Link("outside.txt", "../outside/secret.txt");
        Link("directory", "sub");
        Link("dangling", "missing.txt");
        Assert.Equal(0, Machine.MakeFifo(Path.Combine(_root, "fifo"), 0x180));
        File.WriteAllText(Path.Combine(_root, ".hidden"), "");
        File.WriteAllText(Path.Combine(_root, "信号.txt"), "");
        using ConfinedDirectory directory = Open(usesKernel);
        string[] links = usesKernel ? ["inside.txt"] : [];
        string[] expected = [".hidden", "apple.txt", "信号.txt", .. links];
        Assert.Equal(expected.Order(StringComparer.Ordinal), directory.EnumerateFiles().Order(StringComparer.Ordinal));
        Assert.Equal(["pear.txt"], directory.EnumerateFiles("sub/deep"));
        Assert.Empty(directory.EnumerateFiles("sub"));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void A_directory_outside_is_not_listed(bool usesKernel)
    {
        Link("out", "../outside");
        using ConfinedDirectory directory = Open(usesKernel);
        foreach (string name in new[] { "..", "/", "../outside", "out" })
        {
            Assert.Equal(PosixError.OutsideDirectory, Assert.Throws<PosixException>(() => directory.EnumerateFiles(name)).Error);
        }

        Assert.Equal(PosixError.NotFound, Assert.Throws<PosixException>(() => directory.EnumerateFiles("missing")).Error);
        Assert.Equal(PosixError.NotFound, Assert.Throws<PosixException>(() => directory.EnumerateFiles("apple.txt")).Error);
    }

    [Fact]
    public async Task A_name_that_is_not_valid_UTF8_is_not_listed()
    {
        using PeerProcess peer = await PeerProcess.StartCAsync();
        Assert.Equal("0", await peer.AskAsync($"touch_latin1 {_root}"));
        Assert.Equal(2, Directory.GetFiles(_root).Length);
        using ConfinedDirectory directory = Open(usesKernel: true);
        Assert.Equal(["apple.txt"], directory.EnumerateFiles());

        // .NET cannot delete it either.
        Assert.Equal("0", await peer.AskAsync($"remove_latin1 {_root}"));
    }

    [Fact]
    public void A_root_that_is_missing_or_a_file_is_not_found()
    {
        Assert.Equal(PosixError.NotFound, Assert.Throws<PosixException>(() => new ConfinedDirectory(Path.Combine(_root, "missing"))).Error);
        Assert.Equal(PosixError.NotFound, Assert.Throws<PosixException>(() => new ConfinedDirectory(Path.Combine(_root, "apple.txt"))).Error);
        Assert.Throws<ArgumentException>(() => new ConfinedDirectory(""));
    }

    [Fact]
    public void After_dispose_it_says_so()
    {
        ConfinedDirectory directory = Open(usesKernel: true);
        directory.Dispose();
        Assert.Throws<ObjectDisposedException>(() => directory.OpenFile("apple.txt", out _));
        Assert.Throws<ObjectDisposedException>(() => directory.EnumerateFiles());
    }

    public void Dispose() => _all.Delete(recursive: true);

    private ConfinedDirectory Open(bool usesKernel) => new(_root) { UsesKernel = usesKernel };

    private void Link(string name, string target) => File.CreateSymbolicLink(Path.Combine(_root, name), target);

    private void AssertRefused(PosixError error, string name, bool usesKernel)
    {
        using ConfinedDirectory directory = Open(usesKernel);
        Assert.Equal(error, Assert.Throws<PosixException>(() => directory.OpenFile(name, out _)).Error);
    }

    private static string Read(ConfinedDirectory directory, string name)
    {
        using SafeFileHandle file = directory.OpenFile(name, out _);
        return ReadAll(file);
    }

    private static string ReadAll(SafeFileHandle file)
    {
        byte[] bytes = new byte[100];
        return Encoding.UTF8.GetString(bytes, 0, RandomAccess.Read(file, bytes, 0));
    }
}
