using Chappe.Exchange.Peer;
using Chappe.Posix;

namespace Chappe.Exchange.Tests;

/// <summary>Who owns a channel: one requester at a time, and the next when it is gone, however it went.</summary>
public sealed class OwnershipTests : ExchangeTest
{
    [Fact]
    public async Task A_second_requester_is_refused_and_told_whose_the_channel_is()
    {
        ChappePeer owner = await StartRequesterAsync();
        ChannelInUseException refusal = Assert.Throws<ChannelInUseException>(() => Requester.Create(Channel));
        Assert.Equal(owner.Id, refusal.ProcessId);
        Assert.Contains($"{owner.Id}", refusal.Message, StringComparison.Ordinal);
        Assert.Throws<ChannelInUseException>(() => Requester.Create(Channel, new RequesterOptions { TakeOver = true }));

        // The first did not notice.
        await StartResponderAsync();
        owner.Tell("ask", "bytes 10 1");
        Assert.StartsWith("bytes 10 1\t10\t", await owner.ReadLineAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_channel_has_its_five_names_and_its_end_takes_them_away()
    {
        ChappePeer owner = await StartRequesterAsync();
        Assert.Equal([$"sem.SEM_{Channel}_REQ", $"sem.SEM_{Channel}_RES", $"SEG_{Channel}_CTRL", $"SEG_{Channel}_DATA", $"SEG_{Channel}_HEAD"], Names.Order(StringComparer.OrdinalIgnoreCase).OrderByDescending(name => name.StartsWith("sem.", StringComparison.Ordinal)));
        await owner.EndAsync();
        Assert.Empty(Names);
    }

    [Fact]
    public async Task A_responder_waits_for_the_next_requester_when_the_first_ends()
    {
        ChappePeer first = await StartRequesterAsync();
        ChappePeer responder = await StartResponderAsync();
        await first.EndAsync();
        await responder.WaitForLineAsync("WaitingForRequester");
        AssertAsks(Own());
        await responder.WaitForLineAsync("Attached");
    }

    [Fact]
    public async Task The_next_requester_adopts_the_channel_of_one_that_was_killed_with_its_responder()
    {
        ChappePeer first = await StartRequesterAsync();
        ChappePeer responder = await StartResponderAsync();
        first.Tell("ask", "bytes 10 1");
        Assert.StartsWith("bytes 10 1\t10\t", await first.ReadLineAsync(), StringComparison.Ordinal);
        await first.KillAsync();
        string[] before = Names;
        Assert.Equal(5, before.Length);

        Requester next = Own();
        Assert.Equal(before, Names);
        Assert.True(next.IsResponderAttached);
        AssertAsks(next);
        Assert.Equal("served\tbytes 10 1\tOk", await responder.ReadLineAsync());
        Assert.Equal("served\tbytes 100000 70\tOk", await responder.ReadLineAsync());
    }

    [Fact]
    public async Task A_requester_that_was_killed_in_mid_request_is_followed_by_one_that_gets_its_own_answers()
    {
        ChappePeer first = await StartRequesterAsync();
        ChappePeer responder = await StartResponderAsync();
        first.Tell("ask", "hold 10 1");
        await responder.WaitForLineAsync("holding");
        await first.KillAsync();

        Requester next = Own();
        Assert.Throws<TimeoutException>(() => next.Request("bytes 10 2", new RequestOptions { Timeout = TimeSpan.FromMilliseconds(200) }));
        ValueTask<Response> waiting = next.RequestAsync("bytes 10 3");
        responder.Tell("go");
        using (Response response = await waiting)
        {
            Assert.Equal(MadeUp.Bytes(10, 3), response.Span);
        }

        AssertAsks(next);
    }

    [Fact]
    public async Task What_a_killed_requester_asked_and_nobody_took_is_forgotten()
    {
        ChappePeer first = await StartRequesterAsync();
        first.Tell("ask", "bytes 10 1");
        await WaitUntilAskedAsync();
        await first.KillAsync();

        Requester next = Own();
        ChappePeer responder = await StartResponderAsync();
        AssertAsks(next);
        Assert.Equal("served\tbytes 100000 70\tOk", await responder.ReadLineAsync());
    }

    [Fact]
    public async Task Requesters_that_are_killed_again_and_again_leave_one_responder_serving_and_nothing_behind()
    {
        ChappePeer responder = await StartPeerAsync();
        responder.Tell("make", Channel);
        for (int i = 0; i < 3; i++)
        {
            ChappePeer requester = await StartRequesterAsync();
            requester.Tell("ask", $"bytes 10 {i}", "hold 1 1");
            Assert.StartsWith($"bytes 10 {i}\t10\t", await requester.ReadLineAsync(), StringComparison.Ordinal);
            await responder.WaitForLineAsync("holding");
            await requester.KillAsync();
            responder.Tell("go");
            await responder.WaitForLineAsync("served\thold 1 1\tOk");
        }

        AssertAsks(Own());
    }

    [Fact]
    public async Task What_a_killed_basic_requester_left_is_refused_with_the_remedies_and_can_be_taken_over()
    {
        BasicPeer basic = StartBasic("server", "anything");
        await WaitForNameAsync("_HEAD");
        await basic.KillAsync();

        ChannelInUseException refusal = Assert.Throws<ChannelInUseException>(() => Requester.Create(Channel));
        Assert.Null(refusal.ProcessId);
        Assert.Contains($"chappe remove {Channel}", refusal.Message, StringComparison.Ordinal);
        Assert.Contains("--takeover", refusal.Message, StringComparison.Ordinal);
        Assert.DoesNotContain(Names, name => name.EndsWith("_CTRL", StringComparison.Ordinal));

        Requester requester = Own(new RequesterOptions { Timeout = ChildProcess.Patience, TakeOver = true });
        await StartResponderAsync();
        AssertAsks(requester);
    }

    [Fact]
    public async Task A_requester_on_names_of_its_own_choosing_is_found_by_them()
    {
        var names = new ChannelName(Channel)
        {
            RequestSemaphore = $"/{Channel}-a",
            ResponseSemaphore = $"/{Channel}-b",
            HeaderSegment = $"/{Channel}-c",
            DataSegment = $"/{Channel}-d",
        };
        Directory.Write("a", [1]);
        Requester requester = Keep(Requester.Create(names));
        BasicPeer responder = StartBasic("client", "--sem-req", names.RequestSemaphore, "--sem-res", names.ResponseSemaphore, "--head", names.HeaderSegment, "--data", names.DataSegment, "--count", "1", Directory.Path);
        using (Response response = requester.Request("a"))
        {
            Assert.Equal((byte[])[1], response.Span);
        }

        Assert.Equal(0, await responder.WaitForExitAsync());
    }

    [Theory]
    [InlineData("_HEAD")]
    [InlineData("_DATA")]
    [InlineData("_REQ")]
    [InlineData("_RES")]
    [InlineData("_CTRL")]
    [InlineData("_HEAD", "_DATA", "_REQ", "_RES")]
    [InlineData("_HEAD", "_DATA", "_REQ", "_RES", "_CTRL")]
    public async Task Names_that_are_removed_under_a_living_requester_are_made_again(params string[] removed)
    {
        Requester requester = Own();
        ChappePeer responder = await StartResponderAsync();
        AssertAsks(requester);
        Remove(removed);

        // The responder that is attached goes on with what it has open, or attaches anew.
        AssertAsks(requester);

        // The next one has to find them.
        await responder.KillAsync();
        ChappePeer next = await StartPeerAsync();
        next.Tell("make", Channel);
        if (AssertAsks(requester) == ExchangeLevel.Basic)
        {
            // It found all but CTRL, and so was of the basic level for one answer: before the next request the names are looked at.
            Assert.Equal(["_CTRL"], removed);
            Assert.Equal(ExchangeLevel.Extended, AssertAsks(requester));
        }

        Assert.Equal(5, Names.Length);
    }

    [Fact]
    public async Task Names_that_a_basic_responder_takes_away_on_its_way_out_are_made_again()
    {
        Directory.Write("a", [1]);
        Requester requester = Own();
        for (int i = 0; i < 3; i++)
        {
            BasicPeer responder = StartBasic("client", "--count", "2", Directory.Path);
            AssertAsksForA(requester);
            AssertAsksForA(requester);
            Assert.Equal(0, await responder.WaitForExitAsync());
            Assert.Single(Names);
        }

        // One that comes now finds no home: it attaches with the request that makes it anew.
        ChappePeer next = await StartPeerAsync();
        next.Tell("serve", Channel, Directory.Path);
        AssertAsksForA(requester);
        Assert.Equal(5, Names.Length);
    }

    [Fact]
    public async Task A_name_that_another_program_has_taken_meanwhile_is_left_to_it()
    {
        Requester requester = Own();
        Remove("_HEAD", "_DATA", "_REQ", "_RES");
        string head = $"/dev/shm/SEG_{Channel}_HEAD";
        await File.WriteAllTextAsync(head, "somebody else's");
        Assert.Throws<ChannelInUseException>(() => requester.Request("a"));
        Assert.Equal("somebody else's", await File.ReadAllTextAsync(head));

        // And when it has gone, the channel goes on.
        File.Delete(head);
        Task<Response> waiting = requester.RequestAsync("bytes 10 1").AsTask();
        await StartResponderAsync();
        using Response response = await waiting;
        Assert.Equal(MadeUp.Bytes(10, 1), response.Span);
    }

    [Fact]
    public async Task Reset_makes_a_new_home_and_the_responder_comes_along()
    {
        Requester requester = Own();
        await StartResponderAsync();
        AssertAsks(requester);
        for (int i = 0; i < 3; i++)
        {
            requester.Reset();
            AssertAsks(requester);
        }
    }

    [Fact]
    public async Task A_list_is_answered_though_a_peer_closed_the_channel_in_the_control_segment_before_a_responder_came()
    {
        Directory.Write("a", [1]);
        Requester requester = Own(new RequesterOptions { Timeout = TimeSpan.FromSeconds(10) });
        using (FileStream control = File.OpenWrite($"/dev/shm/SEG_{Channel}_CTRL"))
        {
            control.Position = ControlPage.StateOffset;
            control.Write(BitConverter.GetBytes(ChannelState.Closed));
        }

        Task<IReadOnlyList<string>> waiting = requester.ListAsync().AsTask();
        ChappePeer responder = await StartPeerAsync();
        responder.Tell("serve", Channel, Directory.Path);
        Assert.Equal(["a"], await waiting);
    }

    private static ExchangeLevel AssertAsks(Requester requester)
    {
        using Response response = requester.Request("bytes 100000 70");
        Assert.Equal(MadeUp.Bytes(100_000, 70), response.Span);
        return response.Level;
    }

    private static void AssertAsksForA(Requester requester)
    {
        using Response response = requester.Request("a");
        Assert.Equal((byte[])[1], response.Span);
    }

    private void Remove(params string[] ends)
    {
        foreach (string name in Names.Where(name => ends.Any(end => name.EndsWith(end, StringComparison.Ordinal))))
        {
            File.Delete(Path.Combine("/dev/shm", name));
        }
    }

    /// <summary>The request's post is there, and no responder takes it.</summary>
    private async Task WaitUntilAskedAsync()
    {
        using var patience = new CancellationTokenSource(ChildProcess.Patience);
        using NamedSemaphore requests = NamedSemaphore.OpenExisting($"/SEM_{Channel}_REQ");
        while (requests.CurrentCount == 0)
        {
            await Task.Delay(10, patience.Token);
        }
    }
}
