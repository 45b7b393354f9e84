using System.Buffers.Binary;
using System.Diagnostics;
using System.Numerics;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Chappe.Exchange;
using Chappe.Posix;

namespace Chappe.Tool;

/// <summary>Measures exchanges between this process and a responder process that it starts.</summary>
internal sealed class Bench(bool json)
{
    private static readonly TimeSpan WarmUp = TimeSpan.FromMilliseconds(300);
    private static readonly TimeSpan Duration = TimeSpan.FromMilliseconds(800);
    private static readonly TimeSpan Sample = TimeSpan.FromMilliseconds(2);

    private readonly Messages _messages = new(Terminal.StandardError());
    private readonly List<BenchRecord> _records = [];
    private ulong _sum;

    public async Task<int> RunAsync()
    {
        string directory = Directory.CreateTempSubdirectory("chappe-bench-").FullName;
        ChannelName channel = $"bench-{Environment.ProcessId}-{RandomNumberGenerator.GetHexString(6, lowercase: true)}";
        try
        {
            await File.WriteAllBytesAsync(Path.Combine(directory, BenchResponder.File), RandomNumberGenerator.GetBytes(BenchResponder.FrameLength));
            using var interruption = new Interruption();
            await MeasureAsync(channel, directory, spins: true, interruption.Token);
            await MeasureAsync(channel, directory, spins: false, interruption.Token);
        }
        catch (OperationCanceledException)
        {
            return ExitCode.Interrupted;
        }
        catch (Exception exception) when (Failure.OfExchange(exception) is { } failure)
        {
            _messages.Error($"An exchange failed ({failure.Status}): {failure.Message}");
            return ExitCode.ExchangeFailed;
        }
        catch (Exception exception) when (Failure.OfChannel(exception, channel) is { } message)
        {
            _messages.Error(message);
            return ExitCode.ChannelUnavailable;
        }
        finally
        {
            Directory.Delete(directory, recursive: true);
        }

        Write();
        return ExitCode.Success;
    }

    private async Task MeasureAsync(ChannelName channel, string directory, bool spins, CancellationToken cancellationToken)
    {
        var options = new RequesterOptions { SpinBudget = spins ? NamedSemaphore.DefaultSpinBudget : TimeSpan.Zero };
        using Requester requester = Requester.Create(channel, options);
        string[] arguments = [BenchResponderCommand.Verb, directory, "--channel", channel.Name];
        await using var responder = new ResponderProcess(spins ? arguments : [.. arguments, BenchResponderCommand.WithoutSpinning]);
        responder.Start(ended: () => { });
        if (spins)
        {
            Measure("exchange", requester, BenchResponder.EightBytes, isRead: false, cancellationToken);
            Measure("frame handed over", requester, BenchResponder.Frame, isRead: false, cancellationToken);
            Measure("file read in place", requester, BenchResponder.File, isRead: true, cancellationToken);
        }
        else
        {
            Measure("exchange, blocking", requester, BenchResponder.EightBytes, isRead: false, cancellationToken);
        }
    }

    private void Measure(string what, Requester requester, string name, bool isRead, CancellationToken cancellationToken)
    {
        using var progress = new ProgressLine(_messages.Console, $"Measuring {what}");
        byte[] bytes = Encoding.UTF8.GetBytes(name);
        long length = Exchange(requester, bytes, isRead, cancellationToken);

        int times = 1;
        for (long start = Stopwatch.GetTimestamp(); Stopwatch.GetElapsedTime(start) < WarmUp;)
        {
            double each = Time(requester, bytes, isRead, times, cancellationToken);
            times = Math.Clamp((int)(Sample.TotalMicroseconds / each), 1, times * 2);
        }

        var samples = new List<double>();
        var processors = new ProcessorUse();
        for (long start = Stopwatch.GetTimestamp(); Stopwatch.GetElapsedTime(start) < Duration || samples.Count == 0;)
        {
            samples.Add(Time(requester, bytes, isRead, times, cancellationToken));
            processors.Add(ProcessorUse.Current(), ProcessorOfResponder(requester, cancellationToken));
        }

        _records.Add(BenchRecord.Of(what, length, isRead, samples, processors));
    }

    private static int ProcessorOfResponder(Requester requester, CancellationToken cancellationToken)
    {
        using Response response = requester.Request(BenchResponder.Processor, default, cancellationToken);
        return BinaryPrimitives.ReadInt32LittleEndian(response.Span);
    }

    /// <summary>The microseconds of one exchange, averaged over so many.</summary>
    private double Time(Requester requester, ReadOnlySpan<byte> name, bool isRead, int times, CancellationToken cancellationToken)
    {
        long start = Stopwatch.GetTimestamp();
        for (int i = 0; i < times; i++)
        {
            Exchange(requester, name, isRead, cancellationToken);
        }

        return Stopwatch.GetElapsedTime(start).TotalMicroseconds / times;
    }

    private long Exchange(Requester requester, ReadOnlySpan<byte> name, bool isRead, CancellationToken cancellationToken)
    {
        using Response response = requester.Request(name, default, cancellationToken);
        if (isRead)
        {
            // Stored, so that no compiler removes the reading.
            _sum += SumOf(response.Span);
        }

        return response.Length;
    }

    private static ulong SumOf(ReadOnlySpan<byte> payload)
    {
        Vector<ulong> even = default, odd = default;
        ReadOnlySpan<Vector<ulong>> vectors = MemoryMarshal.Cast<byte, Vector<ulong>>(payload);
        for (int i = 0; i + 1 < vectors.Length; i += 2)
        {
            even += vectors[i];
            odd += vectors[i + 1];
        }

        return Vector.Sum(even + odd);
    }

    private void Write()
    {
        if (json)
        {
            foreach (BenchRecord record in _records)
            {
                Console.Out.WriteLine(JsonSerializer.Serialize(record, BenchJson.Default.BenchRecord));
            }

            return;
        }

        BenchTable.Of(_records).Write(Terminal.StandardOutput());
    }
}
