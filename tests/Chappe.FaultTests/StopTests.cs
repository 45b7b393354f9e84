using Chappe.Exchange;
using Chappe.Posix;

namespace Chappe.FaultTests;

/// <summary>
/// A process is stopped at a step, held, and continued: it is alive, so no process takes its place, and everything goes on. Each once quietly and once
/// with a stray post of both semaphores while it is held.
/// </summary>
public abstract class StopTests
{
    private static readonly TimeSpan Held = TimeSpan.FromMilliseconds(300);

    protected static TheoryData<string, bool> QuietlyAndWithPosts(params string[][] occasions)
    {
        var data = new TheoryData<string, bool>();
        foreach (string step in occasions.SelectMany(steps => steps))
        {
            data.Add(step, false);
            data.Add(step, true);
        }

        return data;
    }

    private protected static async Task HoldAsync(Scene scene, PeerProcess stopped, bool posts)
    {
        await stopped.StoppedAsync();
        if (posts)
        {
            Post(new ChannelName(scene.Channel).RequestSemaphore);
            Post(new ChannelName(scene.Channel).ResponseSemaphore);
        }

        await Task.Delay(Held, TestContext.Current.CancellationToken);
    }

    /// <summary>The ticket that stands in CTRL; 0 if there is no CTRL.</summary>
    private protected static ulong TicketOf(Scene scene)
    {
        if (!ControlSegment.TryOpen(new ChannelName(scene.Channel).ControlSegment, new SharedObjectOptions(), out ControlSegment? control))
        {
            return 0;
        }

        using (control)
        {
            return control.Page.Ticket;
        }
    }

    private protected static void AssertInUseBy(Scene scene, params PeerProcess[] requesters)
    {
        ChannelInUseException inUse = Assert.Throws<ChannelInUseException>(() => Requester.Create(scene.Channel).Dispose());
        Assert.Contains(inUse.ProcessId, requesters.Select(requester => (int?)requester.Id));
    }

    private static void Post(string semaphore)
    {
        if (NamedSemaphore.TryOpenExisting(semaphore, out NamedSemaphore? opened))
        {
            opened.Release();
            opened.Dispose();
        }
    }
}
