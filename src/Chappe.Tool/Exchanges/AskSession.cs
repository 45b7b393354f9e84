using System.Diagnostics;
using Chappe.Exchange;

namespace Chappe.Tool;

/// <summary>Carries out an <see cref="AskPlan"/>: creates the channel, asks, saves and reports.</summary>
internal sealed class AskSession(AskPlan plan, IExchangeOutput output, Messages messages)
{
    private static readonly TimeSpan WaitingNoticeDelay = TimeSpan.FromMilliseconds(300);

    private ExchangeLevel? _lastLevel;

    /// <summary>The totals of the exchanges so far.</summary>
    public ExchangeTotals Totals { get; } = new();

    /// <summary>The path of the last image that was saved; null for none.</summary>
    public string? LastImage { get; private set; }

    /// <summary>The command that starts a responder, for the notice that none has attached; null to suppress the notice.</summary>
    public string? HowToStartAResponder { get; init; } = $"chappe serve DIR -c {plan.Channel}";

    /// <summary>Runs the plan to its end and returns the exit status.</summary>
    /// <param name="cancellationToken">Cancelled when the user interrupts.</param>
    /// <param name="created">Called when the channel exists and a responder can attach.</param>
    public int Run(CancellationToken cancellationToken, Action? created = null)
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
            created?.Invoke();
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

        if (plan.WarmsUp)
        {
            WarmUp(names, requester, cancellationToken);
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
            using LateNotice waiting = NoticeOfWaiting(requester);
            IReadOnlyList<string> names = requester.List(cancellationToken);
            if (names.Count == 0)
            {
                messages.Error("The responder serves no files.");
            }

            return names;
        }
        catch (RequestFailedException failed) when (failed.Status == ResponseStatus.Unsupported)
        {
            messages.Error($"The responder cannot list its files. Give their names, for example: chappe ask apple.jpg -c {plan.Channel}");
            return null;
        }
        catch (Exception exception) when (Failure.OfExchange(exception) is var (status, message))
        {
            messages.Error($"The responder did not send its list ({status}): {message}");
            return null;
        }
    }

    /// <summary>Without it the first exchanges would measure the start of both programs: compiling, and loading the image decoders.</summary>
    private void WarmUp(IReadOnlyList<string> names, Requester requester, CancellationToken cancellationToken)
    {
        foreach (string name in names)
        {
            try
            {
                requester.Request(name, new RequestOptions { Kind = plan.Want }, cancellationToken).Dispose();
            }
            catch (Exception exception) when (Failure.OfExchange(exception) is not null)
            {
                // The counted exchange reports it.
            }
        }
    }

    private ExchangeRecord AskFor(string name, Requester requester, CancellationToken cancellationToken)
    {
        using LateNotice waiting = NoticeOfWaiting(requester);
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
            // The exchange succeeded and only this file was not saved, whatever the disk or an encoder threw; the next one may be.
            return exchange with { Ok = false, Status = Failure.NotSaved, Message = exception.Message };
        }
    }

    /// <summary>A responder of the basic level is invisible, so once one has answered there is no notice.</summary>
    private LateNotice NoticeOfWaiting(Requester requester) => new(WaitingNoticeDelay, () =>
    {
        if (HowToStartAResponder is { } how && _lastLevel != ExchangeLevel.Basic && !requester.IsResponderAttached)
        {
            messages.Notice($"Waiting for a responder on channel {plan.Channel}. Start one with: {how}");
        }
    });
}
