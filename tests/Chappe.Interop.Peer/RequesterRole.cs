using System.Runtime.InteropServices;
using Chappe.Exchange;

namespace Chappe.Interop.Peer;

/// <summary>Asks for names and says what comes.</summary>
internal sealed class RequesterRole
{
    private readonly Requester _requester;
    private readonly RequestOptions _request;
    private readonly string? _out;
    private readonly CancellationToken _end;
    private int _asked;
    private bool _hasFailed;

    private RequesterRole(Requester requester, Options options, CancellationToken end)
    {
        _requester = requester;
        _out = options.Text("--out");
        _end = end;
        _request = new RequestOptions
        {
            Kind = options.Has("--list") ? RequestKind.List : Enum.Parse<RequestKind>(options.Text("--wants") ?? "any", ignoreCase: true),
            Timeout = TimeSpan.FromMilliseconds(options.Number("--timeout", 30_000)),
            FailWhenPeerIsLost = options.Has("--lost"),
        };
    }

    internal static int Run(string channel, string[] words)
    {
        var options = new Options(words, "--list", "--lost");
        using var end = new CancellationTokenSource();
        using PosixSignalRegistration interrupt = EndAt(PosixSignal.SIGINT, end), terminate = EndAt(PosixSignal.SIGTERM, end);
        try
        {
            using Requester requester = Requester.Create(channel, new RequesterOptions { SpinBudget = Fault.SpinBudget });
            Output.Say($"open");
            var role = new RequesterRole(requester, options, end.Token);
            role.AskAll(options);
            requester.Dispose();
            Output.Say($"closed");
            return role._hasFailed && !end.IsCancellationRequested ? 1 : 0;
        }
        catch (ChannelInUseException exception)
        {
            Output.Say($"error in-use : {exception.Message}");
            return 2;
        }
    }

    private static PosixSignalRegistration EndAt(PosixSignal signal, CancellationTokenSource end) =>
        PosixSignalRegistration.Create(signal, context =>
        {
            context.Cancel = true;
            end.Cancel();
        });

    private void AskAll(Options options)
    {
        if (_out is not null)
        {
            Directory.CreateDirectory(_out);
        }

        if (options.Plain.Count == 0 && _request.Kind != RequestKind.List)
        {
            using TextReader input = Console.In;
            while (!_end.IsCancellationRequested && input.ReadLine() is { } line)
            {
                if (line.Length > 0)
                {
                    Ask(line);
                }
            }

            return;
        }

        string[] names = _request.Kind == RequestKind.List ? [""] : [.. options.Plain];
        for (long i = 0; i < options.Number("--repeat", 1) * names.Length && !_end.IsCancellationRequested; i++)
        {
            Ask(names[i % names.Length]);
        }
    }

    private void Ask(string name)
    {
        int number = _asked++;
        bool isAnswered = false;
        try
        {
            using Response response = _requester.Request(name, _request, _end);
            if (_out is not null)
            {
                File.WriteAllBytes(Path.Combine(_out, FormattableString.Invariant($"{number}")), response.Span);
            }

            Say(name, response);
            isAnswered = true;
        }
        catch (RequestFailedException exception)
        {
            Output.Say($"failed {(int)exception.Status} {name}: {exception.Message}");
        }
        catch (OperationCanceledException)
        {
            // It was told to end.
        }
        catch (Exception exception)
        {
            string what = exception switch
            {
                TimeoutException => "timeout",
                PeerLostException => "lost",
                ProtocolException => "protocol",
                Posix.SharedMemoryFullException => "full",
                ChannelInUseException => "in-use",
                _ => "other",
            };
            Output.Say($"error {what} {name}: {exception.Message}");
        }

        _hasFailed |= !isAnswered;
    }

    private static void Say(string name, Response response)
    {
        if (response.Kind == PayloadKind.List)
        {
            foreach (string listed in NameList.Parse(response.Span))
            {
                Output.Say($"listed {listed}");
            }
        }

        PayloadDescription description = response.Description;
        if (description.Rank > 0)
        {
            string shape = string.Join(',', ((ReadOnlySpan<long>)description.Shape)[..description.Rank].ToArray());
            string strides = string.Join(',', ((ReadOnlySpan<long>)description.Strides)[..description.Rank].ToArray());
            Output.Say($"description {(int)description.ElementType} {(int)description.PixelFormat} {description.Rank} {shape} {strides}");
        }

        ResponseHeader header = response.Header;
        int kind = response.Level == ExchangeLevel.Basic ? 0 : (int)response.Kind;
        string level = response.Level == ExchangeLevel.Basic ? "basic" : "extended";
        Output.Say($"answer {level} {kind} {header.Length} {header.Width} {header.Height} {header.Channels} {Output.HashOf(response.Span):x16} {response.MediaType ?? "-"} {name}");
    }
}
