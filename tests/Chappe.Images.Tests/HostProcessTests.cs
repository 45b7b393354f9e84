using Chappe.Exchange;
using Chappe.Exchange.Peer;
using Chappe.Exchange.Tests;
using NetVips;

namespace Chappe.Images.Tests;

/// <summary>What a program that uses libvips itself sees of Chappe: its settings stay, and no image stays open.</summary>
public sealed class HostProcessTests : ExchangeTest
{
    [Fact]
    public async Task Serving_pixels_keeps_the_settings_of_the_program()
    {
        ChappePeer requester = await StartRequesterAsync();
        using var images = new ImageDirectory(Directory.Path, SendPreference.Pixels);
        await using Responder responder = await Responder.OpenAsync(Channel);
        using Image image = Drawing.Rgb();
        image.WriteToFile(Directory["image.png"]);

        requester.Tell("ask", "image.png");
        Assert.Equal(["67", "41", "3", "Pixels"], (await ServeAsync(requester, responder, images))[2..6]);

        AssertSettingsOfTheProgram();
    }

    [Fact]
    public async Task Reading_pixels_keeps_the_settings_of_the_program()
    {
        Requester requester = Own();
        await StartResponderAsync();
        using Response response = requester.Request("image 7 2");
        using Image image = response.AsImage();
        Assert.Equal(response.Span, image.WriteToMemory<byte>());

        AssertSettingsOfTheProgram();
    }

    [Theory]
    [InlineData(".jpg", "plain")]
    [InlineData(".png", "plain")]
    [InlineData(".webp", "plain")]
    [InlineData(".gif", "plain")]
    [InlineData(".avif", "plain")]
    [InlineData(".tif", "plain")]
    [InlineData(".png", "deep")]
    [InlineData(".tif", "float")]
    [InlineData(".jpg", "cmyk")]
    [InlineData(".png", "wide")]
    [InlineData(".jpg", "turned")]
    [InlineData(".jpg", "broken")]
    public async Task A_served_file_stays_neither_open_nor_mapped(string extension, string kind)
    {
        using (Image image = Draw(kind))
        {
            image.WriteToFile(Directory["image" + extension]);
        }

        if (kind == "broken")
        {
            using FileStream file = File.OpenWrite(Directory["image" + extension]);
            file.SetLength(file.Length / 2);
        }

        ChappePeer requester = await StartRequesterAsync();
        await using Responder responder = await Responder.OpenAsync(Channel);
        requester.Tell("ask", "image" + extension, "image" + extension);
        foreach (SendPreference send in new[] { SendPreference.Pixels, SendPreference.File })
        {
            using var images = new ImageDirectory(Directory.Path, send);
            string[] words = await ServeAsync(requester, responder, images);
            Assert.Equal(kind == "broken" && send == SendPreference.Pixels ? "Unreadable" : $"{send}", words[words[0] == "!" ? 2 : 5]);
        }

        Assert.DoesNotContain(System.IO.Directory.GetFiles("/proc/self/fd"), descriptor => new FileInfo(descriptor).LinkTarget?.StartsWith(Directory.Path, StringComparison.Ordinal) == true);
        Assert.DoesNotContain(Directory.Path, await File.ReadAllTextAsync("/proc/self/maps"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_file_that_changes_in_place_is_served_changed()
    {
        ChappePeer requester = await StartRequesterAsync();
        using var images = new ImageDirectory(Directory.Path, SendPreference.Pixels);
        await using Responder responder = await Responder.OpenAsync(Channel);
        using Image image = Drawing.Rgb();

        requester.Tell("ask", "image.png", "image.png", "image.png");
        foreach (Image version in new[] { image, image.FlipHor(), image.FlipVer() })
        {
            version.WriteToFile(Directory["image.png"]);
            Assert.Equal(Hash(version), (await ServeAsync(requester, responder, images))[8]);
        }
    }

    private static Image Draw(string kind) => kind switch
    {
        "deep" => Drawing.Deep(Drawing.WithAlpha(Drawing.Rgb(300, 200))),
        "float" => Drawing.Rgb(300, 200).Colourspace(Enums.Interpretation.Scrgb),
        "cmyk" => Drawing.Rgb(300, 200).Colourspace(Enums.Interpretation.Cmyk),
        "wide" => Drawing.Rgb(300, 200).IccTransform("p3", inputProfile: "srgb"),
        "turned" => Drawing.Rgb(300, 200).Mutate(fields => fields.Set(GValue.GIntType, "orientation", 6)),
        _ => Drawing.Rgb(300, 200),
    };

    private static string Hash(Image image) => MadeUp.Hash(new(image.WriteToMemory<byte>()));

    /// <summary>Serves one request of the other process and returns the words that it writes about the response.</summary>
    private static async Task<string[]> ServeAsync(ChappePeer requester, Responder responder, ImageDirectory images)
    {
        using var patience = new CancellationTokenSource(ChildProcess.Patience);
        await responder.RunAsync(images, 1, cancellationToken: patience.Token);
        return (await requester.ReadLineAsync()).Split('\t');
    }

    private void AssertSettingsOfTheProgram()
    {
        Assert.Equal((HostSettings.CacheMax, HostSettings.CacheMaxFiles, HostSettings.CacheMaxMemory), (Cache.Max, Cache.MaxFiles, Cache.MaxMem));

        // libvips warns of this option, which is deprecated.
        int before = HostSettings.Warnings;
        using Image drawing = Drawing.Rgb();
        drawing.WriteToFile(Directory["own.png"]);
        using Image image = Image.NewFromFile(Directory["own.png[sequential]"]);
        Assert.True(HostSettings.Warnings > before, "The program's own handler was not called for a warning of libvips.");
    }
}
