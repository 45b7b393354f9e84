using System.Buffers.Binary;
using Chappe.Exchange;
using Chappe.Posix;

namespace Chappe.Tool;

/// <summary>Answers the requests of <see cref="Bench"/>: 8 bytes, a frame that is in the segment already, a file, or this side's processor.</summary>
internal sealed class BenchResponder(string directory) : IRequestHandler, IDisposable
{
    public const string EightBytes = "8 bytes";
    public const string Frame = "frame";
    public const string File = "frame.bin";
    public const string Processor = "processor";

    /// <summary>1920 × 1080 pixels of three bytes each.</summary>
    public const int FrameLength = 1920 * 1080 * 3;

    private readonly FileDirectory _files = new(directory);

    public static async Task<int> RunAsync(ChannelName channel, string directory, bool noSpin)
    {
        using var interruption = new Interruption();
        using var input = new InputWatch(interruption.Token);
        try
        {
            var options = new ResponderOptions { SpinBudget = noSpin ? TimeSpan.Zero : NamedSemaphore.DefaultSpinBudget };
            using Responder responder = Responder.Open(channel, options, input.Token);
            using var files = new BenchResponder(directory);
            while (true)
            {
                using Request request = responder.Receive(input.Token);
                await files.HandleAsync(request, input.Token);
            }
        }
        catch (OperationCanceledException)
        {
            if (input.Ended)
            {
                OrphanedChannel.Remove(channel);
            }

            return ExitCode.Success;
        }
    }

    public ValueTask HandleAsync(Request request, CancellationToken cancellationToken)
    {
        ReadOnlySpan<byte> name = request.NameBytes;
        if (name.SequenceEqual("8 bytes"u8))
        {
            BinaryPrimitives.WriteInt64LittleEndian(request.GetSpan(sizeof(long)), FrameLength);
            request.Complete(new ResponseHeader(sizeof(long)));
            return default;
        }

        if (name.SequenceEqual("frame"u8))
        {
            _ = request.GetSpan(FrameLength);
            request.Complete(new ResponseHeader(FrameLength));
            return default;
        }

        if (name.SequenceEqual("processor"u8))
        {
            BinaryPrimitives.WriteInt32LittleEndian(request.GetSpan(sizeof(int)), ProcessorUse.Current());
            request.Complete(new ResponseHeader(sizeof(int)));
            return default;
        }

        return _files.HandleAsync(request, cancellationToken);
    }

    public void Dispose() => _files.Dispose();
}
