using System.Runtime.InteropServices;

namespace Chappe.Exchange.Tests;

/// <summary>What stands under CTRL's name and is not this protocol's is refused by both sides, and left as it is.</summary>
public sealed class ForeignControlTests : ExchangeTest
{
    private string ControlPath => $"/dev/shm/SEG_{Channel}_CTRL";

    [Fact]
    public void Another_version_is_refused_saying_both()
    {
        var page = new ControlPage { Magic = ControlPage.ExpectedMagic, Version = 7, PageLength = ControlPage.Length };
        AssertRefused(MemoryMarshal.AsBytes(new ReadOnlySpan<ControlPage>(ref page)).ToArray(), "version 7", "version 1");
    }

    [Fact]
    public void A_page_without_the_magic_is_refused() => AssertRefused(new byte[ControlPage.Length], "not the control segment");

    [Theory]
    [InlineData(0)]
    [InlineData(100)]
    [InlineData(4097)]
    public void A_segment_of_another_length_is_refused(int length) => AssertRefused(new byte[length], $"{length:N0} bytes long");

    private void AssertRefused(byte[] content, params string[] said)
    {
        File.WriteAllBytes(ControlPath, content);
        ProtocolException requester = Assert.Throws<ProtocolException>(() => Requester.Create(Channel));
        ProtocolException responder = Assert.Throws<ProtocolException>(() => Responder.Open(Channel));
        Assert.All(said, words => Assert.Contains(words, requester.Message, StringComparison.Ordinal));
        Assert.All(said, words => Assert.Contains(words, responder.Message, StringComparison.Ordinal));
        Assert.Equal(content, File.ReadAllBytes(ControlPath));
        Assert.Single(Names);
        RemoveNames();
    }
}
