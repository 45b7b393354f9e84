using System.Globalization;
using System.Runtime.InteropServices;
using Chappe.Exchange;

namespace Chappe.Interop.Peer;

/// <summary>Answers with the files of a folder, or with generated frames.</summary>
internal static class ResponderRole
{
    internal static int Run(string channel, string folder, string[] words)
    {
        var options = new Options(words);
        using var end = new CancellationTokenSource();
        using PosixSignalRegistration interrupt = EndAt(PosixSignal.SIGINT, end), terminate = EndAt(PosixSignal.SIGTERM, end);
        using var files = new FileDirectory(folder);
        IRequestHandler handler = options.Text("--frame") is { } frame ? new Frames(frame, files) : files;
        try
        {
            var responderOptions = new ResponderOptions { StateChanged = Say, SpinBudget = Fault.SpinBudget };
            using Responder responder = Responder.Open(channel, responderOptions, end.Token);
            long? count = options.Has("--count") ? options.Number("--count", 0) : null;
            responder.RunAsync(handler, count, served => Output.Say($"served {(int)served.Status} {served.Header.Length} {served.Name}"), end.Token).AsTask().GetAwaiter().GetResult();
        }
        catch (OperationCanceledException)
        {
            // It was told to end.
        }

        return 0;
    }

    private static PosixSignalRegistration EndAt(PosixSignal signal, CancellationTokenSource end) =>
        PosixSignalRegistration.Create(signal, context =>
        {
            context.Cancel = true;
            end.Cancel();
        });

    private static void Say(ResponderState state) => Output.Say(state switch
    {
        ResponderState.Attached => $"attached",
        ResponderState.StandingBy => $"standing-by",
        _ => $"waiting",
    });

    private sealed class Frames : IRequestHandler
    {
        private readonly FileDirectory _files;
        private readonly int[] _sides;

        internal Frames(string frame, FileDirectory files)
        {
            _files = files;
            _sides = [.. frame.Split('x').Select(side => int.Parse(side, CultureInfo.InvariantCulture))];
        }

        public ValueTask HandleAsync(Request request, CancellationToken cancellationToken)
        {
            if (request.Kind == RequestKind.List)
            {
                _files.SendList(request);
                return ValueTask.CompletedTask;
            }

            int width = _sides[0], height = _sides[1], channels = _sides[2];
            Span<byte> payload = request.GetSpan((long)width * height * channels);
            byte seed = (byte)Output.HashOf(request.NameBytes);
            for (int i = 0; i < payload.Length; i++)
            {
                payload[i] = (byte)(seed + (i % 251));
            }

            var description = PayloadDescription.Image(width, height, channels, ElementType.UInt8, (PixelFormat)channels);
            request.Complete(new ResponseHeader(payload.Length, width, height, channels), description, PayloadKind.Pixels, "application/octet-stream");
            return ValueTask.CompletedTask;
        }
    }
}
