using System.Text.Json;

namespace Chappe.Tool.Tests;

/// <summary>Who may use a channel: --mode, --group, --owner, --untrusted.</summary>
public sealed class AccessTests : IDisposable
{
    private readonly TemporaryDirectory _directory = new();
    private readonly string _channel = Channel.NewName();

    public AccessTests()
    {
        Directory.CreateDirectory(_directory["served"]);
        File.WriteAllText(_directory["served/hello.txt"], "hello");
        File.SetUnixFileMode(_directory.Path, File.GetUnixFileMode(_directory.Path) | UnixFileMode.OtherRead | UnixFileMode.OtherExecute);
    }

    public void Dispose()
    {
        try
        {
            Channel.AssertNothingIsLeftOf(_channel);
        }
        finally
        {
            _directory.Dispose();
        }
    }

    [Theory]
    [InlineData("0600")]
    [InlineData("0660")]
    [InlineData("666")]
    public async Task All_objects_have_the_mode_that_was_asked_for_whatever_the_umask(string mode)
    {
        using ChappeProcess requester = ChappeProcess.StartThrough(Wrapper.WithUmask("077"), _directory.Path, "ask", "hello.txt", "-c", _channel, "--mode", mode);
        await requester.WaitForErrorsAsync("Waiting for a responder");

        Assert.Equal(Enumerable.Repeat(mode.PadLeft(4, '0'), 5), (await ObjectsAsync()).Select(item => item.GetProperty("mode").GetString()));
        await InterruptAsync(requester);
    }

    [Theory]
    [InlineData("12345")]
    [InlineData("daemon")]
    public async Task All_objects_have_the_group_that_was_asked_for(string group)
    {
        Assert.SkipUnless(Environment.IsPrivilegedProcess, "Only root can give a file to any group.");
        using ChappeProcess requester = Start("ask", "hello.txt", "--mode", "0660", "--group", group);
        await requester.WaitForErrorsAsync("Waiting for a responder");

        Assert.All(await ObjectsAsync(), item => Assert.Equal(group, item.GetProperty("group").GetString() ?? item.GetProperty("groupId").GetRawText()));
        await InterruptAsync(requester);
    }

    [Fact]
    public async Task A_group_that_this_user_may_not_give_is_said_and_nothing_is_left()
    {
        (int exitCode, _, string errors) = await ChappeProcess.RunThroughAsync(
            await Wrapper.AsAnotherUserAsync(), "/", "ask", "hello.txt", "-c", _channel, "--group", "0", "--out", "/tmp");

        Assert.Equal(3, exitCode);
        Assert.Contains("group 0", errors, StringComparison.Ordinal);
        Assert.DoesNotContain("--owner", errors, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Another_users_channel_is_refused_until_that_user_is_named()
    {
        string[] anotherUser = await Wrapper.AsAnotherUserAsync();
        using ChappeProcess requester = Start("ask", "hello.txt", "--mode", "0666");
        await requester.WaitForErrorsAsync("Waiting for a responder");

        (int refused, _, string why) = await ChappeProcess.RunThroughAsync(anotherUser, _directory.Path, "serve", "served", "-c", _channel);
        Assert.Equal(3, refused);
        Assert.Contains("user 0", why, StringComparison.Ordinal);
        Assert.Contains("--owner", why, StringComparison.Ordinal);

        using ChappeProcess responder = ChappeProcess.StartThrough(
            anotherUser, _directory.Path, "serve", "served", "-c", _channel, "--count", "1", "--owner", "daemon", "--owner", "root", "--untrusted");
        Assert.Equal(0, await responder.WaitForExitAsync());
        Assert.Equal(0, await requester.WaitForExitAsync());
        Assert.Equal("hello", File.ReadAllText(_directory["received/hello.txt"]));
    }

    [Fact]
    public async Task A_channel_that_the_mode_keeps_to_its_owner_lets_no_other_in_though_it_names_the_owner()
    {
        string[] anotherUser = await Wrapper.AsAnotherUserAsync();
        using ChappeProcess requester = Start("ask", "hello.txt");
        await requester.WaitForErrorsAsync("Waiting for a responder");

        (int refused, _, string why) = await ChappeProcess.RunThroughAsync(anotherUser, _directory.Path, "serve", "served", "-c", _channel, "--owner", "0");

        Assert.Equal(3, refused);
        Assert.Contains("Permission denied", why, StringComparison.Ordinal);
        await InterruptAsync(requester);
    }

    [Fact]
    public async Task Sides_that_trust_each_other_with_nothing_exchange_the_same_bytes()
    {
        byte[] large = new byte[3_000_001];
        new Random(5).NextBytes(large);
        File.WriteAllBytes(_directory["served/large.bin"], large);
        using ChappeProcess responder = Start("serve", "served", "--count", "2", "--untrusted");
        using ChappeProcess requester = Start("ask", "hello.txt", "large.bin", "--untrusted");

        Assert.Equal(0, await requester.WaitForExitAsync());
        Assert.Equal(0, await responder.WaitForExitAsync());
        Assert.Equal(large, File.ReadAllBytes(_directory["received/large.bin"]));
    }

    private ChappeProcess Start(params IEnumerable<string> arguments) => ChappeProcess.Start(_directory.Path, [.. arguments, "-c", _channel]);

    private async Task<JsonElement[]> ObjectsAsync()
    {
        (_, string output, _) = await ChappeProcess.RunAsync("/", "list", "--json");
        JsonElement channel = output.Split('\n', StringSplitOptions.RemoveEmptyEntries)
            .Select(line => JsonSerializer.Deserialize<JsonElement>(line))
            .Single(channel => channel.GetProperty("channel").GetString() == _channel);
        return [.. channel.GetProperty("objects").EnumerateArray()];
    }

    private static async Task InterruptAsync(ChappeProcess process)
    {
        process.Signal(ChappeProcess.Interrupt);
        Assert.Equal(130, await process.WaitForExitAsync());
    }
}
