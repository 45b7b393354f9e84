using System.Globalization;
using Chappe.Exchange;
using Chappe.FaultPeer;

namespace Chappe.Interop.Tests;

/// <summary>What else than the bytes of a file can come: a status, a list, a frame with its description.</summary>
public sealed class AnswerTests : IDisposable
{
    private const int Width = 1920, Height = 1080, Channels = 3;

    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("chappe-interop-folder-");

    public static TheoryData<string, string> Pairs => Language.Pairs;

    public static TheoryData<string> Foreign => Language.Foreign;

    public void Dispose() => _folder.Delete(recursive: true);

    [Theory]
    [MemberData(nameof(Pairs))]
    public async Task A_request_that_cannot_be_answered_says_why(string requesterLanguage, string responderLanguage)
    {
        File.WriteAllText(Path.Combine(_folder.FullName, "here.txt"), "here");
        Directory.CreateDirectory(Path.Combine(_folder.FullName, "below"));
        File.WriteAllText(Path.Combine(_folder.FullName, "below", "there.txt"), "there");
        File.CreateSymbolicLink(Path.Combine(_folder.FullName, "out"), "/etc/passwd");
        using (FileStream sparse = File.Create(Path.Combine(_folder.FullName, "sparse")))
        {
            sparse.SetLength((4L << 30) + 1);
        }

        using var scene = new Scene();
        ResponderPeer responder = scene.StartResponder(responderLanguage, folder: _folder.FullName);
        RequesterPeer requester = await scene.RequesterAsync(requesterLanguage);
        Assert.StartsWith("failed 1 nowhere: ", await requester.AskAsync("nowhere"), StringComparison.Ordinal);
        Assert.StartsWith("failed 2 ../here.txt: ", await requester.AskAsync("../here.txt"), StringComparison.Ordinal);
        Assert.StartsWith("failed 2 /etc/passwd: ", await requester.AskAsync("/etc/passwd"), StringComparison.Ordinal);
        Assert.StartsWith("failed 2 out: ", await requester.AskAsync("out"), StringComparison.Ordinal);
        Assert.StartsWith("failed 2 below: ", await requester.AskAsync("below"), StringComparison.Ordinal);
        Assert.StartsWith("failed 5 sparse: ", await requester.AskAsync("sparse"), StringComparison.Ordinal);
        Assert.StartsWith("answer extended 1 4 0 0 0 ", await requester.AskAsync("here.txt"), StringComparison.Ordinal);
        Assert.StartsWith("answer extended 1 5 0 0 0 ", await requester.AskAsync("below/there.txt"), StringComparison.Ordinal);
        await scene.EndAsync(requester, responder);
    }

    [Theory]
    [MemberData(nameof(Foreign))]
    public async Task A_name_that_can_be_none_is_said_to_be_invalid(string language)
    {
        using var scene = new Scene();
        using Requester requester = Requester.Create(scene.Channel);
        ResponderPeer responder = scene.StartResponder(language);
        foreach (byte[] name in (byte[][])[[.. "a\0b"u8], [0xff, 0xfe], [0xc0, 0x80], [0xed, 0xa0, 0x80]])
        {
            RequestFailedException failure = await Assert.ThrowsAsync<RequestFailedException>(
                async () => (await requester.RequestAsync(name, cancellationToken: TestContext.Current.CancellationToken)).Dispose());
            Assert.Equal(ResponseStatus.InvalidName, failure.Status);
        }

        await responder.CloseAsync();
    }

    [Theory]
    [MemberData(nameof(Pairs))]
    public async Task Of_a_responder_that_decodes_no_images_pixels_are_refused(string requesterLanguage, string responderLanguage)
    {
        using var scene = new Scene();
        ResponderPeer responder = scene.StartResponder(responderLanguage);
        RequesterPeer requester = await scene.RequesterAsync(requesterLanguage, "--wants pixels");
        Assert.StartsWith($"failed 8 {Folder.First}: ", await requester.AskAsync(Folder.First), StringComparison.Ordinal);
        await scene.EndAsync(requester, responder);
    }

    [Theory]
    [MemberData(nameof(Pairs))]
    public async Task The_list_has_the_names_at_the_top_but_hidden_ones_in_order(string requesterLanguage, string responderLanguage)
    {
        string[] names = ["b", "a", "é and 日本", "Z", ".hidden"];
        foreach (string name in names)
        {
            File.WriteAllText(Path.Combine(_folder.FullName, name), name);
        }

        Directory.CreateDirectory(Path.Combine(_folder.FullName, "below"));
        using var scene = new Scene();
        RequesterPeer requester = await scene.RequesterAsync(requesterLanguage, "--list");
        ResponderPeer responder = scene.StartResponder(responderLanguage, folder: _folder.FullName);
        foreach (string name in (string[])["Z", "a", "b", "é and 日本"])
        {
            Assert.Equal($"listed {name}", await requester.HearAsync("listed", "answer", "failed", "error"));
        }

        Assert.StartsWith("answer extended 3 ", await requester.OutcomeAsync(), StringComparison.Ordinal);
        Assert.Equal(0, await requester.EndAsync());
        await responder.CloseAsync();
        Assert.Empty(scene.Names());
    }

    [Theory]
    [MemberData(nameof(Pairs))]
    public async Task A_frame_comes_with_its_shape_and_every_pixel(string requesterLanguage, string responderLanguage)
    {
        using var scene = new Scene();
        ResponderPeer responder = scene.StartResponder(responderLanguage, string.Create(CultureInfo.InvariantCulture, $"--frame {Width}x{Height}x{Channels}"));
        RequesterPeer requester = await scene.RequesterAsync(requesterLanguage);
        for (int i = 0; i < 5; i++)
        {
            string name = $"frame {i}";
            requester.Tell(name);
            Assert.Equal($"description 1 3 3 {Height},{Width},{Channels} {Width * Channels},{Channels},1", await requester.HearAsync("description", "answer", "failed", "error"));
            Assert.Equal(
                $"answer extended 2 {Width * Height * Channels} {Width} {Height} {Channels} {Payload.HashOf(FrameOf(name, Width * Height * Channels)):x16} application/octet-stream {name}",
                await requester.OutcomeAsync());
        }

        await scene.EndAsync(requester, responder);
    }

    [Theory]
    [MemberData(nameof(Pairs))]
    public async Task A_request_past_its_deadline_is_withdrawn_and_the_next_is_answered(string requesterLanguage, string responderLanguage)
    {
        using var scene = new Scene();
        RequesterPeer requester = await scene.RequesterAsync(requesterLanguage, "--timeout 5000");
        Assert.StartsWith($"error timeout {Folder.First}: ", await requester.AskAsync(Folder.First), StringComparison.Ordinal);
        ResponderPeer responder = await scene.ResponderAsync(responderLanguage);
        await requester.AskRightAsync(Folder.Wanted);
        await scene.EndAsync(requester, responder);
    }

    /// <summary>The bytes of a generated frame: peers/c/responder.c has the formula.</summary>
    internal static byte[] FrameOf(string name, int length)
    {
        byte[] frame = new byte[length];
        byte seed = (byte)Payload.HashOf(System.Text.Encoding.UTF8.GetBytes(name));
        for (int i = 0; i < frame.Length; i++)
        {
            frame[i] = (byte)(seed + (i % 251));
        }

        return frame;
    }
}
