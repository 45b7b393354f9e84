using System.Text;

namespace Chappe.Tool.Tests;

public class ReceivedNameTests
{
    [Theory]
    [InlineData("apple.jpg", "apple.jpg")]
    [InlineData("a/b.jpg", "b.jpg")]
    [InlineData("../x", "x")]
    [InlineData("../../etc/passwd", "passwd")]
    [InlineData("/etc/x", "x")]
    [InlineData("", "unnamed")]
    [InlineData(".", "unnamed")]
    [InlineData("..", "unnamed")]
    [InlineData("a/", "unnamed")]
    [InlineData("a/..", "unnamed")]
    [InlineData("/", "unnamed")]
    [InlineData("a\0b", "a_b")]
    [InlineData("a\nb\u001b[2J", "a_b_[2J")]
    [InlineData("invoice\u202egpj.exe", "invoice_gpj.exe")]
    [InlineData("\u202a\u202b\u202c\u202d\u2066\u2067\u2068\u2069", "________")]
    [InlineData("a\u200e\u200f\u061c\u2028\ufeff.txt", "a_____.txt")]
    [InlineData("می\u200cخواهم.txt", "می\u200cخواهم.txt")]
    [InlineData("été 2024.txt", "été 2024.txt")]
    public void A_name_is_one_component_whatever_was_asked_for(string asked, string expected) =>
        Assert.Equal(expected, ReceivedName.ForBytes(asked, null));

    [Theory]
    [InlineData("apple", ".jpg", "apple.jpg")]
    [InlineData("apple", null, "apple")]
    [InlineData("apple.jpeg", ".jpg", "apple.jpeg")]
    [InlineData("apple.dat", ".jpg", "apple.dat")]
    [InlineData("..", ".jpg", "unnamed.jpg")]
    public void Bytes_get_the_media_types_extension_only_where_the_name_has_none(string asked, string? extension, string expected) =>
        Assert.Equal(expected, ReceivedName.ForBytes(asked, extension));

    [Theory]
    [InlineData("apple", "apple.png")]
    [InlineData("apple.png", "apple.png")]
    [InlineData("pictures/apple.jpg", "apple.jpg")]
    [InlineData("apple.txt", "apple.txt.png")]
    [InlineData("apple.v2", "apple.v2.png")]
    [InlineData("", "unnamed.png")]
    public void Pixels_keep_an_extension_that_can_be_written_and_are_png_otherwise(string asked, string expected) =>
        Assert.Equal(expected, ReceivedName.ForPixels(asked));

    [Fact]
    public void A_name_that_is_too_long_is_shortened_between_characters_and_keeps_its_extension()
    {
        string name = ReceivedName.ForBytes(new string('é', 300) + ".jpg", null);

        Assert.Equal(new string('é', 125) + ".jpg", name);
        Assert.True(Encoding.UTF8.GetByteCount(name) <= 255);
    }

    [Fact]
    public void A_name_without_extension_that_is_too_long_leaves_room_for_the_one_it_gets()
    {
        Assert.Equal(new string('x', 251) + ".png", ReceivedName.ForPixels(new string('x', 300)));
        Assert.Equal(new string('x', 251) + ".jpg", ReceivedName.ForBytes(new string('x', 255), ".jpg"));
    }

    [Fact]
    public void An_endless_extension_is_shortened_too() =>
        Assert.Equal(255, ReceivedName.ForBytes("a." + new string('x', 300), null).Length);

    [Fact]
    public void A_number_goes_before_the_extension_and_survives_shortening()
    {
        Assert.Equal("x-2.jpg", ReceivedName.Numbered("x.jpg", 2));
        Assert.Equal("x-3", ReceivedName.Numbered("x", 3));
        Assert.EndsWith("x-2.jpg", ReceivedName.Numbered(new string('x', 251) + ".jpg", 2), StringComparison.Ordinal);
        Assert.Equal(255, ReceivedName.Numbered(new string('x', 251) + ".jpg", 2).Length);
    }
}
