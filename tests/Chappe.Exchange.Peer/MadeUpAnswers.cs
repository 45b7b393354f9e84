using System.Globalization;

namespace Chappe.Exchange.Peer;

/// <summary>Answers with what the name asked for says, such as <c>bytes 4096 7</c>.</summary>
internal sealed class MadeUpAnswers : IRequestHandler, IDisposable
{
    private readonly SemaphoreSlim _go = new(0);

    /// <summary>Lets one request that is held go on.</summary>
    internal void Go() => _go.Release();

    public async ValueTask HandleAsync(Request request, CancellationToken cancellationToken)
    {
        string[] words = request.Name.Split(' ');
        switch (words[0])
        {
            // LENGTH SEED
            case "bytes":
                Send(request, words[1], words[2]);
                break;

            // LENGTH SEED: is in hand, and not answered until the test says so.
            case "hold":
                Console.WriteLine("holding");
                await _go.WaitAsync(cancellationToken);
                Send(request, words[1], words[2]);
                break;

            // STATUS MESSAGE
            case "fail":
                request.Fail(Enum.Parse<ResponseStatus>(words[1]), string.Join(' ', words[2..]));
                break;

            case "throw":
                throw new InvalidOperationException("Nobody's business.");

            case "nothing":
                break;

            default:
                throw new RequestFailedException(ResponseStatus.NotFound, $"There is no {request.Name}.");
        }
    }

    public void Dispose() => _go.Dispose();

    private static void Send(Request request, string length, string seed)
    {
        Span<byte> payload = request.GetSpan(long.Parse(length, CultureInfo.InvariantCulture));
        MadeUp.Fill(payload, int.Parse(seed, CultureInfo.InvariantCulture));
        request.Complete(new ResponseHeader(payload.Length));
    }
}
