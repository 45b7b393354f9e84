using Chappe.Exchange;

namespace Chappe.FaultPeer;

/// <summary>A responder that answers on a thread of its own until it is closed, and says how it stands.</summary>
internal sealed class ResponderRole : IDisposable
{
    private readonly CancellationTokenSource _end = new();
    private readonly Thread _thread;
    private readonly string _channel;
    private readonly ResponderOptions _options;
    private readonly TimeSpan _slowness;
    private readonly bool _isVerbose;
    private readonly StreamedAnswer? _streamed;
    private bool _isStarved;

    internal ResponderRole(Words words)
    {
        _channel = words[0];
        _slowness = words.Milliseconds("slow", 0);
        _isVerbose = words.Has("verbose");
        _isStarved = words.Has("starved");
        _streamed = words.Has("stream") ? new StreamedAnswer(words) : null;
        _options = new ResponderOptions
        {
            Trust = words.Has("untrusted") ? PeerTrust.Untrusted : PeerTrust.Trusted,
            SpinBudget = words.SpinBudget,
            StateChanged = state => Output.Say($"state {state}"),
        };
        _thread = new Thread(Run) { IsBackground = true };
        _thread.Start();
    }

    /// <summary>Ends a pause in the middle of a streamed answer.</summary>
    internal void Go() => _streamed!.Go();

    internal void Close()
    {
        _end.Cancel();
        _thread.Join();
        Output.Say("closed");
    }

    public void Dispose()
    {
        _end.Dispose();
        _streamed?.Dispose();
    }

    private void Run()
    {
        try
        {
            using Responder responder = Responder.Open(_channel, _options, _end.Token);
            while (true)
            {
                try
                {
                    using Request request = responder.Receive(_end.Token);
                    Answer(request);
                }
                catch (ProtocolException exception)
                {
                    Output.SayError(exception, Output.Now);
                }
            }
        }
        catch (OperationCanceledException)
        {
            // It was closed.
        }
        catch (Exception exception)
        {
            Output.SayError(exception, Output.Now);
        }
    }

    private void Answer(Request request)
    {
        if (_isVerbose)
        {
            Output.Say($"in-hand {request.Name}");
        }

        if (_isStarved)
        {
            // Only once: what comes after must go well.
            _isStarved = false;
            AnswerStarved(request);
        }
        else if (_streamed is not null && request.MayStream)
        {
            _streamed.Send(request);
        }
        else
        {
            AnswerWhole(request);
        }

        if (_isVerbose)
        {
            Output.Say("served");
        }
    }

    private static void AnswerStarved(Request request)
    {
        try
        {
            StarvedAnswer.Send(request);
        }
        catch (OutOfMemoryException exception)
        {
            request.Fail(ResponseStatus.NoSpace, exception.Message);
        }
    }

    private void AnswerWhole(Request request)
    {
        try
        {
            ReadOnlySpan<byte> name = request.NameBytes;
            int length = Payload.LengthOf(name);
            int half = length / 16 * 8;
            Span<byte> payload = request.GetSpan(length);
            Payload.Fill(name, payload[..half], 0);
            Fault.Pass(Fault.PayloadHalfWritten);
            if (_slowness > TimeSpan.Zero)
            {
                Thread.Sleep(_slowness);
            }

            Payload.Fill(name, payload[half..], half);
            request.Complete(new ResponseHeader(length, 0, 0, 0), PayloadKind.File, "application/octet-stream");
        }
        catch (Posix.PosixException exception)
        {
            Output.SayError(exception, Output.Now);
            (ResponseStatus status, string message) = Failures.Describe(exception);
            request.Fail(status, message);
        }
    }
}
