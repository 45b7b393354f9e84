using System.Diagnostics.CodeAnalysis;
using Chappe.Posix;

namespace Chappe.Exchange;

/// <summary>The connection to a basic requester: two semaphores, HEAD and DATA, without a CTRL that a living requester owns.</summary>
internal sealed class BasicAttachment : Attachment
{
    /// <summary>A post was taken, but its request was not, because the segments did not exist yet.</summary>
    private bool _owesAnswer;

    private BasicAttachment(ChannelName channel, ResponderOptions options, Home home)
        : base(channel, options, home)
    {
    }

    internal override ExchangeLevel Level => ExchangeLevel.Basic;

    /// <summary>Attaches to the objects with the channel's names; null if one of them is missing.</summary>
    internal static BasicAttachment? Attach(ChannelName channel, ResponderOptions options) =>
        TryOpenHome(channel, options, out Home? home) ? new BasicAttachment(channel, options, home) : null;

    internal override bool FindRequest(Wake wake, TakenRequest request)
    {
        if (wake != Wake.Post && !_owesAnswer)
        {
            return false;
        }

        _owesAnswer = true;
        if (Home.Header.GetStatus().LinkCount == 0 && (HasExtendedRequester() || !TryReopen()))
        {
            return false;
        }

        _owesAnswer = false;
        request.Kind = RequestKind.Any;
        request.MayStream = false;
        return Home.Header.Length >= sizeof(ulong) && request.TryCopyName(Home, allowsNone: false, Options.Trust, LengthsMayHaveChanged());
    }

    /// <summary>Returns at once, because the semaphores of a basic channel spin themselves.</summary>
    internal override Wake? Spin(AdaptiveSpin spin, CancellationToken cancellationToken) => null;

    internal override bool IsStillValid() =>
        NamedSemaphore.TryGetStatus(Channel.RequestSemaphore, out FileStatus requests)
        && requests.Inode == Home.Requests.Status.Inode
        && (!SharedMemory.TryGetStatus(Channel.ControlSegment, out _) || Home.Header.GetStatus().LinkCount > 0);

    protected override bool NeedsCheck() => _owesAnswer || !IsStillValid();

    /// <summary>Always, because a basic peer may change the lengths at any time.</summary>
    internal override bool LengthsMayHaveChanged() => true;

    internal override void Complete(in Answer answer) => Post(HeaderWords.For(answer.Header));

    /// <summary>Sends an empty payload, because the basic level has no errors.</summary>
    internal override void Fail(ResponseStatus status, string message) => Post(default);

    private static bool TryOpenHome(ChannelName channel, ResponderOptions options, [NotNullWhen(true)] out Home? home) =>
        Home.TryOpen(channel, options.Access, options.MaxPayloadLength, options.SpinBudget, out home);

    /// <summary>A requester of the extended level is not answered at the basic level, because neither side would notice the other's death.</summary>
    private bool HasExtendedRequester()
    {
        if (!ControlSegment.TryOpen(Channel.ControlSegment, Options.Access, out ControlSegment? control))
        {
            return false;
        }

        using (control)
        {
            return control.IsRequesterAlive;
        }
    }

    /// <summary>Opens the new HEAD and DATA of a requester that was restarted and uses the same semaphores.</summary>
    private bool TryReopen()
    {
        if (!TryOpenHome(Channel, Options, out Home? home))
        {
            return false;
        }

        Home former = Home;
        Home = home;
        former.Dispose();
        return true;
    }

    private void Post(in HeaderWords words)
    {
        // A basic requester extends HEAD to 32 bytes before it reads it. Words written beyond the end of the file would be lost and read as 0.
        Home.Header.EnsureLength(HeaderWords.Size);
        Home.Words = words;
        FaultPoint.Pass(Step.HeaderWritten);
        Home.Responses.Release();
        FaultPoint.Pass(Step.ResponsePosted);
    }
}
