using Chappe.FaultPeer;

namespace Chappe.Interop.Tests;

/// <summary>Every language as server with every language as client.</summary>
public sealed class ExchangeTests
{
    private static readonly string[] UpAndDown = [Folder.First, Folder.Large, Folder.Wanted, Folder.First, Folder.Large];

    public static TheoryData<string, string> Pairs => Language.Pairs;

    [Theory]
    [MemberData(nameof(Pairs))]
    public async Task The_server_is_first_and_every_byte_of_a_hundred_answers_is_right(string serverLanguage, string clientLanguage)
    {
        using var scene = new Scene();
        ServerPeer server = await scene.ServerAsync(serverLanguage);
        Task<string> early = server.AskAsync(Folder.First);
        ClientPeer client = scene.StartClient(clientLanguage);
        ServerPeer.AssertRight(Folder.First, await early);
        await server.ExchangeHundredAsync();
        await scene.EndAsync(server, client);
    }

    [Theory]
    [MemberData(nameof(Pairs))]
    public async Task The_client_is_first_and_every_byte_of_a_hundred_answers_is_right(string serverLanguage, string clientLanguage)
    {
        using var scene = new Scene();
        ClientPeer client = scene.StartClient(clientLanguage);
        ServerPeer server = await scene.ServerAsync(serverLanguage);
        await server.ExchangeHundredAsync();
        await scene.EndAsync(server, client);
    }

    [Theory]
    [MemberData(nameof(Pairs))]
    public async Task What_is_received_is_written_as_it_was_served_whatever_came_before(string serverLanguage, string clientLanguage)
    {
        using var scene = new Scene();
        DirectoryInfo received = Directory.CreateTempSubdirectory("chappe-interop-received-");
        try
        {
            ClientPeer client = scene.StartClient(clientLanguage);
            ServerPeer server = await scene.ServerAsync(serverLanguage, $"--out {received.FullName} {string.Join(' ', UpAndDown)} --repeat 3");
            await server.HearAsync("closed");
            Assert.Equal(0, await server.EndAsync());
            for (int i = 0; i < UpAndDown.Length * 3; i++)
            {
                Assert.Equal(Payload.Of(UpAndDown[i % UpAndDown.Length]), File.ReadAllBytes(Path.Combine(received.FullName, $"{i}")));
            }

            await client.CloseAsync();
            Assert.Empty(scene.Names());
        }
        finally
        {
            received.Delete(recursive: true);
        }
    }

    [Theory]
    [MemberData(nameof(Pairs))]
    public async Task A_client_goes_on_with_the_next_server(string serverLanguage, string clientLanguage)
    {
        using var scene = new Scene();
        ClientPeer client = scene.StartClient(clientLanguage);
        for (int i = 0; i < 3; i++)
        {
            ServerPeer server = await scene.ServerAsync(serverLanguage);
            await server.AskRightAsync(Folder.Wanted);
            await server.CloseAsync();
            Assert.Empty(scene.Names());
        }

        await client.CloseAsync();
    }

    [Theory]
    [MemberData(nameof(Pairs))]
    public async Task A_second_server_is_refused_and_told_whose_the_channel_is(string serverLanguage, string secondLanguage)
    {
        using var scene = new Scene();
        ServerPeer server = await scene.ServerAsync(serverLanguage);
        ServerPeer second = scene.StartServer(secondLanguage);
        Assert.Contains($"{server.Id}", await second.HearAsync("error in-use"), StringComparison.Ordinal);
        Assert.Equal(2, await second.EndAsync());
        ClientPeer client = scene.StartClient(secondLanguage);
        await server.AskRightAsync(Folder.First);
        await scene.EndAsync(server, client);
    }
}
