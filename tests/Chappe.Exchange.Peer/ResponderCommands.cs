using System.Globalization;

namespace Chappe.Exchange.Peer;

/// <summary>The side that answers.</summary>
internal sealed class ResponderCommands : IAsyncDisposable
{
    private readonly CancellationTokenSource _end = new();
    private readonly MadeUpAnswers _madeUp = new();
    private Task _answering = Task.CompletedTask;

    internal bool Run(string verb, string[] words)
    {
        switch (verb)
        {
            // The files of a directory.
            case "serve":
                _answering = AnswerAsync(words[0], new FileDirectory(words[1]), words[2..]);
                return true;

            // What the name asked for says: see MadeUpAnswers.
            case "make":
                _answering = AnswerAsync(words[0], _madeUp, words[1..]);
                return true;

            case "go":
                _madeUp.Go();
                return true;

            default:
                return false;
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _end.CancelAsync();
        await _answering;
        _madeUp.Dispose();
        _end.Dispose();
    }

    /// <param name="channel">The channel.</param>
    /// <param name="handler">Disposed at the end if it can be.</param>
    /// <param name="words">How many requests to answer, the largest payload, the trust: <c>count=2 max=65536 trust=Untrusted</c>.</param>
    private async Task AnswerAsync(string channel, IRequestHandler handler, string[] words)
    {
        Dictionary<string, string> given = words.Select(word => word.Split('=')).ToDictionary(pair => pair[0], pair => pair[1]);
        long? count = given.TryGetValue("count", out string? number) ? long.Parse(number, CultureInfo.InvariantCulture) : null;
        var options = new ResponderOptions
        {
            MaxPayloadLength = long.Parse(given.GetValueOrDefault("max", $"{4L << 30}"), CultureInfo.InvariantCulture),
            Trust = Enum.Parse<PeerTrust>(given.GetValueOrDefault("trust", nameof(PeerTrust.Trusted))),
            StateChanged = state => Console.WriteLine(state),
        };
        try
        {
            await using Responder responder = await Responder.OpenAsync(channel, options, _end.Token);
            await responder.RunAsync(handler, count, served => Console.WriteLine($"served\t{served.Name.Replace('\n', ' ')}\t{served.Status}"), _end.Token);
            Console.WriteLine("done");
        }
        catch (OperationCanceledException)
        {
            Console.WriteLine("stopped");
        }
#pragma warning disable CA1031 // The test is told of every exception.
        catch (Exception exception)
#pragma warning restore CA1031
        {
            Console.WriteLine(Line.Of(exception));
        }

        (handler as FileDirectory)?.Dispose();
    }
}
