using System.Text.Json;

namespace Chappe.Tool.Tests;

/// <summary>chappe list and chappe remove, beside requesters and responders that live, are killed, or were never there.</summary>
public sealed class OperatorTests : IDisposable
{
    private readonly TemporaryDirectory _directory = new();
    private readonly string _channel = Channel.NewName();

    public OperatorTests()
    {
        Directory.CreateDirectory(_directory["served"]);
        File.WriteAllText(_directory["served/hello.txt"], "hello");
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

    [Fact]
    public async Task Json_tells_of_each_channel_who_lives_and_what_stands()
    {
        using ChappeProcess responder = Start("serve", "served");
        await responder.WaitForErrorsAsync("Waiting for a requester");
        using ChappeProcess requester = Start("ask", "hello.txt", "--count", "1000000");
        await responder.WaitForErrorsAsync("Serving");

        JsonElement channel = await ListedAsync();

        Assert.Equal(
            ["channel", "level", "requester", "responder", "generation", "millisecondsSinceLastRequest", "requestPending", "objects", "remark"],
            channel.EnumerateObject().Select(property => property.Name));
        Assert.Equal("extended", channel.GetProperty("level").GetString());
        Assert.Equal($$"""{"state":"alive","processId":{{requester.Id}}}""", channel.GetProperty("requester").GetRawText());
        Assert.Equal($$"""{"state":"alive","processId":{{responder.Id}}}""", channel.GetProperty("responder").GetRawText());
        Assert.Equal(["req", "res", "head", "data", "ctrl"], channel.GetProperty("objects").EnumerateArray().Select(item => item.GetProperty("role").GetString()));
        JsonElement header = channel.GetProperty("objects")[2];
        Assert.Equal(
            ["role", "name", "bytes", "allocatedBytes", "ownerUserId", "owner", "groupId", "group", "mode", "count", "isRegularFile"],
            header.EnumerateObject().Select(property => property.Name));
        Assert.Equal($"/SEG_{_channel}_HEAD", header.GetProperty("name").GetString());
        Assert.Equal("0600", header.GetProperty("mode").GetString());
        Assert.Equal(32, header.GetProperty("bytes").GetInt64());

        await InterruptAsync(responder);
        await InterruptAsync(requester);
    }

    [Fact]
    public async Task People_see_columns_that_stand_below_each_other_and_no_escapes()
    {
        using ChappeProcess requester = Start("ask", "hello.txt");
        await requester.WaitForErrorsAsync("Waiting for a responder");

        (int exitCode, string output, _) = await ChappeProcess.RunAsync("/", "list", "--objects");

        Assert.Equal(0, exitCode);
        string[] lines = output.Split('\n');
        string row = Assert.Single(lines, line => line.StartsWith(_channel, StringComparison.Ordinal));
        Assert.Equal(lines[0].IndexOf("REQUESTER", StringComparison.Ordinal), row.IndexOf($"alive ({requester.Id})", StringComparison.Ordinal));
        Assert.Contains("yes", row, StringComparison.Ordinal);
        Assert.Contains(lines, line => line.StartsWith($"/SEG_{_channel}_CTRL ", StringComparison.Ordinal));
        Assert.DoesNotContain("\u001b", output, StringComparison.Ordinal);
        await InterruptAsync(requester);
    }

    [Fact]
    public async Task Listing_again_and_again_disturbs_no_exchange()
    {
        using ChappeProcess responder = Start("serve", "served");
        using ChappeProcess requester = Start("ask", "hello.txt", "--count", "1000000", "--json");
        await responder.WaitForErrorsAsync("Serving");

        for (int look = 0; look < 10; look++)
        {
            Assert.Equal("alive", (await ListedAsync()).GetProperty("requester").GetProperty("state").GetString());
        }

        await InterruptAsync(requester);
        await InterruptAsync(responder);
        Assert.All(requester.Exchanges, exchange => Assert.True(exchange.GetProperty("ok").GetBoolean()));
        Assert.True(requester.Exchanges.Count > 100, $"{requester.Exchanges.Count} exchanges");
    }

    [Fact]
    public async Task A_living_channel_is_refused_and_goes_on()
    {
        using ChappeProcess requester = Start("ask", "hello.txt");
        await requester.WaitForErrorsAsync("Waiting for a responder");

        (int exitCode, string output, string errors) = await RemoveAsync("--json");

        Assert.Equal(1, exitCode);
        Assert.Contains($"process {requester.Id}", errors, StringComparison.Ordinal);
        JsonElement removal = JsonSerializer.Deserialize<JsonElement>(output);
        Assert.Equal(["channel", "ok", "status", "removed", "left", "processId", "message"], removal.EnumerateObject().Select(property => property.Name));
        Assert.Equal("alive", removal.GetProperty("status").GetString());
        Assert.Equal(requester.Id, removal.GetProperty("processId").GetInt32());
        using ChappeProcess responder = Start("serve", "served", "--count", "1");
        Assert.Equal(0, await requester.WaitForExitAsync());
        Assert.Equal(0, await responder.WaitForExitAsync());
    }

    [Fact]
    public async Task A_killed_requesters_channel_is_shown_and_removed_and_its_responder_serves_the_next()
    {
        using ChappeProcess responder = Start("serve", "served");
        using (ChappeProcess killed = Start("ask", "hello.txt", "--count", "1000000"))
        {
            await responder.WaitForErrorsAsync("Serving");
            killed.Signal(ChappeProcess.Kill);
            await killed.WaitForExitAsync();
            Assert.Equal($$"""{"state":"gone","processId":{{killed.Id}}}""", (await ListedAsync()).GetProperty("requester").GetRawText());
        }

        Assert.Equal("alive", (await ListedAsync()).GetProperty("responder").GetProperty("state").GetString());
        Assert.Contains(_channel, Assert.Single((await DoctorAsync()), finding => finding.GetProperty("check").GetString() == "names").GetProperty("found").GetString(), StringComparison.Ordinal);

        (int exitCode, string output, string errors) = await RemoveAsync();

        Assert.Equal((0, ""), (exitCode, errors));
        Assert.Contains($"/SEG_{_channel}_CTRL", output, StringComparison.Ordinal);
        Channel.AssertNothingIsLeftOf(_channel);
        Assert.Equal((0, "hello"), (await Start("ask", "hello.txt").WaitForExitAsync(), File.ReadAllText(_directory["received/hello.txt"])));
        await InterruptAsync(responder);
    }

    [Fact]
    public async Task What_nobody_can_tell_to_be_dead_is_removed_only_by_force()
    {
        string[] files = [$"sem.SEM_{_channel}_REQ", $"sem.SEM_{_channel}_RES", $"SEG_{_channel}_HEAD", $"SEG_{_channel}_DATA"];
        foreach (string file in files)
        {
            File.WriteAllBytes($"/dev/shm/{file}", new byte[32]);
        }

        Assert.Equal("basic", (await ListedAsync()).GetProperty("level").GetString());
        (int refused, _, string why) = await RemoveAsync();
        Assert.Equal(1, refused);
        Assert.Contains("--force", why, StringComparison.Ordinal);
        Assert.All(files, file => Assert.True(File.Exists($"/dev/shm/{file}")));

        (int exitCode, string output, _) = await RemoveAsync("--force", "--json");

        Assert.Equal(0, exitCode);
        JsonElement removal = JsonSerializer.Deserialize<JsonElement>(output);
        Assert.Equal("removed", removal.GetProperty("status").GetString());
        Assert.Equal(4, removal.GetProperty("removed").GetArrayLength());
    }

    [Fact]
    public async Task A_channel_that_is_not_there_is_said_to_be_missing()
    {
        (int exitCode, string output, string errors) = await RemoveAsync("--force");

        Assert.Equal((1, ""), (exitCode, output));
        Assert.Contains($"There is no channel {_channel}", errors, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Where_there_are_no_channels_the_list_says_so()
    {
        (int exitCode, string output, string errors) = await ChappeProcess.RunThroughAsync(await Wrapper.WithSharedMemoryOfAsync("1m"), "/", "list");

        Assert.Equal((0, ""), (exitCode, output));
        Assert.Contains("There are no channels", errors, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Another_users_channel_is_shown_as_far_as_it_may_be_and_cannot_be_removed()
    {
        string[] anotherUser = await Wrapper.AsAnotherUserAsync();
        using ChappeProcess requester = Start("ask", "hello.txt");
        await requester.WaitForErrorsAsync("Waiting for a responder");
        requester.Signal(ChappeProcess.Kill);
        await requester.WaitForExitAsync();

        (int listed, string list, _) = await ChappeProcess.RunThroughAsync(anotherUser, "/", "list", "--json");
        (int removed, string removal, string errors) = await ChappeProcess.RunThroughAsync(anotherUser, "/", "remove", _channel, "--json", "--force");

        Assert.Equal((0, 1), (listed, removed));
        JsonElement channel = Assert.Single(Parse(list), channel => channel.GetProperty("channel").GetString() == _channel);
        Assert.Equal(("extended", "unknown"), (channel.GetProperty("level").GetString(), channel.GetProperty("requester").GetProperty("state").GetString()));
        Assert.Contains("user 0", channel.GetProperty("remark").GetString(), StringComparison.Ordinal);
        Assert.All(channel.GetProperty("objects").EnumerateArray(), item => Assert.Equal(JsonValueKind.Null, item.GetProperty("count").ValueKind));
        Assert.Equal("forbidden", Assert.Single(Parse(removal)).GetProperty("status").GetString());
        Assert.Contains("was not removed", errors, StringComparison.Ordinal);
        Assert.Equal(0, (await RemoveAsync()).ExitCode);
    }

    private ChappeProcess Start(params IEnumerable<string> arguments) => ChappeProcess.Start(_directory.Path, [.. arguments, "-c", _channel]);

    private Task<(int ExitCode, string Output, string Errors)> RemoveAsync(params IEnumerable<string> arguments) =>
        ChappeProcess.RunAsync("/", ["remove", _channel, .. arguments]);

    private async Task<JsonElement> ListedAsync()
    {
        (int exitCode, string output, _) = await ChappeProcess.RunAsync("/", "list", "--json");
        Assert.Equal(0, exitCode);
        return Assert.Single(Parse(output), channel => channel.GetProperty("channel").GetString() == _channel);
    }

    private static async Task<IReadOnlyList<JsonElement>> DoctorAsync() => Parse((await ChappeProcess.RunAsync("/", "doctor", "--json")).Output);

    private static IReadOnlyList<JsonElement> Parse(string output) =>
        [.. output.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => JsonSerializer.Deserialize<JsonElement>(line))];

    private static async Task InterruptAsync(ChappeProcess process)
    {
        process.Signal(ChappeProcess.Interrupt);
        Assert.Equal(130, await process.WaitForExitAsync());
    }
}
