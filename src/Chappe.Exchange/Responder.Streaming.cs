namespace Chappe.Exchange;

/// <summary>An answer whose payload the requester reads while the rest of it is still being written.</summary>
public sealed partial class Responder
{
    private bool _isStarted;
    private long _advanced;
    private ServedRequest _started;

    /// <summary>The requester's wish counts only where the payload is written in place.</summary>
    internal bool MayStream => _mayStream && _options.Trust == PeerTrust.Trusted;

    /// <summary>Says all there is to say but the payload, which follows.</summary>
    internal void Start(in ResponseHeader header, PayloadKind kind, string? mediaType, in PayloadDescription description)
    {
        if (!MayStream || _isStarted)
        {
            throw new InvalidOperationException(_isStarted
                ? "The answer is started already: say Advance and Complete."
                : "This request is answered in one piece (MayStream): fill the payload, then Complete.");
        }

        Attachment attachment = _attachment!;
        CheckAnswer(header, kind, mediaType, description);
        ref ControlPage page = ref attachment.Control!.Page;
        WriteAnswer(attachment, ref page, header, kind, mediaType, description);
        _isStarted = true;
        _started = new ServedRequest("", ResponseStatus.Ok, null, header, kind, mediaType, attachment.Level, default);
        page.Progress = 0;
        _advanced = 0;
        Volatile.Write(ref page.Started, _ticket);
        FaultPoint.Pass(Step.StartedWritten);
        attachment.Home.Responses.Release();
    }

    /// <returns>False if the requester has given the request up.</returns>
    internal bool Advance(long length)
    {
        Attachment attachment = Started();
        ref ControlPage page = ref attachment.Control!.Page;
        ArgumentOutOfRangeException.ThrowIfLessThan(length, _advanced);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(length, _started.Header.Length);
        _advanced = length;
        Volatile.Write(ref page.Progress, (ulong)length);
        FaultPoint.Pass(Step.ProgressWritten);

        // Whoever is blocked on this is woken; for whoever spins it is one instruction.
        attachment.Home.Responses.Release();
        return Volatile.Read(ref page.Ticket) == _ticket;
    }

    internal void CompleteStarted()
    {
        Attachment attachment = Started();
        Post(attachment, ref attachment.Control!.Page);
        End(_started);
    }

    /// <summary>The requester may be copying what was said at the start: of that nothing changes but the status.</summary>
    private void FailStarted(Attachment attachment, ref ControlPage page, ResponseStatus status, string message)
    {
        WriteMessage(ref page, message);
        Volatile.Write(ref page.Status, (uint)status);
        Post(attachment, ref page);
    }

    private Attachment Started() => _isStarted ? _attachment! : throw new InvalidOperationException("The answer is not started.");
}
