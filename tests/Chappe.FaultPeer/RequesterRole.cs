using System.Globalization;
using System.Text;
using Chappe.Exchange;

namespace Chappe.FaultPeer;

/// <summary>A requester that reads requests from standard input, checks every byte of each payload, and reports the outcome.</summary>
internal sealed class RequesterRole
{
    private readonly Requester _requester;
    private Traffic? _traffic;

    private RequesterRole(Requester requester) => _requester = requester;

    internal static RequesterRole? TryCreate(Words words)
    {
        var options = new RequesterOptions
        {
            Timeout = words.Milliseconds("timeout", 30_000),
            Trust = words.Has("untrusted") ? PeerTrust.Untrusted : PeerTrust.Trusted,
            SpinBudget = words.SpinBudget,
            MaxPayloadLength = words.Number("max", 1 << 30),
            TakeOver = words.Has("takeover"),
        };
        try
        {
            var role = new RequesterRole(Requester.Create(words[0], options));
            Output.Say("created");
            return role;
        }
        catch (Exception exception)
        {
            Output.SayError(exception, Output.Now);
            return null;
        }
    }

    internal void Ask(Words words)
    {
        try
        {
            using CancellationTokenSource? cancellation = words.Has("cancel") ? new CancellationTokenSource(words.Milliseconds("cancel", 0)) : null;
            using Response response = _requester.Request(words[0], OptionsOf(words), cancellation?.Token ?? default);
            long when = Output.Now;
            if (words.Has("stream"))
            {
                Output.Say($"begun {response.Length} {when}");
            }

            Output.Say($"answer {Verdict(words[0], response)} {when} {response.Level} {words[0]}");
        }
        catch (Exception exception)
        {
            Output.SayError(exception, Output.Now);
        }
    }

    /// <summary>Asks for a series of names, or for some files over and over; ends at the first that is not right.</summary>
    internal void AskMany(Words words)
    {
        int count = int.Parse(words[0], CultureInfo.InvariantCulture), files = words.Number("files", int.MaxValue);
        string series = words[1];
        for (int i = 0; i < count; i++)
        {
            string name = Payload.NameOf(series, i % files);
            try
            {
                using Response response = _requester.Request(name, OptionsOf(words));
                if (Verdict(name, response) != "right")
                {
                    Output.Say($"many {i} wrong {name}");
                    return;
                }
            }
            catch (Exception exception)
            {
                Output.Say($"many {i} {exception.GetType().Name} {exception.Message.ReplaceLineEndings(" ")}");
                return;
            }
        }

        Output.Say($"many {count} right");
    }

    /// <summary>Asks for one name again and again, and says where each round begins and ends: whoever watches the system calls sees that too.</summary>
    internal void AskInRounds(Words words)
    {
        byte[] name = Encoding.UTF8.GetBytes(words[0]);
        int rounds = words.Number("rounds", 1), count = words.Number("count", 1), length = Payload.LengthOf(name);
        for (int round = 0; round < rounds; round++)
        {
            Output.Say("round-begins");
            for (int i = 0; i < count; i++)
            {
                using Response response = _requester.Request(name);
                if (response.Length != length)
                {
                    Output.Say($"error {response.Length} bytes came");
                    return;
                }
            }

            Output.Say("round-ends");
        }

        Output.Say("rounds-end");
    }

    internal void StartTraffic() => _traffic = new Traffic(_requester);

    internal void SayProgress() => _traffic!.SayProgress();

    internal void EndTraffic() => _traffic!.End();

    internal void Reset()
    {
        try
        {
            _requester.Reset();
            Output.Say("reset");
        }
        catch (Exception exception)
        {
            Output.SayError(exception, Output.Now);
        }
    }

    internal void Close()
    {
        _requester.Dispose();
        Output.Say("closed");
    }

    private static RequestOptions OptionsOf(Words words) => new()
    {
        FailWhenPeerIsLost = words.Has("lost"),
        Streams = words.Has("stream"),
        Timeout = words.Has("timeout") ? words.Milliseconds("timeout", 0) : null,
    };

    private static string Verdict(string name, Response response) => Payload.IsRight(name, response.Span) ? "right" : "wrong";
}
