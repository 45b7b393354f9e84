using System.Text;
using Chappe.Exchange.Peer;

namespace Chappe.Exchange.Tests;

/// <summary>Whoever knows only HEAD and DATA sees the basic level, also in an exchange of two Chappes.</summary>
public sealed class BasicWordsTests : ExchangeTest
{
    [Fact]
    public async Task Whoever_looks_at_HEAD_and_DATA_sees_the_name_and_then_the_answer()
    {
        const string Name = "hold 300 7";
        Requester requester = Own();
        ChappePeer responder = await StartResponderAsync();
        ValueTask<Response> pending = requester.RequestAsync(Name);
        await responder.WaitForLineAsync("holding");

        string[] asked = await LookAsync();
        Assert.Equal([$"{Name.Length}", $"{ulong.MaxValue}", $"{ulong.MaxValue}", $"{ulong.MaxValue}"], asked[..4]);
        Assert.StartsWith(Convert.ToHexStringLower(Encoding.UTF8.GetBytes(Name)), asked[4], StringComparison.Ordinal);

        responder.Tell("go");
        using Response response = await pending;
        string[] answered = await LookAsync();
        Assert.Equal(["300", "0", "0", "0"], answered[..4]);
        Assert.Equal(Convert.ToHexStringLower(MadeUp.Bytes(300, 7).AsSpan(0, 64)), answered[4]);
    }

    [Fact]
    public async Task An_image_has_its_width_height_and_channels_in_HEAD()
    {
        Requester requester = Own();
        await StartResponderAsync();
        using Response response = requester.Request("image 5 4");
        Assert.Equal(["60", "5", "4", "3"], (await LookAsync())[..4]);
    }

    private async Task<string[]> LookAsync() => (await StartBasic("look").ReadLineAsync()).Split(' ');
}
