using Chappe.Exchange;

namespace Chappe.FaultPeer;

/// <summary>Streams an answer piece by piece, and pauses or fails at the given positions.</summary>
internal sealed class StreamedAnswer(Words words) : IDisposable
{
    internal const int PieceLength = 256 << 10;

    private readonly SemaphoreSlim _go = new(0);
    private readonly int _pauseAt = words.Number("pause-at", -1);
    private readonly int _failAt = words.Number("fail-at", -1);

    /// <summary>Ends a pause.</summary>
    internal void Go() => _go.Release();

    internal void Send(Request request)
    {
        ReadOnlySpan<byte> name = request.NameBytes;
        Span<byte> payload = request.GetSpan(Payload.LengthOf(name));
        request.Start(new ResponseHeader(payload.Length, 0, 0, 0), PayloadKind.File, "application/octet-stream");
        for (int written = 0; written < payload.Length;)
        {
            PauseAt(written);
            if (written == _failAt)
            {
                request.Fail(ResponseStatus.Unreadable, "The disk is gone.");
                return;
            }

            int piece = Math.Min(PieceLength, payload.Length - written);
            Payload.Fill(name, payload.Slice(written, piece), written);
            written += piece;
            if (!request.Advance(written))
            {
                Output.Say($"given-up {written}");
                request.Fail(ResponseStatus.Cancelled, "The request was withdrawn.");
                return;
            }
        }

        request.Complete();
    }

    public void Dispose() => _go.Dispose();

    private void PauseAt(int written)
    {
        if (written == _pauseAt)
        {
            Output.Say($"pauses {written}");
            _go.Wait();
        }
    }
}
