using System.Text.Json;

namespace Chappe.Tool.Tests;

/// <summary>chappe watch, beside a requester and a responder.</summary>
public sealed class WatchTests : IDisposable
{
    private readonly TemporaryDirectory _directory = new();
    private readonly string _channel = Channel.NewName();

    public WatchTests()
    {
        Directory.CreateDirectory(_directory["served"]);
        File.WriteAllText(_directory["served/hello.txt"], "hello");
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

    [Fact]
    public async Task Json_tells_of_each_interval_what_went_on_and_disturbs_nobody()
    {
        using ChappeProcess responder = Start("serve", "served");
        using ChappeProcess requester = Start("ask", "hello.txt", "--count", "1000000", "--json");
        await responder.WaitForErrorsAsync("Serving");
        using ChappeProcess watch = ChappeProcess.Start("/", "watch", _channel, "--json", "--count", "3", "--interval", "0.5");

        Assert.Equal((0, ""), (await watch.WaitForExitAsync(), watch.Errors));
        await EndAsync(requester);
        await EndAsync(responder);

        Assert.Equal(3, watch.Exchanges.Count);
        JsonElement last = watch.Exchanges[2];
        Assert.Equal(
            [
                "time", "channel", "level", "requester", "requesterName", "responder", "responderName", "requestPending", "exchanges", "exchangesPerSecond", "bytesPerSecond",
                "meanMicroseconds", "p50AtMostMicroseconds", "p95AtMostMicroseconds", "p99AtMostMicroseconds", "lastName", "remark",
            ],
            last.EnumerateObject().Select(property => property.Name));
        Assert.Equal(requester.Id, last.GetProperty("requester").GetProperty("processId").GetInt32());
        Assert.Equal(responder.Id, last.GetProperty("responder").GetProperty("processId").GetInt32());
        Assert.Equal(("chappe", "chappe"), (last.GetProperty("requesterName").GetString(), last.GetProperty("responderName").GetString()));
        long watched = watch.Exchanges.Sum(interval => interval.GetProperty("exchanges").GetInt64());
        Assert.InRange(watched, 1, requester.Exchanges.Count);
        Assert.Equal(5, last.GetProperty("bytesPerSecond").GetDouble() / last.GetProperty("exchangesPerSecond").GetDouble(), tolerance: 0.1);
        Assert.True(last.GetProperty("p50AtMostMicroseconds").GetDouble() <= last.GetProperty("p99AtMostMicroseconds").GetDouble());
        Assert.All(requester.Exchanges, exchange => Assert.True(exchange.GetProperty("ok").GetBoolean()));
    }

    [Fact]
    public async Task A_request_that_nobody_takes_is_shown_by_its_name_with_nothing_that_steers_a_terminal()
    {
        using ChappeProcess requester = Start("ask", "a\u001b[31mname");
        await requester.WaitForErrorsAsync("Waiting for a responder");

        (int exitCode, string output, string errors) = await ChappeProcess.RunAsync("/", "watch", _channel, "--count", "1", "--interval", "0.3");

        Assert.Equal((0, ""), (exitCode, errors));
        Assert.Contains($"{_channel}: requester alive ({requester.Id}) chappe, responder none, 0 exchanges/s, 0 B/s, last a\\u001B[31mname\n", output, StringComparison.Ordinal);
        await EndAsync(requester);
    }

    [Fact]
    public async Task A_channel_may_come_and_go_while_it_is_watched()
    {
        using ChappeProcess watch = ChappeProcess.Start("/", "watch", _channel, "--interval", "0.1");
        await watch.WaitForErrorsAsync($"There is no channel {_channel}.");
        using ChappeProcess first = Start("ask", "hello.txt");
        await watch.WaitForOutputAsync($"requester alive ({first.Id})");
        await EndAsync(first);
        using ChappeProcess second = Start("ask", "hello.txt");
        await watch.WaitForOutputAsync($"requester alive ({second.Id})");
        await EndAsync(second);

        await EndAsync(watch);
    }

    [Fact]
    public async Task A_reader_that_goes_away_ends_it_quietly()
    {
        using ChappeProcess requester = Start("ask", "hello.txt");
        await requester.WaitForErrorsAsync("Waiting for a responder");

        (int exitCode, string output, string errors) = await ChappeProcess.RunThroughAsync(
            ["bash", "-c", "\"$@\" | head -n 1; exit ${PIPESTATUS[0]}", "bash"], "/", "watch", _channel, "--interval", "0.1");

        Assert.Equal((141, ""), (exitCode, errors));
        Assert.Single(output.Split('\n', StringSplitOptions.RemoveEmptyEntries));
        await EndAsync(requester);
    }

    private ChappeProcess Start(params string[] arguments) => ChappeProcess.Start(_directory.Path, [.. arguments, "-c", _channel]);

    private static async Task EndAsync(ChappeProcess process)
    {
        process.Signal(ChappeProcess.Interrupt);
        Assert.Equal(130, await process.WaitForExitAsync());
    }
}
