using System.Text.Json;

namespace Chappe.Tool.Tests;

/// <summary>A requester process and a responder process, as in two terminals.</summary>
public sealed class EndToEndTests : IDisposable
{
    // 4 × 2 pixels, RGB, 8 bits.
    private const string Picture = "iVBORw0KGgoAAAANSUhEUgAAAAQAAAACCAIAAADwyuo0AAAAI0lEQVR4nGNgkLPRcEsJyOupmLaFIapiWtOCfatOPLv0gQ8AeEYLqRR1aKoAAAAASUVORK5CYII=";

    private readonly TemporaryDirectory _directory = new();
    private readonly string _channel = Channel.NewName();

    public EndToEndTests()
    {
        Directory.CreateDirectory(_directory["served"]);
        File.WriteAllText(_directory["served/hello.txt"], "hello");
        File.WriteAllBytes(_directory["served/empty.bin"], []);
        File.WriteAllBytes(_directory["served/picture.png"], Convert.FromBase64String(Picture));
        byte[] large = new byte[9_000_001];
        new Random(1).NextBytes(large);
        File.WriteAllBytes(_directory["served/large.bin"], large);
    }

    public void Dispose()
    {
        try
        {
            Channel.AssertNothingIsLeftOf(_channel);
        }
        finally
        {
            _directory.Dispose();
        }
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Files_arrive_as_they_are_whoever_starts_first(bool responderFirst)
    {
        string[] names = ["hello.txt", "large.bin", "empty.bin", "picture.png", "hello.txt"];
        using ChappeProcess first = responderFirst ? StartResponder("--count", "5") : StartRequester(names);
        await first.WaitForErrorsAsync("Waiting for a");
        using ChappeProcess second = responderFirst ? StartRequester(names) : StartResponder("--count", "5");

        Assert.Equal(0, await first.WaitForExitAsync());
        Assert.Equal(0, await second.WaitForExitAsync());

        Assert.All(names, name => Assert.Equal(File.ReadAllBytes(_directory[$"served/{name}"]), File.ReadAllBytes(_directory[$"received/{name}"])));
        Assert.Equal(4, Directory.GetFileSystemEntries(_directory["received"]).Length);
    }

    [Fact]
    public async Task Json_tells_each_exchange_on_both_sides_and_nothing_else_stands_on_standard_output()
    {
        using ChappeProcess responder = StartResponder("--count", "2", "--json");
        using ChappeProcess requester = StartRequester("picture.png", "hello", "--json");

        Assert.Equal(0, await requester.WaitForExitAsync());
        Assert.Equal(0, await responder.WaitForExitAsync());

        JsonElement picture = requester.Exchanges[0];
        Assert.Equal(
            ["name", "ok", "status", "bytes", "width", "height", "channels", "kind", "mediaType", "microseconds", "file"],
            picture.EnumerateObject().Select(property => property.Name));
        Assert.True(picture.GetProperty("ok").GetBoolean());
        Assert.Equal("ok", picture.GetProperty("status").GetString());
        Assert.Equal(new FileInfo(_directory["served/picture.png"]).Length, picture.GetProperty("bytes").GetInt64());
        Assert.Equal((4, 2, 3), (picture.GetProperty("width").GetInt32(), picture.GetProperty("height").GetInt32(), picture.GetProperty("channels").GetInt32()));
        Assert.Equal("file", picture.GetProperty("kind").GetString());
        Assert.Equal("image/png", picture.GetProperty("mediaType").GetString());
        Assert.True(picture.GetProperty("microseconds").GetInt64() > 0);
        Assert.Equal("received/picture.png", picture.GetProperty("file").GetString());
        Assert.Equal("received/hello.txt", requester.Exchanges[1].GetProperty("file").GetString());
        Assert.Equal(["picture.png", "hello"], responder.Exchanges.Select(exchange => exchange.GetProperty("name").GetString()));
    }

    [Fact]
    public async Task A_name_that_fails_is_reported_and_the_next_one_is_asked_for()
    {
        using ChappeProcess responder = StartResponder();
        using ChappeProcess requester = StartRequester("nope.jpg", "../hello.txt", "hello.txt", "--json");

        Assert.Equal(1, await requester.WaitForExitAsync());

        Assert.Equal(["not-found", "forbidden", "ok"], requester.Exchanges.Select(exchange => exchange.GetProperty("status").GetString()));
        Assert.NotEmpty(requester.Exchanges[0].GetProperty("message").GetString()!);
        Assert.Equal([_directory["received/hello.txt"]], Directory.GetFileSystemEntries(_directory["received"]));
        await InterruptAsync(responder);
    }

    [Fact]
    public async Task A_failure_is_told_to_people_with_its_name_and_status()
    {
        using ChappeProcess responder = StartResponder("--count", "1");
        using ChappeProcess requester = StartRequester("nope.jpg");

        Assert.Equal(1, await requester.WaitForExitAsync());
        Assert.Equal(1, await responder.WaitForExitAsync());

        Assert.Contains("nope.jpg: not-found", requester.Errors, StringComparison.Ordinal);
        Assert.Empty(requester.Output);
    }

    [Fact]
    public async Task Pixels_are_encoded_to_the_names_extension_and_to_png_without_one()
    {
        using ChappeProcess responder = StartResponder("--count", "2");
        using ChappeProcess requester = StartRequester("picture", "picture.png", "--want", "pixels", "--json");

        Assert.Equal(0, await requester.WaitForExitAsync());
        Assert.Equal(0, await responder.WaitForExitAsync());

        Assert.All(requester.Exchanges, exchange =>
        {
            Assert.Equal("pixels", exchange.GetProperty("kind").GetString());
            Assert.Equal(4 * 2 * 3, exchange.GetProperty("bytes").GetInt64());
        });
        Assert.Equal("received/picture.png", requester.Exchanges[0].GetProperty("file").GetString());
        Assert.Equal("received/picture-2.png", requester.Exchanges[1].GetProperty("file").GetString());
        Assert.Equal("PNG"u8, File.ReadAllBytes(_directory["received/picture.png"]).AsSpan(1, 3));
    }

    [Fact]
    public async Task Without_names_a_seed_picks_the_same_names_of_the_responders_list_again()
    {
        using ChappeProcess responder = StartResponder();
        var runs = new List<string[]>();
        for (int run = 0; run < 2; run++)
        {
            using ChappeProcess requester = StartRequester("--seed", "7", "--json");
            Assert.Equal(0, await requester.WaitForExitAsync());
            runs.Add([.. requester.Exchanges.Select(exchange => exchange.GetProperty("name").GetString()!)]);
        }

        Assert.Equal(10, runs[0].Length);
        Assert.Equal(runs[0], runs[1]);
        Assert.Equal(["empty.bin", "hello.txt", "large.bin", "picture.png"], runs[0].Distinct().Order(StringComparer.Ordinal));
        await InterruptAsync(responder);
    }

    [Fact]
    public async Task A_requester_that_nobody_answers_says_so_and_fails_after_its_timeout()
    {
        using ChappeProcess requester = StartRequester("hello.txt", "--timeout", "1.5", "--json");

        Assert.Equal(1, await requester.WaitForExitAsync());

        Assert.Contains("Waiting for a responder", requester.Errors, StringComparison.Ordinal);
        Assert.Equal("timeout", Assert.Single(requester.Exchanges).GetProperty("status").GetString());
    }

    [Fact]
    public async Task A_second_requester_on_the_channel_is_refused()
    {
        using ChappeProcess requester = StartRequester("hello.txt");
        await requester.WaitForErrorsAsync("Waiting for a responder");

        (int exitCode, _, string errors) = await ChappeProcess.RunAsync(_directory.Path, "ask", "hello.txt", "-c", _channel);

        Assert.Equal(3, exitCode);
        Assert.Contains("--channel", errors, StringComparison.Ordinal);
        await InterruptAsync(requester);
    }

    [Fact]
    public async Task A_second_responder_stands_by_and_takes_over_when_the_first_ends()
    {
        using ChappeProcess requester = StartRequester("hello.txt", "--count", "1000000");
        using ChappeProcess first = StartResponder();
        await first.WaitForErrorsAsync("Serving");
        using ChappeProcess second = StartResponder();
        await second.WaitForErrorsAsync("standing by");

        await InterruptAsync(first);

        await second.WaitForErrorsAsync("Serving");
        await InterruptAsync(requester);
        await InterruptAsync(second);
    }

    [Theory]
    [InlineData(ChappeProcess.Interrupt)]
    [InlineData(ChappeProcess.Terminate)]
    public async Task A_waiting_requester_that_is_interrupted_cleans_up_and_exits_130(int signal)
    {
        using ChappeProcess requester = StartRequester("hello.txt");
        await requester.WaitForErrorsAsync("Waiting for a responder");

        requester.Signal(signal);

        Assert.Equal(130, await requester.WaitForExitAsync());
    }

    [Theory]
    [InlineData(ChappeProcess.Interrupt)]
    [InlineData(ChappeProcess.Terminate)]
    public async Task A_waiting_responder_that_is_interrupted_exits_130(int signal)
    {
        using ChappeProcess responder = StartResponder();
        await responder.WaitForErrorsAsync("Waiting for a requester");

        responder.Signal(signal);

        Assert.Equal(130, await responder.WaitForExitAsync());
    }

    [Fact]
    public async Task Interrupting_both_sides_in_the_middle_of_many_exchanges_leaves_nothing()
    {
        using ChappeProcess responder = StartResponder();
        using ChappeProcess requester = StartRequester("hello.txt", "large.bin", "--count", "1000000");
        await responder.WaitForErrorsAsync("Serving");
        await requester.WaitForOutputAsync("large.bin");

        responder.Signal(ChappeProcess.Interrupt);
        requester.Signal(ChappeProcess.Interrupt);

        Assert.Equal(130, await responder.WaitForExitAsync());
        Assert.Equal(130, await requester.WaitForExitAsync());
        Assert.DoesNotContain(Directory.GetFiles(_directory["received"]), file => file.EndsWith(".part", StringComparison.Ordinal));
    }

    private ChappeProcess StartResponder(params string[] arguments) =>
        ChappeProcess.Start(_directory.Path, ["serve", "served", "-c", _channel, .. arguments]);

    private ChappeProcess StartRequester(params string[] arguments) =>
        ChappeProcess.Start(_directory.Path, ["ask", "-c", _channel, .. arguments]);

    private static async Task InterruptAsync(ChappeProcess process)
    {
        process.Signal(ChappeProcess.Interrupt);
        Assert.Equal(130, await process.WaitForExitAsync());
    }
}
