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

            // WIDTH HEIGHT: red, green and blue.
            case "image":
                SendImage(request, Number(words[1]), Number(words[2]));
                break;

            // Three rows of five numbers.
            case "tensor":
                SendTensor(request);
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
        Span<byte> payload = request.GetSpan(Number(length));
        MadeUp.Fill(payload, Number(seed));
        request.Complete(new ResponseHeader(payload.Length));
    }

    private static void SendImage(Request request, int width, int height)
    {
        Span<byte> pixels = request.GetSpan(width * height * 3);
        MadeUp.Fill(pixels, seed: width);
        PayloadDescription description = PayloadDescription.Image(width, height, 3, ElementType.UInt8, PixelFormat.Rgb);
        request.Complete(new ResponseHeader(pixels.Length, width, height, 3), description, PayloadKind.Pixels);
    }

    private static void SendTensor(Request request)
    {
        Span<byte> payload = request.GetSpan(3 * 5 * sizeof(float));
        MadeUp.Fill(payload, seed: 35);
        var description = new PayloadDescription { ElementType = ElementType.Float32, Rank = 2 };
        (description.Shape[0], description.Shape[1]) = (3, 5);
        (description.Strides[0], description.Strides[1]) = (5 * sizeof(float), sizeof(float));
        request.Complete(new ResponseHeader(payload.Length), description, mediaType: "application/x-tensor");
    }

    private static int Number(string word) => int.Parse(word, CultureInfo.InvariantCulture);
}
