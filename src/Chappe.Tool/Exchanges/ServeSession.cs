using Chappe.Exchange;
using Chappe.Images;

namespace Chappe.Tool;

/// <summary>Serves a directory on a channel and reports the requests.</summary>
internal sealed class ServeSession(
    ChannelName channel, string directory, SendPreference send, int? count, ResponderOptions options, IExchangeOutput output, Messages messages)
{
    private static readonly TimeSpan WaitingNoticeDelay = TimeSpan.FromMilliseconds(300);

    private bool _anyFailed;

    /// <summary>Serves until cancellation, or until the number of requests is reached, and returns the exit status.</summary>
    public async Task<int> RunAsync(CancellationToken cancellationToken)
    {
        try
        {
            Libvips.ConfigureOwnProcess();
            using var files = new ImageDirectory(directory, send);
            await using Responder responder = await AttachAsync(cancellationToken);
            await responder.RunAsync(ProgressLine.IsShownOn(messages.Console) ? new ShownRequests(files, messages.Console) : files, count, Report, cancellationToken);
            return _anyFailed ? ExitCode.ExchangeFailed : ExitCode.Success;
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            return ExitCode.Interrupted;
        }
        catch (Exception exception) when (Failure.OfChannel(exception, channel) is { } sentence)
        {
            messages.Error(sentence);
            return ExitCode.ChannelUnavailable;
        }
    }

    private async ValueTask<Responder> AttachAsync(CancellationToken cancellationToken)
    {
        // An existing channel is found at once, without a notice.
        using var waiting = new LateNotice(WaitingNoticeDelay, () => messages.Notice(WaitingText));
        return await Responder.OpenAsync(channel, options with { StateChanged = state => Announce(state, waiting) }, cancellationToken);
    }

    private void Announce(ResponderState state, LateNotice waiting)
    {
        waiting.Dispose();
        messages.Notice(state switch
        {
            ResponderState.WaitingForRequester => WaitingText,
            ResponderState.StandingBy => $"Another responder serves channel {channel}; standing by to take over when it ends.",
            _ => $"Serving {Path.GetFullPath(directory)} on channel {channel}.",
        });
    }

    private string WaitingText => $"Waiting for a requester on channel {channel}. Start one with: chappe ask -c {channel}";

    private void Report(ServedRequest served)
    {
        ExchangeRecord exchange = ExchangeRecord.Served(served);
        _anyFailed |= !exchange.Ok;
        output.Write(exchange);
    }
}
