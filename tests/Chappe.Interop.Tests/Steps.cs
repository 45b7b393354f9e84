namespace Chappe.Interop.Tests;

/// <summary>The named steps of the protocol, by the occasion at which a process passes them. <c>:2</c> is the second passing.</summary>
internal static class Steps
{
    public static readonly string[] Birth =
    [
        "BirthMade", "BirthLocked", "BirthPublished", "HomeRequestsMade", "HomeResponsesMade", "HomeDataRecorded", "HomeDataPublished",
        "HomeHeaderRecorded", "HomeHeaderPublished", "HomeGenerationWritten", "HomeStateWritten",
    ];

    public static readonly string[] Adoption = ["AdoptLocked", "AdoptOpened", "AdoptDrained"];

    /// <summary>The home is the second one that the process makes.</summary>
    public static readonly string[] ReHoming =
    [
        "ReHomeTicketCleared", "ReHomeStateWritten", "ReHomeUnlinked", "HomeRequestsMade:2", "HomeResponsesMade:2", "HomeDataRecorded:2", "HomeDataPublished:2",
        "HomeHeaderRecorded:2", "HomeHeaderPublished:2", "HomeGenerationWritten:2", "HomeStateWritten:2", "ReHomePosted",
    ];

    /// <summary>Of the second request.</summary>
    public static readonly string[] Asking =
    [
        "AskDrained:2", "AskNameWritten:2", "AskHeaderWritten:2", "AskPendingWritten:2", "AskTicketWritten:2", "AskPosted:2", "AnswerPostTaken:2", "AnswerSeen:2",
    ];

    public static readonly string[] Withdrawal = ["WithdrawTicketCleared", "WithdrawPendingCleared"];

    public static readonly string[] Closing = ["CloseStateWritten", "CloseHomeUnlinked", "CloseControlUnlinked", "ClosePosted"];

    public static readonly string[] Attaching = ["AttachLocked", "AttachProcessWritten", "AttachIncarnationWritten", "AttachOpened"];

    /// <summary>Of the second request: who dies here has not taken it, or takes it along, or has answered it.</summary>
    public static readonly string[] Answering =
    [
        "RequestPostTaken:2", "TakerWritten:2", "TakenWritten:2", "NameRead:2", "RoomMade:2", "HeaderWritten:2", "StatusWritten:2", "DoneWritten:2", "ResponsePosted:2",
    ];

    public static readonly string[] Taken = ["TakenWritten:2", "NameRead:2", "RoomMade:2", "HeaderWritten:2", "StatusWritten:2"];

    public static readonly string[] Done = ["DoneWritten:2", "ResponsePosted:2"];

    public static readonly string[] AnsweringABasicRequester = ["RequestPostTaken", "RoomMade", "HeaderWritten"];

    public static readonly string[] BasicAnswer = ["BasicTicketCleared:2", "BasicPendingCleared:2"];

    /// <summary>Each step with each pair of who dies and who lives on.</summary>
    public static TheoryData<string, string, string> WithDeaths(string[] steps)
    {
        var data = new TheoryData<string, string, string>();
        foreach ((string victim, string survivor) in Language.Deaths)
        {
            foreach (string step in steps)
            {
                data.Add(step, victim, survivor);
            }
        }

        return data;
    }
}
