using System.Runtime.CompilerServices;

namespace Chappe.Exchange;

/// <summary>The steps of the protocol after which a process may die, with the names that docs/protocol.md and the model use.</summary>
internal enum Step
{
    // The requester: birth, adoption, a home.
    BirthMade,
    BirthLocked,
    BirthPublished,
    AdoptLocked,
    AdoptOpened,
    AdoptDrained,
    HomeRequestsMade,
    HomeResponsesMade,
    HomeDataRecorded,
    HomeDataPublished,
    HomeHeaderRecorded,
    HomeHeaderPublished,
    HomeGenerationWritten,
    HomeStateWritten,
    ControlReplaced,
    ReHomeTicketCleared,
    ReHomeStateWritten,
    ReHomeUnlinked,
    ReHomePosted,

    // The requester: a request.
    AskNameWritten,
    AskHeaderWritten,
    AskDrained,
    AskPendingWritten,
    AskTicketWritten,
    AskPosted,
    AnswerPostTaken,
    AnswerSeen,
    BasicTicketCleared,
    BasicPendingCleared,
    WithdrawTicketCleared,
    WithdrawPendingCleared,

    // The requester: the end.
    CloseStateWritten,
    CloseHomeUnlinked,
    CloseControlUnlinked,
    ClosePosted,

    // The responder: attaching.
    AttachLocked,
    AttachOpened,
    AttachProcessWritten,
    AttachIncarnationWritten,
    FollowOpened,

    // The responder: a request.
    RequestPostTaken,
    TakerWritten,
    TakenWritten,
    NameRead,
    RoomMade,
    HeaderWritten,
    StatusWritten,
    StartedWritten,
    ProgressWritten,
    DoneWritten,
    ResponsePosted,
}

/// <summary>
/// The points at which tests end or stop this process. They are off unless the switch <c>Chappe.FaultPoints</c> is set, which only the test projects do. While
/// they are off, the JIT compiles none of them, and the trimmer removes them (ILLink.Substitutions.xml).
/// </summary>
internal static class FaultPoint
{
    internal static bool IsEnabled { get; } = AppContext.TryGetSwitch("Chappe.FaultPoints", out bool isEnabled) && isEnabled;

    internal static Action<Step>? Reached { get; set; }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static void Pass(Step step)
    {
        if (IsEnabled)
        {
            Reached?.Invoke(step);
        }
    }
}
