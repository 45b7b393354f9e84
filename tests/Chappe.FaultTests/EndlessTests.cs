using Chappe.Exchange;
using Chappe.FaultPeer;
using Chappe.Posix;

namespace Chappe.FaultTests;

/// <summary>A fault that comes again as soon as it is mended: each mending is right, and a request or a look must end all the same.</summary>
public sealed class EndlessTests
{
    [Fact]
    public async Task A_request_that_one_dead_responder_after_the_other_takes_ends_at_its_deadline()
    {
        using var scene = new Scene();
        PeerProcess requester = await scene.RequesterAsync();
        string error = await WhileAsync(scene, static (_, control) => control.Page.Taken = control.Page.Ticket, () => requester.AskAsync("ask wanted-5 timeout=500", "error TimeoutException"));
        Assert.NotEmpty(error);
        PeerProcess responder = await scene.ResponderAsync();
        await Scene.ExchangeHundredAsync(requester);
        await scene.EndAsync(requester, responder);
    }

    [Fact]
    public async Task A_request_whose_channel_is_unlinked_again_and_again_ends_at_its_deadline()
    {
        using var scene = new Scene();
        PeerProcess requester = await scene.RequesterAsync();
        await WhileAsync(scene, static (scene, _) => SharedMemory.Delete(new ChannelName(scene.Channel).HeaderSegment), () => requester.AskAsync("ask wanted-5 timeout=500", "error TimeoutException"));
        PeerProcess responder = scene.StartResponder();
        await Scene.ExchangeHundredAsync(requester);
        await scene.EndAsync(requester, responder);
    }

    [Fact]
    public async Task A_responder_whose_requester_changes_its_request_without_end_can_be_closed()
    {
        using var scene = new Scene();
        PeerProcess requester = await scene.RequesterAsync();
        PeerProcess responder = await scene.ResponderAsync();
        await WhileAsync(scene, static (_, control) => Volatile.Write(ref control.Page.Ticket, control.Page.Ticket + 1), async () =>
        {
            await Task.Delay(500, TestContext.Current.CancellationToken);
            responder.Tell("close");
            return await responder.HearPastErrorsAsync("closed");
        });
        PeerProcess next = await scene.ResponderAsync();
        await Scene.ExchangeHundredAsync(requester);
        await scene.EndAsync(requester, next);
    }

    /// <summary>Does one thing without end on a thread of its own while another happens.</summary>
    private static async Task<string> WhileAsync(Scene scene, Action<Scene, ControlSegment> nuisance, Func<Task<string>> other)
    {
        Assert.True(ControlSegment.TryOpen(new ChannelName(scene.Channel).ControlSegment, new SharedObjectOptions(), out ControlSegment? control));
        using (control)
        {
            bool isOver = false;
            var thread = new Thread(() =>
            {
                while (!Volatile.Read(ref isOver))
                {
                    nuisance(scene, control);
                }
            });
            thread.Start();
            try
            {
                long start = Output.Now;
                string said = await other();
                Scene.AssertLearned(start, Output.Now, "the end of what could have gone on for ever", Scene.BoundWithStart);
                return said;
            }
            finally
            {
                Volatile.Write(ref isOver, true);
                thread.Join();

                // A forged request must not stand beside the next real one.
                Volatile.Write(ref control.Page.Ticket, 0);
            }
        }
    }
}
