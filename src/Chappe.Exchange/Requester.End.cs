using System.Text;

namespace Chappe.Exchange;

/// <summary>The end of a request: its response and how long that is good for, or that it is given up and taken back.</summary>
public sealed partial class Requester
{
    /// <summary>A copy that is larger goes back to the system with its response.</summary>
    private const long LargestKeptBuffer = 64L << 20;

    private PrivateBuffer? _private;
    private ulong _responseTicket;

    internal AnswerCopy Answer => _answer;

    /// <summary>What the payload stands in: the segment, or for a peer that is not trusted a copy of it.</summary>
    internal object Payload => _private is not null ? _private : _owned.Home.Data;

    internal unsafe byte* PayloadPointer(long offset, long length) =>
        _private is not null ? _private.Pointer + offset : _owned.Home.Data.GetPointer(offset, length);

    internal bool IsCurrent(ulong ticket) => Volatile.Read(ref _responseTicket) == ticket;

    /// <summary>Ends the response's time, once however many copies of it are disposed.</summary>
    internal void Release(ulong ticket)
    {
        if (Interlocked.CompareExchange(ref _responseTicket, 0, ticket) == ticket)
        {
            try
            {
                if (_isStreaming && Volatile.Read(ref _isDisposed) == 0)
                {
                    // Not read to its end. The next request waits until the responder has written it.
                    Withdraw();
                }

                if (_private is { Capacity: > LargestKeptBuffer })
                {
                    _private.Dispose();
                    _private = null;
                }
            }
            finally
            {
                Volatile.Write(ref _occupation, Idle);
                _uses.Leave();
            }
        }
    }

    private Response Finish()
    {
        _answer.Check(_owned.Home, _options.MaxPayloadLength);
        if (_options.Trust == PeerTrust.Untrusted)
        {
            long length = _answer.Header.Length;
            _private = PrivateBuffer.WithRoom(_private, length);
            if (!_private.TryFill(_owned.Home.Data, length))
            {
                throw new ProtocolException($"The responder says {length:N0} bytes, but its data segment ends before.");
            }
        }

        _responseTicket = _ticket;
        Volatile.Write(ref _occupation, ResponseIsInUse);
        return new Response(this, _ticket);
    }

    /// <summary>Leaves the channel so that the next request can begin, whatever has happened to this one.</summary>
    private void GiveUp()
    {
        try
        {
            if ((_isAsked || _isStreaming) && Volatile.Read(ref _isDisposed) == 0)
            {
                Withdraw();
            }
        }
        finally
        {
            Volatile.Write(ref _occupation, Idle);
            _uses.Leave();
        }
    }

    /// <summary>
    /// Takes the request back. The barrier is one half of a pair: a responder writes taken and then reads the ticket again, so at least one of the two
    /// sees the other.
    /// </summary>
    private void Withdraw()
    {
        Volatile.Write(ref Page.Ticket, 0);
        Interlocked.MemoryBarrier();

        // Before anything can fail: a responder that took the request may still write to HEAD and DATA.
        _outstanding = IsTaken ? Outstanding.ExtendedAnswer : Outstanding.Nothing;
        Volatile.Write(ref _isStreaming, false);
        _isAsked = false;
        FaultPoint.Pass(Step.WithdrawTicketCleared);
        if (IsTaken || IsDone)
        {
            // The post that it did not need would bring a basic responder, which may come any time, to HEAD and DATA. Against a flood nothing helps: the next request says so.
            _ = Home.TryDrain(_owned.Home.Requests);
            _outstanding = IsDone ? Outstanding.Nothing : Outstanding.ExtendedAnswer;
        }
        else
        {
            // A responder of the extended level that has the token, or will, finds no ticket.
            _outstanding = _owned.Home.Requests.TryWait() || _owned.Control.IsResponderAlive ? Outstanding.Nothing : Outstanding.BasicAnswer;
            _lastWasExtended = false;
        }

        if (_outstanding == Outstanding.Nothing)
        {
            Page.Pending = 0;
            FaultPoint.Pass(Step.WithdrawPendingCleared);
        }
    }

    private void ReHome()
    {
        _owned.ReHome();
        _outstanding = Outstanding.Nothing;
        _lastWasExtended = false;
    }

    private string NameText => _request.Kind == RequestKind.List ? "(the list)" : Encoding.UTF8.GetString(_name, 0, _nameLength);

    private Exception NeverAsked()
    {
        if (_outstanding != Outstanding.Nothing)
        {
            string who = _outstanding == Outstanding.ExtendedAnswer ? $"The responder{ControlSegment.WithProcessId(_owned.Control.TakerProcessId)}" : "A responder";
            return new TimeoutException($"{who} still works on an earlier request on the channel '{Channel}', so '{NameText}' could not be asked. Requester.Reset() goes on without it.");
        }

        return new RequestFailedException(
            ResponseStatus.Unsupported,
            $"No responder that can list its names is attached to the channel '{Channel}'. If one of the basic level is, name the files.");
    }

    private TimeoutException NotAnswered()
    {
        string why = IsTaken
            ? $"the responder{ControlSegment.WithProcessId(_owned.Control.TakerProcessId)} has taken it and not answered"
            : _owned.Control.IsResponderAlive
                ? "the responder that is attached has not taken it"
                : "no responder is attached (or one of the basic level has not answered)";
        return new TimeoutException($"No answer to '{NameText}' on the channel '{Channel}' in time: {why}.");
    }
}
