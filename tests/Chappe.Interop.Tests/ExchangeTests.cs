using Chappe.FaultPeer;

namespace Chappe.Interop.Tests;

/// <summary>Every language as requester with every language as responder.</summary>
public sealed class ExchangeTests
{
    private static readonly string[] UpAndDown = [Folder.First, Folder.Large, Folder.Wanted, Folder.First, Folder.Large];

    public static TheoryData<string, string> Pairs => Language.Pairs;

    [Theory]
    [MemberData(nameof(Pairs))]
    public async Task The_requester_is_first_and_every_byte_of_a_hundred_answers_is_right(string requesterLanguage, string responderLanguage)
    {
        using var scene = new Scene();
        RequesterPeer requester = await scene.RequesterAsync(requesterLanguage);
        Task<string> early = requester.AskAsync(Folder.First);
        ResponderPeer responder = scene.StartResponder(responderLanguage);
        RequesterPeer.AssertRight(Folder.First, await early);
        await requester.ExchangeHundredAsync();
        await scene.EndAsync(requester, responder);
    }

    [Theory]
    [MemberData(nameof(Pairs))]
    public async Task The_responder_is_first_and_every_byte_of_a_hundred_answers_is_right(string requesterLanguage, string responderLanguage)
    {
        using var scene = new Scene();
        ResponderPeer responder = scene.StartResponder(responderLanguage);
        RequesterPeer requester = await scene.RequesterAsync(requesterLanguage);
        await requester.ExchangeHundredAsync();
        await scene.EndAsync(requester, responder);
    }

    [Theory]
    [MemberData(nameof(Pairs))]
    public async Task What_is_received_is_written_as_it_was_served_whatever_came_before(string requesterLanguage, string responderLanguage)
    {
        using var scene = new Scene();
        DirectoryInfo received = Directory.CreateTempSubdirectory("chappe-interop-received-");
        try
        {
            ResponderPeer responder = scene.StartResponder(responderLanguage);
            RequesterPeer requester = await scene.RequesterAsync(requesterLanguage, $"--out {received.FullName} {string.Join(' ', UpAndDown)} --repeat 3");
            for (int i = 0; i < UpAndDown.Length * 3; i++)
            {
                RequesterPeer.AssertRight(UpAndDown[i % UpAndDown.Length], await requester.OutcomeAsync());
            }

            await requester.HearAsync("closed");
            Assert.Equal(0, await requester.EndAsync());
            for (int i = 0; i < UpAndDown.Length * 3; i++)
            {
                Assert.Equal(Payload.Of(UpAndDown[i % UpAndDown.Length]), File.ReadAllBytes(Path.Combine(received.FullName, $"{i}")));
            }

            await responder.CloseAsync();
            Assert.Empty(scene.Names());
        }
        finally
        {
            received.Delete(recursive: true);
        }
    }

    [Theory]
    [MemberData(nameof(Pairs))]
    public async Task A_responder_goes_on_with_the_next_requester(string requesterLanguage, string responderLanguage)
    {
        using var scene = new Scene();
        ResponderPeer responder = scene.StartResponder(responderLanguage);
        for (int i = 0; i < 3; i++)
        {
            RequesterPeer requester = await scene.RequesterAsync(requesterLanguage);
            await requester.AskRightAsync(Folder.Wanted);
            await requester.CloseAsync();
            Assert.Empty(scene.Names());
        }

        await responder.CloseAsync();
    }

    [Theory]
    [MemberData(nameof(Pairs))]
    public async Task A_second_requester_is_refused_and_told_whose_the_channel_is(string requesterLanguage, string secondLanguage)
    {
        using var scene = new Scene();
        RequesterPeer requester = await scene.RequesterAsync(requesterLanguage);
        RequesterPeer second = scene.StartRequester(secondLanguage);
        Assert.Contains($"{requester.Id}", await second.HearAsync("error in-use"), StringComparison.Ordinal);
        Assert.Equal(2, await second.EndAsync());
        ResponderPeer responder = scene.StartResponder(secondLanguage);
        await requester.AskRightAsync(Folder.First);
        await scene.EndAsync(requester, responder);
    }
}
