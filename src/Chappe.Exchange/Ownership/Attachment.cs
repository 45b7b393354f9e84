using System.Diagnostics.CodeAnalysis;
using Chappe.Posix;

namespace Chappe.Exchange;

/// <summary>What a responder is attached to: a home, and with a requester of the extended level CTRL and the lock on the responder's byte of it.</summary>
internal sealed class Attachment : IDisposable
{
    private readonly SegmentLock? _lock;

    private Attachment(Home home, ControlSegment? control, SegmentLock? responderLock, ulong generation, ulong incarnation)
    {
        Home = home;
        Control = control;
        Generation = generation;
        Incarnation = incarnation;
        _lock = responderLock;
    }

    /// <summary>Null at the basic level.</summary>
    internal ControlSegment? Control { get; }

    internal Home Home { get; private set; }

    internal ulong Generation { get; private set; }

    internal ulong Incarnation { get; }

    internal ExchangeLevel Level => Control is null ? ExchangeLevel.Basic : ExchangeLevel.Extended;

    /// <summary>Attaches to a requester of the basic level, whose semaphores and segments stand without a living CTRL.</summary>
    internal static Attachment? TryBasic(ChannelName channel, ResponderOptions options) =>
        Home.TryOpen(channel, options.Access, options.MaxPayloadLength, options.SpinBudget, out Home? home)
            ? new Attachment(home, null, null, 0, 0)
            : null;

    /// <summary>Attaches to the home that CTRL describes, with the responder's lock in hand. Both stay the caller's if this returns null.</summary>
    internal static Attachment? TryExtended(ChannelName channel, ResponderOptions options, ControlSegment control, SegmentLock responderLock, ulong incarnation)
    {
        if (!TryOpenHome(channel, options, control, out Home? home, out ulong generation))
        {
            return null;
        }

        FaultPoint.Pass(Step.AttachOpened);
        return new Attachment(home, control, responderLock, generation, incarnation);
    }

    /// <summary>
    /// Says who has the responder's lock, at once: until then whoever took the last ticket seems to be alive, and the requester waits for it.
    /// </summary>
    /// <returns>The fresh incarnation.</returns>
    internal static ulong Announce(ControlSegment control)
    {
        ulong incarnation = (ulong)Random.Shared.NextInt64(1, long.MaxValue);
        ref ControlPage page = ref control.Page;
        page.ResponderProcessId = (uint)Environment.ProcessId;
        FaultPoint.Pass(Step.AttachProcessWritten);
        Volatile.Write(ref page.Incarnation, incarnation);
        Interlocked.MemoryBarrier();
        FaultPoint.Pass(Step.AttachIncarnationWritten);
        return incarnation;
    }

    /// <summary>Follows the requester to its new home; false if that is not there yet.</summary>
    internal bool TryFollow(ChannelName channel, ResponderOptions options)
    {
        if (!TryOpenHome(channel, options, Control!, out Home? home, out ulong generation))
        {
            return false;
        }

        FaultPoint.Pass(Step.FollowOpened);
        Home.Dispose();
        Home = home;
        Generation = generation;
        return true;
    }

    /// <summary>At the basic level: opens HEAD and DATA anew after the requester was restarted with new ones and the same semaphores.</summary>
    internal bool TryReopen(ChannelName channel, ResponderOptions options)
    {
        if (!Home.TryOpen(channel, options.Access, options.MaxPayloadLength, options.SpinBudget, out Home? home))
        {
            return false;
        }

        Home.Dispose();
        Home = home;
        return true;
    }

    public void Dispose()
    {
        Home.Dispose();
        _lock?.Dispose();
        Control?.Dispose();
    }

    private static bool TryOpenHome(
        ChannelName channel,
        ResponderOptions options,
        ControlSegment control,
        [NotNullWhen(true)] out Home? home,
        out ulong generation)
    {
        home = null;
        generation = Volatile.Read(ref control.Page.Generation);
        if (generation == 0
            || !Home.TryOpen(channel, control.Page, options.Access, options.MaxPayloadLength, out home))
        {
            return false;
        }

        // The requester may have moved while this looked.
        if (Volatile.Read(ref control.Page.Generation) == generation)
        {
            return true;
        }

        home.Dispose();
        home = null;
        return false;
    }
}
