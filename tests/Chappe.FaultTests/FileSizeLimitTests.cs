using System.Globalization;

namespace Chappe.FaultTests;

/// <summary>A peer may not make files as long as its segments would have to be (ulimit -f): the kernel would kill it by SIGXFSZ.</summary>
public sealed class FileSizeLimitTests
{
    [Theory]
    [InlineData("")]
    [InlineData("untrusted")]
    public async Task A_responder_that_may_not_make_a_file_that_long_answers_too_large_and_the_channel_goes_on(string options)
    {
        using var scene = new Scene();
        PeerProcess requester = await scene.RequesterAsync();
        PeerProcess responder = LimitedPeer(scene, blocks: 2000);
        await responder.AskAsync($"responder {scene.Channel} {options}", "state Attached");
        string refusal = await requester.AskAsync("ask large-9000000", "error RequestFailedException");
        Assert.Contains("1,024,000 bytes", refusal, StringComparison.Ordinal);
        Assert.Contains("ulimit -f", refusal, StringComparison.Ordinal);
        await responder.HearAsync("error PosixException");
        await Scene.ExchangeOneAsync(requester, "whole-1024000");
        await Scene.ExchangeHundredAsync(requester);
        await scene.EndAsync(requester, responder);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(7)]
    [InlineData(100)]
    public async Task A_requester_that_may_not_make_its_segments_says_so_and_leaves_nothing(int blocks)
    {
        using var scene = new Scene();
        PeerProcess requester = LimitedPeer(scene, blocks);
        string refusal = await requester.AskAsync($"requester {scene.Channel}", "error PosixException");
        Assert.Contains(scene.Channel, refusal, StringComparison.Ordinal);
        Assert.Contains(string.Create(CultureInfo.InvariantCulture, $"the limit of this process is {blocks * 512:N0} bytes"), refusal, StringComparison.Ordinal);
        Assert.Contains("ulimit -f", refusal, StringComparison.Ordinal);
        scene.AssertNothingIsLeft();
    }

    /// <summary>Without this setting the runtime creates a 2 GiB file for the double mapping of machine code, and fails at the limit.</summary>
    private static PeerProcess LimitedPeer(Scene scene, int blocks) => scene.Add(new PeerProcess(
        "sh", "-c", "export DOTNET_EnableWriteXorExecute=0 && ulimit -f $0 && exec \"$@\"", blocks.ToString(CultureInfo.InvariantCulture), PeerPool.Program));
}
