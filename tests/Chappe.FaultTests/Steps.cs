using Chappe.Exchange;

namespace Chappe.FaultTests;

/// <summary>Every named step, by the occasion at which a process passes it.</summary>
internal static class Steps
{
    public const string PayloadHalfWritten = FaultPeer.Fault.PayloadHalfWritten;

    public static readonly string[] Birth = Names(Step.BirthMade, Step.BirthLocked, Step.BirthPublished);

    public static readonly string[] Home = Names(
        Step.HomeRequestsMade, Step.HomeResponsesMade, Step.HomeDataRecorded, Step.HomeDataPublished,
        Step.HomeHeaderRecorded, Step.HomeHeaderPublished, Step.HomeGenerationWritten, Step.HomeStateWritten);

    public static readonly string[] Adoption = Names(Step.AdoptLocked, Step.AdoptOpened, Step.AdoptDrained);

    public static readonly string[] ReHoming = Names(Step.ReHomeTicketCleared, Step.ReHomeStateWritten, Step.ReHomeUnlinked, Step.ReHomePosted);

    public static readonly string[] Replacing = Names(Step.ControlReplaced);

    public static readonly string[] Asking = Names(Step.AskNameWritten, Step.AskHeaderWritten, Step.AskDrained, Step.AskPendingWritten, Step.AskTicketWritten, Step.AskPosted);

    public static readonly string[] BeingAnswered = Names(Step.AnswerPostTaken, Step.AnswerSeen);

    public static readonly string[] BasicAnswer = Names(Step.BasicTicketCleared, Step.BasicPendingCleared);

    /// <summary>All that a responder passes which answers a requester of the basic level, before its post.</summary>
    public static readonly string[] AnsweringABasicRequester = [nameof(Step.RequestPostTaken), nameof(Step.RoomMade), PayloadHalfWritten, nameof(Step.HeaderWritten)];

    public static readonly string[] Withdrawal = Names(Step.WithdrawTicketCleared, Step.WithdrawPendingCleared);

    public static readonly string[] Closing = Names(Step.CloseStateWritten, Step.CloseHomeUnlinked, Step.CloseControlUnlinked, Step.ClosePosted);

    public static readonly string[] Attaching = Names(Step.AttachLocked, Step.AttachOpened, Step.AttachProcessWritten, Step.AttachIncarnationWritten);

    public static readonly string[] Following = Names(Step.FollowOpened);

    /// <summary>A responder that dies here has not taken the request.</summary>
    public static readonly string[] BeforeTaking = [nameof(Step.RequestPostTaken), nameof(Step.TakerWritten)];

    /// <summary>A responder that dies here takes the request with it.</summary>
    public static readonly string[] Taken =
    [
        nameof(Step.TakenWritten), nameof(Step.NameRead), nameof(Step.RoomMade), PayloadHalfWritten, nameof(Step.HeaderWritten), nameof(Step.StatusWritten),
    ];

    /// <summary>The same for one that streams: nothing is handed over yet.</summary>
    public static readonly string[] TakenBeforeStreaming = Names(Step.TakenWritten, Step.NameRead, Step.RoomMade, Step.HeaderWritten, Step.StatusWritten);

    /// <summary>A responder that dies here has handed over the header, and perhaps bytes of the payload.</summary>
    public static readonly string[] Streaming = Names(Step.StartedWritten, Step.ProgressWritten);

    /// <summary>A responder that dies here has answered.</summary>
    public static readonly string[] Done = [nameof(Step.DoneWritten), nameof(Step.ResponsePosted)];

    public static TheoryData<string> Of(params string[][] occasions) => [.. occasions.SelectMany(steps => steps)];

    private static string[] Names(params Step[] steps) => [.. steps.Select(step => step.ToString())];
}
