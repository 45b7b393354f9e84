using Chappe.Exchange;

namespace Chappe.FaultPeer;

/// <summary>A responder under test on a thread of this process, and a requester that keeps to no protocol.</summary>
internal sealed class FuzzedResponder : IDisposable
{
    private readonly string _channel;
    private readonly int _seed;
    private readonly int _count;
    private readonly bool _isUntrusted;
    private readonly SortedDictionary<string, int> _outcomes = [];
    private readonly CancellationTokenSource _end = new();
    private Exception? _unexpected;

    internal FuzzedResponder(Words words)
    {
        _channel = words[0];
        _seed = words.Number("seed", 1);
        _count = words.Number("count", 1000);
        _isUntrusted = words.Has("untrusted");
    }

    internal void Run()
    {
        using Requester requester = Requester.Create(_channel, new RequesterOptions { MaxPayloadLength = 1 << 20 });
        var responder = new Thread(Serve);
        responder.Start();
        using (var hostility = new Hostility(_channel, _seed))
        {
            ControlPage healthy = hostility.Page;
            for (int i = 0; i < _count && responder.IsAlive; i++)
            {
                Exchange(hostility, healthy);
                if (i % 2_000 == 1_999)
                {
                    Output.Say($"at {i + 1}");
                }
            }

            Heal(hostility, healthy);
        }

        requester.Reset();
        Output.Say($"outcomes {string.Join(", ", _outcomes.Select(outcome => $"{outcome.Key} {outcome.Value}"))}");
        if (_unexpected is not null)
        {
            Output.SayError(_unexpected, Output.Now);
        }

        AfterHostility.ExchangeHundred(requester);
        _end.Cancel();
        responder.Join();
    }

    public void Dispose() => _end.Dispose();

    private void Serve()
    {
        var options = new ResponderOptions { MaxPayloadLength = 1 << 20, Trust = _isUntrusted ? PeerTrust.Untrusted : PeerTrust.Trusted };
        using Responder responder = Responder.Open(_channel, options, _end.Token);
        while (true)
        {
            try
            {
                using Request request = responder.Receive(_end.Token);
                Answer(request);
                Count("answered");
            }
            catch (OperationCanceledException)
            {
                return;
            }
            catch (Exception exception) when (exception is ProtocolException or RequestFailedException or Posix.SharedMemoryFullException)
            {
                Count(exception.GetType().Name);
            }
            catch (Exception exception)
            {
                _unexpected = exception;
                return;
            }
        }
    }

    private static void Answer(Request request)
    {
        ReadOnlySpan<byte> name = request.NameBytes;
        if (name.StartsWith("after."u8))
        {
            AfterHostility.Answer(request);
            return;
        }

        int length = name.IsEmpty ? 0 : name[0] * name.Length % 100_000;
        request.GetSpan(length).Fill(1);
        request.Complete(new ResponseHeader(length, 0, 0, 0));
    }

    private void Count(string outcome) => _outcomes[outcome] = _outcomes.GetValueOrDefault(outcome) + 1;

    private void Exchange(Hostility hostility, in ControlPage healthy)
    {
        Random random = hostility.Random;
        ref ControlPage page = ref hostility.Page;
        switch (random.Next(40))
        {
            case 0:
                hostility.Flood(hostility.Requests);
                break;
            case 1:
                hostility.Scribble(256, 1728);
                break;
            case 2:
                hostility.Scribble(0, 256);
                break;
            case 3:
                hostility.Words = hostility.AnyWords();
                break;
            case 4:
                hostility.TruncateHeader();
                break;
            case 5 when _isUntrusted:
                hostility.TruncateData();
                break;
            case 6:
            case 7:
                Heal(hostility, healthy);
                break;
        }

        int length = random.Next(40);
        hostility.WriteData(4096);
        hostility.Words = random.Next(4) == 0 ? hostility.AnyWords() : new HeaderWords { Bytes = (ulong)length };
        page.Wants = random.Next(10) == 0 ? (uint)hostility.Number() : (uint)random.Next(4);
        ulong ticket = random.Next(10) == 0 ? hostility.Number() : page.Ticket + 1;
        Volatile.Write(ref page.Ticket, ticket);
        if (random.Next(20) != 0)
        {
            hostility.Requests.Release();
        }

        if (random.Next(10) == 0)
        {
            // A change of mind, perhaps in mid-answer.
            Volatile.Write(ref page.Ticket, random.Next(2) == 0 ? 0 : hostility.Number());
        }

        hostility.Responses.Wait(TimeSpan.FromMilliseconds(2));
        if (!_isUntrusted && random.Next(40) == 0 && ticket != 0 && page.Ticket == ticket && Volatile.Read(ref page.Done) == ticket)
        {
            // Nothing is in the responder's hands, and nothing new is until long after the tick of the coarse clock.
            hostility.TruncateData();
            Hostility.WaitForTick();
        }
    }

    /// <summary>Puts the requester's lines back in order, so that a responder that turned away comes again.</summary>
    private static void Heal(Hostility hostility, in ControlPage healthy)
    {
        ref ControlPage page = ref hostility.Page;
        page.Magic = healthy.Magic;
        page.Version = healthy.Version;
        page.PageLength = healthy.PageLength;
        page.State = healthy.State;
        page.HeaderInode = healthy.HeaderInode;
        page.DataInode = healthy.DataInode;
        page.RequestsInode = healthy.RequestsInode;
        page.ResponsesInode = healthy.ResponsesInode;
        Volatile.Write(ref page.Generation, healthy.Generation);
    }
}
