using System.Diagnostics;
using Chappe.Exchange;

namespace Chappe.Tool;

/// <summary>Carries out a <see cref="AskPlan"/>: opens the channel, asks, saves, reports.</summary>
internal sealed class AskSession(AskPlan plan, IExchangeOutput output, Messages messages)
{
    private static readonly TimeSpan WaitingIsWorthSaying = TimeSpan.FromMilliseconds(300);

    private ExchangeLevel? _lastLevel;

    /// <summary>What was exchanged so far.</summary>
    public ExchangeTotals Totals { get; } = new();

    /// <summary>The last file received that is an image, null for none.</summary>
    public string? LastImage { get; private set; }

    /// <summary>What a user would type to start a responder, said when none answers; null where one is known to come.</summary>
    public string? HowToStartAResponder { get; init; } = $"chappe serve DIR -c {plan.Channel}";

    /// <summary>Runs the plan to its end and returns the exit status.</summary>
    /// <param name="cancellationToken">Cancelled when the user interrupts.</param>
    /// <param name="channelStands">Called when the channel stands and a responder may come.</param>
    public int Run(CancellationToken cancellationToken, Action? channelStands = null)
    {
        if (plan.Destination.Prepare() is { } problem)
        {
            messages.Error(problem);
            return ExitCode.WrongUsage;
        }

        try
        {
            using Requester requester = Requester.Create(plan.Channel, new RequesterOptions
            {
                Timeout = plan.Timeout,
                TakeOver = plan.TakeOver,
                Mode = plan.Mode,
                GroupId = plan.GroupId,
                AllowedOwners = plan.AllowedOwners,
                Trust = plan.Trust,
                MaxPayloadLength = CommonOptions.MaxPayloadLength,
            });
            channelStands?.Invoke();
            return AskForAll(requester, cancellationToken);
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            return ExitCode.Interrupted;
        }
        catch (IOException exception) when (StandardOutput.IsBrokenPipe(exception))
        {
            return ExitCode.BrokenPipe;
        }
        catch (Exception exception) when (Failure.OfChannel(exception, plan.Channel) is { } sentence)
        {
            messages.Error(sentence);
            return ExitCode.ChannelUnavailable;
        }
    }

    private int AskForAll(Requester requester, CancellationToken cancellationToken)
    {
        IReadOnlyList<string>? names = plan.Names.Count > 0 ? plan.Names : AskForList(requester, cancellationToken);
        if (names is null or [])
        {
            return ExitCode.ExchangeFailed;
        }

        foreach (string name in plan.Choose(names))
        {
            cancellationToken.ThrowIfCancellationRequested();
            ExchangeRecord exchange = AskFor(name, requester, cancellationToken);
            Totals.Add(exchange);
            output.Write(exchange);
        }

        return Totals.Failed == 0 ? ExitCode.Success : ExitCode.ExchangeFailed;
    }

    private IReadOnlyList<string>? AskForList(Requester requester, CancellationToken cancellationToken)
    {
        try
        {
            using LateNotice waiting = SayWhenNobodyAnswers(requester);
            IReadOnlyList<string> names = requester.List(cancellationToken);
            if (names.Count == 0)
            {
                messages.Error("The responder serves no files.");
            }

            return names;
        }
        catch (RequestFailedException failed) when (failed.Status == ResponseStatus.Unsupported)
        {
            messages.Error($"The responder cannot list what it serves: name the files, for example: chappe ask apple.jpg -c {plan.Channel}");
            return null;
        }
        catch (Exception exception) when (Failure.OfExchange(exception) is var (status, message))
        {
            messages.Error($"The responder's list could not be had ({status}): {message}");
            return null;
        }
    }

    private ExchangeRecord AskFor(string name, Requester requester, CancellationToken cancellationToken)
    {
        using LateNotice waiting = SayWhenNobodyAnswers(requester);
        using var asking = new ProgressLine(messages.Console, $"Asking for {name}");
        long start = Stopwatch.GetTimestamp();
        try
        {
            using Response response = requester.Request(name, new RequestOptions { Kind = plan.Want }, cancellationToken);
            TimeSpan elapsed = Stopwatch.GetElapsedTime(start);
            waiting.Dispose();
            asking.Dispose();
            _lastLevel = response.Level;
            return Save(ExchangeRecord.Received(name, response, elapsed), response, cancellationToken);
        }
        catch (Exception exception) when (Failure.OfExchange(exception) is var (status, message))
        {
            return ExchangeRecord.Failed(name, status, message, Stopwatch.GetElapsedTime(start));
        }
    }

    private ExchangeRecord Save(ExchangeRecord exchange, Response response, CancellationToken cancellationToken)
    {
        try
        {
            using var progress = new ProgressLine(messages.Console, $"Saving {exchange.Name}", response.Length);
            string? path = plan.Destination.Save(exchange.Name, response, progress, cancellationToken);
            LastImage = exchange.Width > 0 ? path : LastImage;
            return exchange with { File = path };
        }
        catch (Exception exception) when (exception is not OperationCanceledException && !StandardOutput.IsBrokenPipe(exception))
        {
            // Whatever the disk or an encoder has against it: the exchange itself went well, and the next one may be saved.
            return exchange with { Ok = false, Status = Failure.NotSaved, Message = exception.Message };
        }
    }

    /// <summary>A responder of the basic level cannot be seen, so its absence is not claimed once it has answered.</summary>
    private LateNotice SayWhenNobodyAnswers(Requester requester) => new(WaitingIsWorthSaying, () =>
    {
        if (HowToStartAResponder is { } how && _lastLevel != ExchangeLevel.Basic && !requester.IsResponderAttached)
        {
            messages.Notice($"Waiting for a responder on channel {plan.Channel}. Start one with: {how}");
        }
    });
}
