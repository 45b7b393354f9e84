namespace Chappe.Interop.Tests;

/// <summary>The peer in C may not make files as long as its segments would have to be (ulimit -f): an answer and a message, not the death by SIGXFSZ.</summary>
public sealed class FileSizeLimitTests
{
    [Fact]
    public async Task A_responder_in_C_that_may_not_make_a_file_that_long_answers_too_large_and_the_channel_goes_on()
    {
        using var scene = new Scene();
        RequesterPeer requester = await scene.RequesterAsync("C#");
        using var responder = new ResponderPeer([.. WithLimit(blocks: 2000), .. Language.Of("C").ResponderCommand(), scene.Channel, Folder.Path]);
        await responder.AttachedAsync();
        string refusal = await requester.AskAsync(Folder.Large);
        Assert.StartsWith($"failed 5 {Folder.Large}: ", refusal, StringComparison.Ordinal);
        Assert.Contains("ulimit -f", refusal, StringComparison.Ordinal);
        await requester.AskRightAsync(Folder.First);
        await scene.EndAsync(requester, responder);
    }

    private static string[] WithLimit(int blocks) => ["sh", "-c", $"ulimit -f {blocks} && exec \"$@\"", "sh"];
}
