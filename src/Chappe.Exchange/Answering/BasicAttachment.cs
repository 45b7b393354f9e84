using System.Diagnostics.CodeAnalysis;
using Chappe.Posix;

namespace Chappe.Exchange;

/// <summary>A channel of a basic requester: two semaphores, HEAD and DATA, and no CTRL that anyone owns.</summary>
internal sealed class BasicAttachment : Attachment
{
    /// <summary>A post was taken whose request is not answered, since the segments were not there yet.</summary>
    private bool _owesAnswer;

    private BasicAttachment(ChannelName channel, ResponderOptions options, Home home)
        : base(channel, options, home)
    {
    }

    internal override ExchangeLevel Level => ExchangeLevel.Basic;

    /// <summary>Attaches to what is under the channel's names; null if one of them is missing.</summary>
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

    /// <summary>The semaphores of a basic channel spin by themselves.</summary>
    internal override Wake? Spin(AdaptiveSpin spin, CancellationToken cancellationToken) => null;

    internal override bool IsStillValid() =>
        NamedSemaphore.TryGetStatus(Channel.RequestSemaphore, out FileStatus requests)
        && requests.Inode == Home.Requests.Status.Inode
        && (!SharedMemory.TryGetStatus(Channel.ControlSegment, out _) || Home.Header.GetStatus().LinkCount > 0);

    protected override bool NeedsCheck() => _owesAnswer || !IsStillValid();

    /// <summary>Both sides of the basic level set lengths as they like.</summary>
    internal override bool LengthsMayHaveChanged() => true;

    internal override void Complete(in Answer answer) => Post(HeaderWords.For(answer.Header));

    /// <summary>The basic level has no errors: an empty payload is the nearest.</summary>
    internal override void Fail(ResponseStatus status, string message) => Post(default);

    private static bool TryOpenHome(ChannelName channel, ResponderOptions options, [NotNullWhen(true)] out Home? home) =>
        Home.TryOpen(channel, options.Access, options.MaxPayloadLength, options.SpinBudget, out home);

    /// <summary>A home of the extended level is not answered at the basic one: neither side would learn of the other's death.</summary>
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

    /// <summary>Opens HEAD and DATA again after the requester was restarted with new ones and the same semaphores.</summary>
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
        // A basic requester makes HEAD 32 bytes long before it reads. What lies beyond the end by then would read as zeroes.
        Home.Header.EnsureLength(HeaderWords.Size);
        Home.Words = words;
        FaultPoint.Pass(Step.HeaderWritten);
        Home.Responses.Release();
        FaultPoint.Pass(Step.ResponsePosted);
    }
}
