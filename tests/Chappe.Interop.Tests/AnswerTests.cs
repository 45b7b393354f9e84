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
    public async Task A_request_that_cannot_be_answered_says_why(string serverLanguage, string clientLanguage)
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
        ClientPeer client = scene.StartClient(clientLanguage, folder: _folder.FullName);
        ServerPeer server = await scene.ServerAsync(serverLanguage);
        Assert.StartsWith("failed 1 nowhere: ", await server.AskAsync("nowhere"), StringComparison.Ordinal);
        Assert.StartsWith("failed 2 ../here.txt: ", await server.AskAsync("../here.txt"), StringComparison.Ordinal);
        Assert.StartsWith("failed 2 /etc/passwd: ", await server.AskAsync("/etc/passwd"), StringComparison.Ordinal);
        Assert.StartsWith("failed 2 out: ", await server.AskAsync("out"), StringComparison.Ordinal);
        Assert.StartsWith("failed 2 below: ", await server.AskAsync("below"), StringComparison.Ordinal);
        Assert.StartsWith("failed 5 sparse: ", await server.AskAsync("sparse"), StringComparison.Ordinal);
        Assert.StartsWith("answer extended 1 4 0 0 0 ", await server.AskAsync("here.txt"), StringComparison.Ordinal);
        Assert.StartsWith("answer extended 1 5 0 0 0 ", await server.AskAsync("below/there.txt"), StringComparison.Ordinal);
        await scene.EndAsync(server, client);
    }

    [Theory]
    [MemberData(nameof(Foreign))]
    public async Task A_name_that_can_be_none_is_said_to_be_invalid(string language)
    {
        using var scene = new Scene();
        using Requester requester = Requester.Create(scene.Channel);
        ClientPeer client = scene.StartClient(language);
        foreach (byte[] name in (byte[][])[[.. "a\0b"u8], [0xff, 0xfe], [0xc0, 0x80], [0xed, 0xa0, 0x80]])
        {
            RequestFailedException failure = await Assert.ThrowsAsync<RequestFailedException>(
                async () => (await requester.RequestAsync(name, cancellationToken: TestContext.Current.CancellationToken)).Dispose());
            Assert.Equal(ResponseStatus.InvalidName, failure.Status);
        }

        await client.CloseAsync();
    }

    [Theory]
    [MemberData(nameof(Pairs))]
    public async Task Of_a_client_that_decodes_no_images_pixels_are_refused(string serverLanguage, string clientLanguage)
    {
        using var scene = new Scene();
        ClientPeer client = scene.StartClient(clientLanguage);
        ServerPeer server = await scene.ServerAsync(serverLanguage, "--wants pixels");
        Assert.StartsWith($"failed 8 {Folder.First}: ", await server.AskAsync(Folder.First), StringComparison.Ordinal);
        await scene.EndAsync(server, client);
    }

    [Theory]
    [MemberData(nameof(Pairs))]
    public async Task The_list_has_the_names_at_the_top_but_hidden_ones_in_order(string serverLanguage, string clientLanguage)
    {
        string[] names = ["b", "a", "é and 日本", "Z", ".hidden"];
        foreach (string name in names)
        {
            File.WriteAllText(Path.Combine(_folder.FullName, name), name);
        }

        Directory.CreateDirectory(Path.Combine(_folder.FullName, "below"));
        using var scene = new Scene();
        ServerPeer server = await scene.ServerAsync(serverLanguage, "--list");
        ClientPeer client = scene.StartClient(clientLanguage, folder: _folder.FullName);
        foreach (string name in (string[])["Z", "a", "b", "é and 日本"])
        {
            Assert.Equal($"listed {name}", await server.HearAsync("listed", "answer", "failed", "error"));
        }

        Assert.StartsWith("answer extended 3 ", await server.OutcomeAsync(), StringComparison.Ordinal);
        Assert.Equal(0, await server.EndAsync());
        await client.CloseAsync();
        Assert.Empty(scene.Names());
    }

    [Theory]
    [MemberData(nameof(Pairs))]
    public async Task A_frame_comes_with_its_shape_and_every_pixel(string serverLanguage, string clientLanguage)
    {
        using var scene = new Scene();
        ClientPeer client = scene.StartClient(clientLanguage, string.Create(CultureInfo.InvariantCulture, $"--frame {Width}x{Height}x{Channels}"));
        ServerPeer server = await scene.ServerAsync(serverLanguage);
        for (int i = 0; i < 5; i++)
        {
            string name = $"frame {i}";
            server.Tell(name);
            Assert.Equal($"description 1 3 3 {Height},{Width},{Channels} {Width * Channels},{Channels},1", await server.HearAsync("description", "answer", "failed", "error"));
            Assert.Equal(
                $"answer extended 2 {Width * Height * Channels} {Width} {Height} {Channels} {Payload.HashOf(FrameOf(name, Width * Height * Channels)):x16} application/octet-stream {name}",
                await server.OutcomeAsync());
        }

        await scene.EndAsync(server, client);
    }

    [Theory]
    [MemberData(nameof(Pairs))]
    public async Task A_request_past_its_deadline_is_withdrawn_and_the_next_is_answered(string serverLanguage, string clientLanguage)
    {
        using var scene = new Scene();
        ServerPeer server = await scene.ServerAsync(serverLanguage, "--timeout 5000");
        Assert.StartsWith($"error timeout {Folder.First}: ", await server.AskAsync(Folder.First), StringComparison.Ordinal);
        ClientPeer client = await scene.ClientAsync(clientLanguage);
        await server.AskRightAsync(Folder.Wanted);
        await scene.EndAsync(server, client);
    }

    /// <summary>The bytes of a generated frame: peers/c/client.c has the formula.</summary>
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
