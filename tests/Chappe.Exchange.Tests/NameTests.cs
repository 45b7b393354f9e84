using System.Text;
using Chappe.Exchange.Peer;

namespace Chappe.Exchange.Tests;

/// <summary>Names that a directory refuses: the requester gets the reason, and the responder serves the next request.</summary>
public sealed class NameTests : ExchangeTest
{
    private static readonly byte[] Apple = MadeUp.Bytes(5000, seed: 1);

    public NameTests() => Directory.Write("served/apple.jpg", Apple);

    [Fact]
    public async Task What_cannot_be_served_says_why_and_the_next_request_works()
    {
        Directory.Write("secret.txt", [1]);
        Directory.Write("served/pear.jpg", [2]);
        Directory.Write("served/pear.png", [3]);
        Directory.Write("served/folder/inside.txt", [4]);
        Directory.Write("served/folder/.hidden", [5]);
        File.CreateSymbolicLink(Directory["served/way out.txt"], Directory["secret.txt"]);
        File.CreateSymbolicLink(Directory["served/up"], Directory.Path);
        Assert.Equal(0, Machine.MakeFifo(Directory["served/pipe"], Convert.ToUInt32("600", 8)));

        await AssertEachFailsAsync(
            ("plum", ResponseStatus.NotFound, "'plum'"),
            ("folder/plum", ResponseStatus.NotFound, "'folder/plum'"),
            ("nowhere/plum", ResponseStatus.NotFound, "'nowhere/plum'"),
            ("apple.jpg/plum", ResponseStatus.NotFound, "'apple.jpg/plum'"),
            (new string('x', 4096), ResponseStatus.NotFound, "xxx"),
            ("../secret.txt", ResponseStatus.Forbidden, "outside the served directory"),
            ("folder/../../secret.txt", ResponseStatus.Forbidden, "outside the served directory"),
            ("..", ResponseStatus.Forbidden, "outside the served directory"),
            (Directory["secret.txt"], ResponseStatus.Forbidden, "outside the served directory"),
            ("way out.txt", ResponseStatus.Forbidden, "outside the served directory"),
            ("way out", ResponseStatus.NotFound, "'way out'"),
            ("up/secret.txt", ResponseStatus.Forbidden, "outside the served directory"),
            ("pipe", ResponseStatus.Forbidden, "not a regular file"),
            ("folder", ResponseStatus.Forbidden, "not a regular file"),
            ("folder/", ResponseStatus.Forbidden, "not a regular file"),
            (".", ResponseStatus.Forbidden, "not a regular file"),
            ("pear", ResponseStatus.Ambiguous, "pear.jpg, pear.png"),
            ("a\0b", ResponseStatus.InvalidName, "NUL"));
    }

    [Fact]
    public async Task A_name_that_is_not_UTF8_says_so_and_the_next_request_works()
    {
        Requester requester = Own();
        await ServeAsync(await StartPeerAsync());
        RequestFailedException failure = Assert.Throws<RequestFailedException>(() => requester.Request([0x61, 0xff, 0x62]));
        Assert.Equal(ResponseStatus.InvalidName, failure.Status);
        Assert.Contains("UTF-8", failure.Message, StringComparison.Ordinal);
        AssertApple(requester);
    }

    [Fact]
    public async Task A_file_that_may_not_be_read_is_forbidden()
    {
        Directory.Write("served/locked.bin", [1]);
        File.SetUnixFileMode(Directory["served/locked.bin"], UnixFileMode.None);
        await AssertEachFailsAsync(await StartPeerWithoutPrivilegesAsync(), ("locked.bin", ResponseStatus.Forbidden, "may not read"), ("locked", ResponseStatus.Forbidden, "may not read"));
    }

    [Fact]
    public async Task A_file_that_lost_its_permissions_since_the_last_request_is_forbidden_although_it_is_kept_open()
    {
        Directory.Write("served/once.bin", [1, 2, 3]);
        Requester requester = Own();
        await ServeAsync(await StartPeerWithoutPrivilegesAsync());
        AssertBytes(requester, "once.bin", [1, 2, 3]);
        File.SetUnixFileMode(Directory["served/once.bin"], UnixFileMode.None);
        Assert.Equal(ResponseStatus.Forbidden, Assert.Throws<RequestFailedException>(() => requester.Request("once.bin")).Status);
        File.SetUnixFileMode(Directory["served/once.bin"], UnixFileMode.UserRead);
        AssertBytes(requester, "once.bin", [1, 2, 3]);
    }

    [Fact]
    public async Task A_file_beyond_the_responders_maximum_is_too_large()
    {
        Directory.Write("served/large.bin", new byte[65537]);
        Directory.Write("served/just.bin", new byte[65536]);
        Requester requester = Own();
        await ServeAsync(await StartPeerAsync(), "max=65536");
        RequestFailedException failure = Assert.Throws<RequestFailedException>(() => requester.Request("large.bin"));
        Assert.Equal(ResponseStatus.TooLarge, failure.Status);
        Assert.Contains("65,536 (MaxPayloadLength)", failure.Message, StringComparison.Ordinal);
        using Response response = requester.Request("just.bin");
        Assert.Equal(65536, response.Length);
    }

    [Fact]
    public async Task A_file_is_found_by_its_name_before_its_stem_and_through_links_that_stay_inside()
    {
        Directory.Write("served/apple", [1]);
        Directory.Write("served/folder/plum.png", [2]);
        File.CreateSymbolicLink(Directory["served/link.txt"], "apple.jpg");
        File.CreateSymbolicLink(Directory["served/there"], "folder");
        Requester requester = Own();
        await ServeAsync(await StartPeerAsync());
        AssertBytes(requester, "apple", [1]);
        AssertBytes(requester, "folder/plum", [2]);
        AssertBytes(requester, "folder//plum.png", [2]);
        AssertBytes(requester, "./folder/./plum", [2]);
        AssertBytes(requester, "there/plum.png", [2]);
        AssertBytes(requester, "link.txt", Apple);
        AssertBytes(requester, "link", Apple);
    }

    [Fact]
    public async Task A_file_is_found_whatever_characters_its_name_is_made_of()
    {
        string[] names = ["with a space.png", "two\nlines.txt", "tab\t.bin", "日本語.jpg", "é (composed).jpg", "e\u0301 (decomposed).jpg", "🦩.webp", "-rf", "*", new string('n', 255)];
        foreach (string name in names)
        {
            Directory.Write($"served/{name}", Encoding.UTF8.GetBytes(name));
        }

        Requester requester = Own();
        await ServeAsync(await StartPeerAsync());
        Assert.All(names, name => AssertBytes(requester, name, Encoding.UTF8.GetBytes(name)));
    }

    [Fact]
    public void A_name_that_no_request_can_carry_is_an_argument_error()
    {
        Requester requester = Own();
        Assert.Throws<ArgumentException>(() => requester.Request(""));
        Assert.Throws<ArgumentException>(() => requester.Request([]));
        Assert.Throws<ArgumentException>(() => requester.Request(new string('x', 4097)));
        Assert.Throws<ArgumentException>(() => requester.Request(new byte[4097]));
        Assert.Throws<ArgumentException>(() => requester.Request("half a pair \ud83e"));
        Assert.Throws<ArgumentNullException>(() => requester.Request((string)null!));
        Assert.Throws<ArgumentOutOfRangeException>(() => requester.Request("apple", new RequestOptions { Timeout = TimeSpan.FromSeconds(-2) }));

        // None of them left the channel occupied.
        Assert.Throws<TimeoutException>(() => requester.Request("apple", new RequestOptions { Timeout = TimeSpan.Zero }));
    }

    private async Task AssertEachFailsAsync(params (string Name, ResponseStatus Status, string Message)[] cases) =>
        await AssertEachFailsAsync(await StartPeerAsync(), cases);

    private async Task AssertEachFailsAsync(ChappePeer responder, params (string Name, ResponseStatus Status, string Message)[] cases)
    {
        Requester requester = Own();
        await ServeAsync(responder);
        Assert.All(cases, expected =>
        {
            RequestFailedException failure = Assert.Throws<RequestFailedException>(() => requester.Request(expected.Name));
            Assert.Equal(expected.Status, failure.Status);
            Assert.Contains(expected.Message, failure.Message, StringComparison.Ordinal);
            AssertApple(requester);
        });
    }

    private async Task ServeAsync(ChappePeer responder, params string[] words)
    {
        responder.Tell(["serve", Channel, Directory["served"], .. words]);
        await responder.WaitForLineAsync("Attached");
    }

    private static void AssertApple(Requester requester) => AssertBytes(requester, "apple", Apple);

    private static void AssertBytes(Requester requester, string name, byte[] expected)
    {
        using Response response = requester.Request(name);
        Assert.Equal(expected, response.Span);
    }

    /// <summary>The superuser may read everything: as that, the peer runs without the capabilities to.</summary>
    private async Task<ChappePeer> StartPeerWithoutPrivilegesAsync()
    {
        if (!Environment.IsPrivilegedProcess)
        {
            return await StartPeerAsync();
        }

        Machine.Require(Machine.HasCommand("setpriv"), "Running as the superuser, and no setpriv to give its capabilities up");
        return await StartPeerAsync("setpriv", "--bounding-set=-dac_override,-dac_read_search");
    }
}
