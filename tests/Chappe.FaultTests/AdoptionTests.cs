using Chappe.Exchange;
using Chappe.Posix;

namespace Chappe.FaultTests;

/// <summary>A channel whose requester is dead, and which cannot be adopted for the time being.</summary>
public sealed class AdoptionTests
{
    private const int Attempts = 20;

    [Fact]
    public async Task An_adoption_that_a_flood_of_posts_fails_leaves_nothing_open_and_nothing_mapped()
    {
        using var scene = new Scene();
        await LeaveAsync(scene);
        using (NamedSemaphore requests = NamedSemaphore.OpenExisting(new ChannelName(scene.Channel).RequestSemaphore))
        {
            for (int i = 0; i < Attempts; i++)
            {
                requests.Release(Limits.MaxStrayPosts + 1);
                Assert.Throws<ProtocolException>(() => Requester.Create(scene.Channel).Dispose());
            }

            while (requests.TryWait())
            {
            }
        }

        await AssertNothingIsUsedAsync(scene);
    }

    [Fact]
    public async Task An_adoption_that_another_program_under_a_name_fails_leaves_nothing_open_and_nothing_mapped()
    {
        using var scene = new Scene();
        await LeaveAsync(scene);
        string header = $"/dev/shm/SEG_{scene.Channel}_HEAD";
        File.Move(header, $"{header}-former");
        File.WriteAllBytes(header, new byte[32]);
        for (int i = 0; i < Attempts; i++)
        {
            Assert.Throws<ChannelInUseException>(() => Requester.Create(scene.Channel).Dispose());
        }

        File.Delete(header);
        File.Delete($"{header}-former");
        await AssertNothingIsUsedAsync(scene);
    }

    private static async Task LeaveAsync(Scene scene)
    {
        PeerProcess dead = await scene.RequesterAsync();
        dead.Kill();
    }

    private static async Task AssertNothingIsUsedAsync(Scene scene)
    {
        Assert.Empty(Use.Of(scene.Channel));
        PeerProcess requester = await scene.RequesterAsync();
        PeerProcess responder = await scene.ResponderAsync();
        await Scene.ExchangeHundredAsync(requester);
        await scene.EndAsync(requester, responder);
    }
}
