using System.Globalization;

namespace Chappe.FaultTests;

/// <summary>A peer as a real process. It says nothing but what a test waits for.</summary>
internal sealed class PeerProcess(string file, params IEnumerable<string> arguments) : HeardProcess([file, .. arguments])
{
    /// <summary>The next line that begins with a word; lines that tell of a change of state in between are passed over, others are a failure.</summary>
    public Task<string> HearAsync(string word) => HearAsync(
        word,
        line => line.StartsWith(word, StringComparison.Ordinal),
        line => Assert.True(line.StartsWith("state ", StringComparison.Ordinal) || line is "continues" or "ready", $"'{word}' was to come. It said: {Heard}"));

    /// <summary>The next line, whatever it is, but for what a peer says as it starts.</summary>
    public async Task<string> HearAnyAsync()
    {
        string line = await HearAsync("");
        return line == "ready" ? await HearAsync("") : line;
    }

    /// <summary>The next line that begins with a word, whatever errors the peer reports before.</summary>
    public async Task<string> HearPastErrorsAsync(string word)
    {
        while (true)
        {
            string line = await HearAnyAsync();
            if (line.StartsWith(word, StringComparison.Ordinal))
            {
                return line;
            }

            Assert.True(line.StartsWith("error ProtocolException", StringComparison.Ordinal) || line.StartsWith("state ", StringComparison.Ordinal), Heard);
        }
    }

    public Task<string> AskAsync(string line, string word)
    {
        Tell(line);
        return HearAsync(word);
    }

    /// <summary>Whether it has said nothing more than what was heard, but for states.</summary>
    public bool IsSilent
    {
        get
        {
            while (Lines.TryPeek(out string? line))
            {
                if (!line.StartsWith("state ", StringComparison.Ordinal))
                {
                    return false;
                }

                Lines.TryRead(out _);
            }

            return true;
        }
    }

    /// <summary>Lets it end in good order.</summary>
    public Task<int> LeaveAsync()
    {
        EndInput();
        return EndAsync();
    }

    /// <summary>Hears that it dies at a step, waits until it has, and gives the moment on the monotonic clock.</summary>
    public async Task<long> DeathAsync()
    {
        string line = await HearAsync("dies ");
        await EndAsync();
        return Moment(line, 2);
    }

    /// <summary>The moment, in nanoseconds of the monotonic clock, that stands in a line.</summary>
    public static long Moment(string line, int word) => long.Parse(line.Split(' ')[word], CultureInfo.InvariantCulture);
}
