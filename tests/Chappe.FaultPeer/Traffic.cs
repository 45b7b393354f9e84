using Chappe.Exchange;

namespace Chappe.FaultPeer;

/// <summary>Requests without end on a thread of their own, no name twice: a byte of another answer cannot be right.</summary>
internal sealed class Traffic
{
    private readonly Requester _requester;
    private readonly Thread _thread;
    private volatile bool _isToEnd;
    private long _right;

    internal Traffic(Requester requester)
    {
        _requester = requester;
        _thread = new Thread(Run) { IsBackground = true };
        _thread.Start();
    }

    /// <summary>Says how many answers were right once there is one more.</summary>
    internal void SayProgress()
    {
        long before = Interlocked.Read(ref _right);
        while (Interlocked.Read(ref _right) == before && _thread.IsAlive)
        {
            Thread.Sleep(1);
        }

        Output.Say($"progress {Interlocked.Read(ref _right)}");
    }

    internal void End()
    {
        _isToEnd = true;
        _thread.Join();
        Output.Say($"ended {_right}");
    }

    private void Run()
    {
        for (int i = 0; !_isToEnd; i++)
        {
            string name = Payload.NameOf($"storm.{Environment.ProcessId}", i);
            try
            {
                using Response response = _requester.Request(name, new RequestOptions { FailWhenPeerIsLost = i % 2 == 0 });
                if (!Payload.IsRight(name, response.Span))
                {
                    Output.Say($"wrong {name}");
                    return;
                }

                Interlocked.Increment(ref _right);
            }
            catch (PeerLostException)
            {
                // As it was asked to be told.
            }
            catch (Exception exception)
            {
                Output.SayError(exception, Output.Now);
                return;
            }
        }
    }
}
