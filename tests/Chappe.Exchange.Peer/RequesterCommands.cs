using System.Globalization;

namespace Chappe.Exchange.Peer;

/// <summary>The side that asks.</summary>
internal sealed class RequesterCommands : IAsyncDisposable
{
    private Requester? _requester;
    private RequestOptions _options;
    private Task _asking = Task.CompletedTask;

    internal bool Run(string verb, string[] words)
    {
        switch (verb)
        {
            case "own":
                _requester = Requester.Create(words[0], new RequesterOptions { Timeout = TimeSpan.FromSeconds(60), Trust = Enum.Parse<PeerTrust>(words[1]) });
                Console.WriteLine("owns");
                return true;

            // What the next requests ask for, and how.
            case "options":
                _options = new RequestOptions { Kind = Enum.Parse<RequestKind>(words[0]), Timeout = TimeSpan.FromMilliseconds(double.Parse(words[1], CultureInfo.InvariantCulture)) };
                return true;

            // What the answer says that it is.
            case "describe":
                _asking = DescribeAsync(words[0]);
                return true;

            // One line for each, while further commands are read.
            case "ask":
                _asking = AskAsync(words);
                return true;

            default:
                return false;
        }
    }

    public async ValueTask DisposeAsync()
    {
        if (_requester is not null)
        {
            await _requester.DisposeAsync();
            await _asking;
        }
    }

    private async Task DescribeAsync(string name)
    {
        using Response response = await _requester!.RequestAsync(name, _options);
        Console.WriteLine(Line.Of(name, response));
        Console.WriteLine(Line.Of(response.Description));
    }

    private async Task AskAsync(string[] names)
    {
        foreach (string name in names)
        {
            try
            {
                using Response response = await _requester!.RequestAsync(name, _options);
                Console.WriteLine(Line.Of(name, response));
            }
#pragma warning disable CA1031 // The test is told of every exception.
            catch (Exception exception)
#pragma warning restore CA1031
            {
                Console.WriteLine(Line.Of(exception));
            }
        }
    }
}
