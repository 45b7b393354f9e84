using System.Text.Json;

namespace Chappe.Tool.Tests;

/// <summary>A server process and a client process, as in two terminals.</summary>
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
    public async Task Files_arrive_as_they_are_whoever_starts_first(bool clientFirst)
    {
        string[] names = ["hello.txt", "large.bin", "empty.bin", "picture.png", "hello.txt"];
        using ChappeProcess first = clientFirst ? StartClient("--count", "5") : StartServer(names);
        await first.WaitForErrorsAsync("Waiting for a");
        using ChappeProcess second = clientFirst ? StartServer(names) : StartClient("--count", "5");

        Assert.Equal(0, await first.WaitForExitAsync());
        Assert.Equal(0, await second.WaitForExitAsync());

        Assert.All(names, name => Assert.Equal(File.ReadAllBytes(_directory[$"served/{name}"]), File.ReadAllBytes(_directory[$"received/{name}"])));
        Assert.Equal(4, Directory.GetFileSystemEntries(_directory["received"]).Length);
    }

    [Fact]
    public async Task Json_tells_each_exchange_on_both_sides_and_nothing_else_stands_on_standard_output()
    {
        using ChappeProcess client = StartClient("--count", "2", "--json");
        using ChappeProcess server = StartServer("picture.png", "hello", "--json");

        Assert.Equal(0, await server.WaitForExitAsync());
        Assert.Equal(0, await client.WaitForExitAsync());

        JsonElement picture = server.Exchanges[0];
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
        Assert.Equal("received/hello.txt", server.Exchanges[1].GetProperty("file").GetString());
        Assert.Equal(["picture.png", "hello"], client.Exchanges.Select(exchange => exchange.GetProperty("name").GetString()));
    }

    [Fact]
    public async Task A_name_that_fails_is_reported_and_the_next_one_is_asked_for()
    {
        using ChappeProcess client = StartClient();
        using ChappeProcess server = StartServer("nope.jpg", "../hello.txt", "hello.txt", "--json");

        Assert.Equal(1, await server.WaitForExitAsync());

        Assert.Equal(["not-found", "forbidden", "ok"], server.Exchanges.Select(exchange => exchange.GetProperty("status").GetString()));
        Assert.NotEmpty(server.Exchanges[0].GetProperty("message").GetString()!);
        Assert.Equal([_directory["received/hello.txt"]], Directory.GetFileSystemEntries(_directory["received"]));
        await InterruptAsync(client);
    }

    [Fact]
    public async Task A_failure_is_told_to_people_with_its_name_and_status()
    {
        using ChappeProcess client = StartClient("--count", "1");
        using ChappeProcess server = StartServer("nope.jpg");

        Assert.Equal(1, await server.WaitForExitAsync());
        Assert.Equal(1, await client.WaitForExitAsync());

        Assert.Contains("nope.jpg: not-found", server.Errors, StringComparison.Ordinal);
        Assert.Empty(server.Output);
    }

    [Fact]
    public async Task Pixels_are_encoded_to_the_names_extension_and_to_png_without_one()
    {
        using ChappeProcess client = StartClient("--count", "2");
        using ChappeProcess server = StartServer("picture", "picture.png", "--want", "pixels", "--json");

        Assert.Equal(0, await server.WaitForExitAsync());
        Assert.Equal(0, await client.WaitForExitAsync());

        Assert.All(server.Exchanges, exchange =>
        {
            Assert.Equal("pixels", exchange.GetProperty("kind").GetString());
            Assert.Equal(4 * 2 * 3, exchange.GetProperty("bytes").GetInt64());
        });
        Assert.Equal("received/picture.png", server.Exchanges[0].GetProperty("file").GetString());
        Assert.Equal("received/picture-2.png", server.Exchanges[1].GetProperty("file").GetString());
        Assert.Equal("PNG"u8, File.ReadAllBytes(_directory["received/picture.png"]).AsSpan(1, 3));
    }

    [Fact]
    public async Task Without_names_a_seed_picks_the_same_names_of_the_clients_list_again()
    {
        using ChappeProcess client = StartClient();
        var runs = new List<string[]>();
        for (int run = 0; run < 2; run++)
        {
            using ChappeProcess server = StartServer("--seed", "7", "--json");
            Assert.Equal(0, await server.WaitForExitAsync());
            runs.Add([.. server.Exchanges.Select(exchange => exchange.GetProperty("name").GetString()!)]);
        }

        Assert.Equal(10, runs[0].Length);
        Assert.Equal(runs[0], runs[1]);
        Assert.Equal(["empty.bin", "hello.txt", "large.bin", "picture.png"], runs[0].Distinct().Order(StringComparer.Ordinal));
        await InterruptAsync(client);
    }

    [Fact]
    public async Task A_server_that_nobody_answers_says_so_and_fails_after_its_timeout()
    {
        using ChappeProcess server = StartServer("hello.txt", "--timeout", "1.5", "--json");

        Assert.Equal(1, await server.WaitForExitAsync());

        Assert.Contains("Waiting for a client", server.Errors, StringComparison.Ordinal);
        Assert.Equal("timeout", Assert.Single(server.Exchanges).GetProperty("status").GetString());
    }

    [Fact]
    public async Task A_second_server_on_the_channel_is_refused()
    {
        using ChappeProcess server = StartServer("hello.txt");
        await server.WaitForErrorsAsync("Waiting for a client");

        (int exitCode, _, string errors) = await ChappeProcess.RunAsync(_directory.Path, "server", "hello.txt", "-c", _channel);

        Assert.Equal(3, exitCode);
        Assert.Contains("--channel", errors, StringComparison.Ordinal);
        await InterruptAsync(server);
    }

    [Fact]
    public async Task A_second_client_stands_by_and_takes_over_when_the_first_ends()
    {
        using ChappeProcess server = StartServer("hello.txt", "--count", "1000000");
        using ChappeProcess first = StartClient();
        await first.WaitForErrorsAsync("Serving");
        using ChappeProcess second = StartClient();
        await second.WaitForErrorsAsync("standing by");

        await InterruptAsync(first);

        await second.WaitForErrorsAsync("Serving");
        await InterruptAsync(server);
        await InterruptAsync(second);
    }

    [Theory]
    [InlineData(ChappeProcess.Interrupt)]
    [InlineData(ChappeProcess.Terminate)]
    public async Task A_waiting_server_that_is_interrupted_cleans_up_and_exits_130(int signal)
    {
        using ChappeProcess server = StartServer("hello.txt");
        await server.WaitForErrorsAsync("Waiting for a client");

        server.Signal(signal);

        Assert.Equal(130, await server.WaitForExitAsync());
    }

    [Theory]
    [InlineData(ChappeProcess.Interrupt)]
    [InlineData(ChappeProcess.Terminate)]
    public async Task A_waiting_client_that_is_interrupted_exits_130(int signal)
    {
        using ChappeProcess client = StartClient();
        await client.WaitForErrorsAsync("Waiting for a server");

        client.Signal(signal);

        Assert.Equal(130, await client.WaitForExitAsync());
    }

    [Fact]
    public async Task Interrupting_both_sides_in_the_middle_of_many_exchanges_leaves_nothing()
    {
        using ChappeProcess client = StartClient();
        using ChappeProcess server = StartServer("hello.txt", "large.bin", "--count", "1000000");
        await client.WaitForErrorsAsync("Serving");
        await Task.Delay(500, TestContext.Current.CancellationToken);

        client.Signal(ChappeProcess.Interrupt);
        server.Signal(ChappeProcess.Interrupt);

        Assert.Equal(130, await client.WaitForExitAsync());
        Assert.Equal(130, await server.WaitForExitAsync());
        Assert.DoesNotContain(Directory.GetFiles(_directory["received"]), file => file.EndsWith(".part", StringComparison.Ordinal));
    }

    private ChappeProcess StartClient(params string[] arguments) =>
        ChappeProcess.Start(_directory.Path, ["client", "served", "-c", _channel, .. arguments]);

    private ChappeProcess StartServer(params string[] arguments) =>
        ChappeProcess.Start(_directory.Path, ["server", "-c", _channel, .. arguments]);

    private static async Task InterruptAsync(ChappeProcess process)
    {
        process.Signal(ChappeProcess.Interrupt);
        Assert.Equal(130, await process.WaitForExitAsync());
    }
}
