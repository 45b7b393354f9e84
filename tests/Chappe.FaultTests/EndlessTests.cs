using Chappe.Exchange;
using Chappe.FaultPeer;
using Chappe.Posix;

namespace Chappe.FaultTests;

/// <summary>A fault that comes again as soon as it is mended: each mending is right, and a request or a look must end all the same.</summary>
public sealed class EndlessTests
{
    [Fact]
    public async Task A_request_that_one_dead_client_after_the_other_takes_ends_at_its_deadline()
    {
        using var scene = new Scene();
        PeerProcess server = await scene.ServerAsync();
        string error = await WhileAsync(scene, static (_, control) => control.Page.Taken = control.Page.Ticket, () => server.AskAsync("ask wanted-5 timeout=500", "error TimeoutException"));
        Assert.NotEmpty(error);
        PeerProcess client = await scene.ClientAsync();
        await Scene.ExchangeHundredAsync(server);
        await scene.EndAsync(server, client);
    }

    [Fact]
    public async Task A_request_whose_channel_is_unlinked_again_and_again_ends_at_its_deadline()
    {
        using var scene = new Scene();
        PeerProcess server = await scene.ServerAsync();
        await WhileAsync(scene, static (scene, _) => SharedMemory.Delete(new ChannelName(scene.Channel).HeaderSegment), () => server.AskAsync("ask wanted-5 timeout=500", "error TimeoutException"));
        PeerProcess client = scene.StartClient();
        await Scene.ExchangeHundredAsync(server);
        await scene.EndAsync(server, client);
    }

    [Fact]
    public async Task A_client_whose_server_changes_its_request_without_end_can_be_closed()
    {
        using var scene = new Scene();
        PeerProcess server = await scene.ServerAsync();
        PeerProcess client = await scene.ClientAsync();
        await WhileAsync(scene, static (_, control) => Volatile.Write(ref control.Page.Ticket, control.Page.Ticket + 1), async () =>
        {
            await Task.Delay(500, TestContext.Current.CancellationToken);
            client.Tell("close");
            return await client.HearPastErrorsAsync("closed");
        });
        PeerProcess next = await scene.ClientAsync();
        await Scene.ExchangeHundredAsync(server);
        await scene.EndAsync(server, next);
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
