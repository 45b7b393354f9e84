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

            // ELEMENT-TYPE SHAPE STRIDES, with commas between the numbers: as many bytes as they reach.
            case "described":
                SendDescribed(request, Enum.Parse<ElementType>(words[1]), Numbers(words[2]), Numbers(words[3]));
                break;

            // PIXEL-FORMAT SHAPE: packed bytes.
            case "formatted":
                SendFormatted(request, Enum.Parse<PixelFormat>(words[1]), Numbers(words[2]));
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

    private static void SendDescribed(Request request, ElementType elementType, long[] shape, long[] strides)
    {
        var description = new PayloadDescription { ElementType = elementType, Rank = shape.Length };
        shape.CopyTo(description.Shape);
        strides.CopyTo(description.Strides);
        long reach = shape.Contains(0) ? 0 : PayloadDescription.SizeOf(elementType) + shape.Zip(strides, (length, stride) => Math.Max(0, (length - 1) * stride)).Sum();
        Span<byte> payload = request.GetSpan(reach);
        MadeUp.Fill(payload, seed: 41);
        request.Complete(new ResponseHeader(reach), description);
    }

    private static void SendFormatted(Request request, PixelFormat format, long[] shape)
    {
        PayloadDescription description = PayloadDescription.Tensor(ElementType.UInt8, shape);
        description.PixelFormat = format;
        Span<byte> payload = request.GetSpan(shape.Aggregate((product, length) => product * length));
        MadeUp.Fill(payload, seed: 43);
        request.Complete(new ResponseHeader(payload.Length, shape[1], shape[0], shape[2]), description, PayloadKind.Pixels);
    }

    private static long[] Numbers(string word) => [.. word.Split(',', StringSplitOptions.RemoveEmptyEntries).Select(number => long.Parse(number, CultureInfo.InvariantCulture))];

    private static int Number(string word) => int.Parse(word, CultureInfo.InvariantCulture);
}
