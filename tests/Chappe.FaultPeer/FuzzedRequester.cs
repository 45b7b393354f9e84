using System.Globalization;
using Chappe.Exchange;
using Chappe.Posix;

namespace Chappe.FaultPeer;

/// <summary>A requester under test in this process, and a responder on another thread that keeps to no protocol.</summary>
internal sealed class FuzzedRequester
{
    private readonly string _channel;
    private readonly int _seed;
    private readonly int _count;
    private readonly bool _isUntrusted;

    /// <summary>Held during an exchange. A peer that is trusted truncates DATA only between two, and a tick of the coarse clock before the next.</summary>
    private readonly Lock _exchange = new();
    private readonly SortedDictionary<string, int> _outcomes = [];
    private volatile bool _isOver;
    private volatile bool _wantsPause;

    internal FuzzedRequester(Words words)
    {
        _channel = words[0];
        _seed = words.Number("seed", 1);
        _count = words.Number("count", 1000);
        _isUntrusted = words.Has("untrusted");
    }

    internal void Run()
    {
        var options = new RequesterOptions
        {
            Timeout = TimeSpan.FromMilliseconds(2),
            MaxPayloadLength = 1 << 20,
            Trust = _isUntrusted ? PeerTrust.Untrusted : PeerTrust.Trusted,
        };
        using Requester requester = Requester.Create(_channel, options);
        var hostile = new Thread(BeHostile);
        hostile.Start();
        var random = new Random(~_seed);
        for (int i = 0; i < _count; i++)
        {
            // A lock is not fair: without this the other side would hardly ever have its turn.
            SpinWait.SpinUntil(() => !_wantsPause);
            Exchange(requester, random);
            if (i % 2_000 == 1_999)
            {
                Output.Say(string.Create(CultureInfo.InvariantCulture, $"at {i + 1}"));
            }
        }

        _isOver = true;
        hostile.Join();
        requester.Reset();
        SayOutcomes();
        AfterHostility.Exchange(requester, _channel);
    }

    private void Exchange(Requester requester, Random random)
    {
        try
        {
            lock (_exchange)
            {
                using Response response = requester.Request($"any-{random.Next(100_000)}", new RequestOptions { FailWhenPeerIsLost = random.Next(2) == 0 });
                Check(response);
                Count(response.Level.ToString());
            }
        }
        catch (Exception exception) when (exception is ProtocolException or RequestFailedException or TimeoutException or PeerLostException or SharedMemoryFullException)
        {
            Count(exception.GetType().Name);
            if (exception is TimeoutException && random.Next(3) == 0)
            {
                lock (_exchange)
                {
                    requester.Reset();
                }
            }
        }
    }

    /// <summary>Touches every byte that the answer claims to have, and looks whether its claims agree.</summary>
    private void Check(in Response response)
    {
        ResponseHeader header = response.Header;
        if (header is { Length: < 0 or > 1 << 20 } or { Width: < 0 } or { Height: < 0 } or { Channels: < 0 })
        {
            throw new InvalidOperationException($"An impossible header was accepted: {header}.");
        }

        ulong hash = Payload.HashOf(response.Span);
        if (_isUntrusted && hash != Payload.HashOf(response.Span))
        {
            throw new InvalidOperationException("A payload changed after it was checked.");
        }

        if (!DescriptionLines.Fits(response.Description, header.Length))
        {
            throw new InvalidOperationException("A description that reaches beyond its payload was accepted.");
        }

        _ = response.MediaType;
        _ = response.Kind;
    }

    private void Count(string outcome) => _outcomes[outcome] = _outcomes.GetValueOrDefault(outcome) + 1;

    private void SayOutcomes() => Output.Say($"outcomes {string.Join(", ", _outcomes.Select(outcome => $"{outcome.Key} {outcome.Value}"))}");

    private void BeHostile()
    {
        using var hostility = new Hostility(_channel, _seed);
        ulong generation = hostility.Page.Generation;
        SegmentLock? attached = hostility.Control.TryLockAsResponder();
        while (!_isOver)
        {
            try
            {
                if (hostility.Page.HeaderInode == 0 || generation != hostility.Page.Generation)
                {
                    generation = hostility.Page.Generation;
                    if (!hostility.Reopen())
                    {
                        continue;
                    }
                }

                bool isAsked = hostility.Requests.Wait(TimeSpan.FromMilliseconds(0.3));
                switch (hostility.Random.Next(40))
                {
                    case 0:
                        hostility.Flood(hostility.Responses);
                        break;
                    case 1:
                        hostility.Flood(hostility.Requests);
                        break;
                    case 2:
                        hostility.Scribble(256, 1728);
                        break;
                    case 3:
                        hostility.Scribble(16, 256);
                        break;
                    case 4:
                        hostility.Words = hostility.AnyWords();
                        break;
                    case 5:
                        hostility.TruncateHeader();
                        break;
                    case 6:
                        TruncateData(hostility);
                        break;
                    case 7:
                        hostility.Page.Taken = hostility.Page.Ticket;
                        break;
                    case 8 when hostility.Random.Next(5) == 0:
                        attached?.Dispose();
                        attached = attached is null ? hostility.Control.TryLockAsResponder() : null;
                        break;
                }

                // It usually answers anyway, because a request without an answer only costs its deadline.
                ulong ticket = hostility.Page.Ticket;
                if (isAsked ? hostility.Random.Next(20) != 0 : ticket != 0 && ticket != hostility.Page.Done)
                {
                    Answer(hostility);
                }
            }
            catch (Exception exception) when (exception is IOException or ObjectDisposedException or SemaphoreFullException or ArgumentOutOfRangeException)
            {
                // The requester moved while this looked.
                hostility.Reopen();
            }
        }

        attached?.Dispose();
    }

    private void TruncateData(Hostility hostility)
    {
        if (_isUntrusted)
        {
            hostility.TruncateData();
            return;
        }

        // The wait is what makes this rare: each costs as much as a hundred exchanges.
        if (hostility.Random.Next(4) != 0)
        {
            return;
        }

        _wantsPause = true;
        lock (_exchange)
        {
            _wantsPause = false;
            hostility.TruncateData();
            Hostility.WaitForTick();
        }
    }

    /// <summary>An answer of which each part is as it should be, or not.</summary>
    private static void Answer(Hostility hostility)
    {
        ref ControlPage page = ref hostility.Page;
        Random random = hostility.Random;
        if (random.Next(4) != 0)
        {
            page.Taker = page.Incarnation;
            Volatile.Write(ref page.Taken, random.Next(10) == 0 ? hostility.Number() : page.Ticket);
        }

        int length = random.Next(random.Next(10) == 0 ? 200_000 : 3000);
        hostility.WriteData(length);
        hostility.Words = random.Next(3) == 0
            ? hostility.AnyWords()
            : new HeaderWords { Bytes = (ulong)length };
        page.Status = random.Next(10) == 0 ? (uint)hostility.Number() : 0;
        page.Kind = random.Next(10) == 0 ? (uint)hostility.Number() : 1;
        page.MediaTypeLength = (ushort)(random.Next(5) == 0 ? hostility.Number() : 0);
        page.MessageLength = (ushort)hostility.Number();
        page.HasDescription = (uint)random.Next(2);
        if (page.HasDescription == 1)
        {
            page.Rank = (uint)random.Next(10);
            page.ElementType = (uint)random.Next(15);
            hostility.Scribble(528, 656);
        }

        Volatile.Write(ref page.Done, random.Next(10) == 0 ? hostility.Number() : page.Taken);
        if (random.Next(10) != 0)
        {
            hostility.Responses.Release();
        }
    }
}
