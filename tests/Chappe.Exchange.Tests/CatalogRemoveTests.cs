using Chappe.Posix;

namespace Chappe.Exchange.Tests;

public sealed class CatalogRemoveTests : CatalogTest
{
    [Fact]
    public void What_a_dead_requester_left_is_removed_whole()
    {
        LeaveADeadRequestersChannel();

        ChannelRemoval removal = ChannelCatalog.Remove(Channel);

        Assert.Equal(
            [Channel.RequestSemaphore, Channel.ResponseSemaphore, Channel.HeaderSegment, Channel.DataSegment, Channel.ControlSegment], removal.Removed);
        Assert.Empty(removal.Left);
        Assert.Empty(FilesLeft);
        Assert.Empty(ChannelCatalog.Remove(Channel).Removed);
    }

    [Theory]
    [InlineData(ChannelState.Building)]
    [InlineData(ChannelState.Closed)]
    public void Also_that_of_one_which_died_in_birth_or_on_its_way_out(uint state)
    {
        LeaveADeadRequestersChannel();
        using (SharedMemory control = SharedMemory.OpenExisting(Channel.ControlSegment))
        {
            control.Write(ControlPage.StateOffset, BitConverter.GetBytes(state));
        }

        Assert.Equal(5, ChannelCatalog.Remove(Channel).Removed.Count);
        Assert.Empty(FilesLeft);
    }

    [Fact]
    public async Task A_responder_that_lives_waits_for_the_next_requester_and_serves_it()
    {
        using var stop = new CancellationTokenSource();
        LeaveADeadRequestersChannel();
        Task responder = AnswerAsync(stop.Token);
        await UntilAsync(() => Listed.Responder.Liveness == PeerLiveness.Alive);

        Assert.Equal(5, ChannelCatalog.Remove(Channel).Removed.Count);

        using Requester requester = Requester.Create(Channel);
        using Response response = requester.Request("hello", stop.Token);
        Assert.Equal("hello"u8, response.Span);
        Assert.Equal(ExchangeLevel.Extended, response.Level);
        await stop.CancelAsync();
        await responder;
    }

    [Fact]
    public async Task A_living_requester_is_refused_with_its_process_and_not_disturbed()
    {
        using var stop = new CancellationTokenSource();
        using Requester requester = Requester.Create(Channel);

        Assert.Equal(Environment.ProcessId, Assert.Throws<ChannelInUseException>(() => ChannelCatalog.Remove(Channel)).ProcessId);

        Task responder = AnswerAsync(stop.Token);
        requester.Request("hello", stop.Token).Dispose();
        Assert.Equal(5, Listed.Objects.Count);
        await stop.CancelAsync();
        await responder;
    }

    [Fact]
    public async Task Forced_under_a_living_requester_its_channel_is_made_anew_with_the_next_request()
    {
        using var stop = new CancellationTokenSource();
        using (Requester requester = Requester.Create(Channel))
        {
            Task responder = AnswerAsync(stop.Token);
            requester.Request("before", stop.Token).Dispose();

            Assert.Equal(5, ChannelCatalog.Remove(Channel, force: true).Removed.Count);

            // A responder notices in the first silence of 50 ms.
            await UntilAsync(() =>
            {
                Thread.Sleep(100);
                using Response response = requester.Request("after", stop.Token);
                Assert.Equal("after"u8, response.Span);
                Assert.Equal(ExchangeLevel.Extended, response.Level);
                return ChannelCatalog.Find(Channel)?.Objects.Count == 5;
            });

            await stop.CancelAsync();
            await responder;
        }

        Assert.Empty(FilesLeft);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void What_cannot_be_known_to_be_dead_is_removed_only_by_force(bool withSegments)
    {
        if (withSegments)
        {
            MakeABasicChannel();
        }
        else
        {
            MakeSemaphores();
        }

        int objects = Listed.Objects.Count;

        Assert.Null(Assert.Throws<ChannelInUseException>(() => ChannelCatalog.Remove(Channel)).ProcessId);

        Assert.Equal(objects, FilesLeft.Count());
        Assert.Equal(objects, ChannelCatalog.Remove(Channel, force: true).Removed.Count);
        Assert.Empty(FilesLeft);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(100_000)]
    public void A_control_segment_that_is_none_is_removed_only_by_force(int length)
    {
        File.WriteAllBytes(PathOf(Channel.ControlSegment), new byte[length]);

        Assert.Contains("not the control segment", Assert.Throws<ChannelInUseException>(() => ChannelCatalog.Remove(Channel)).Message, StringComparison.Ordinal);

        Assert.Equal([Channel.ControlSegment], ChannelCatalog.Remove(Channel, force: true).Removed);
    }

    [Fact]
    public void What_the_dead_requester_did_not_make_is_left_and_said()
    {
        LeaveADeadRequestersChannel();
        SharedMemory.Delete(Channel.HeaderSegment);
        SharedMemory.Create(Channel.HeaderSegment, 8).Dispose();
        Assert.Contains(Channel.HeaderSegment, Listed.Remark, StringComparison.Ordinal);

        ChannelRemoval removal = ChannelCatalog.Remove(Channel);

        Assert.Equal(4, removal.Removed.Count);
        Assert.Equal([Channel.HeaderSegment], removal.Left);
        Assert.Equal([Channel.HeaderSegment], ChannelCatalog.Remove(Channel, force: true).Removed);
    }

    [Fact]
    public async Task A_requester_that_begins_meanwhile_has_its_channel_whole()
    {
        for (int round = 0; round < 200; round++)
        {
            LeaveADeadRequestersChannel();
            Task<bool> removing = Task.Run(
                () =>
                {
                    try
                    {
                        return ChannelCatalog.Remove(Channel).Removed.Count > 0;
                    }
                    catch (ChannelInUseException)
                    {
                        return false;
                    }
                },
                TestContext.Current.CancellationToken);
            using Requester requester = CreateUnlessRefused();
            await removing;

            Assert.Equal(5, FilesLeft.Count());
            Assert.Null(Listed.Remark);
        }
    }

    /// <summary>In the moment between the remover's lock and its word that the channel is closed, it passes for a living requester.</summary>
    private Requester CreateUnlessRefused()
    {
        while (true)
        {
            try
            {
                return Requester.Create(Channel);
            }
            catch (ChannelInUseException)
            {
                Thread.Yield();
            }
        }
    }
}
