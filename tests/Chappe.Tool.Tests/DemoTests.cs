using System.Text.RegularExpressions;

namespace Chappe.Tool.Tests;

public sealed partial class DemoTests : IDisposable
{
    private static readonly string Pictures = Path.Combine(AppContext.BaseDirectory, "samples", "images");

    private readonly TemporaryDirectory _directory = new();
    private readonly List<ChappeProcess> _demos = [];

    public void Dispose()
    {
        try
        {
            foreach (ChappeProcess demo in _demos)
            {
                int id = demo.Id;
                demo.Dispose();
                AssertNothingIsLeftOf(id);
            }
        }
        finally
        {
            _directory.Dispose();
        }
    }

    [Fact]
    public async Task The_demo_saves_ten_pictures_as_they_are_and_can_be_run_again()
    {
        for (int run = 0; run < 2; run++)
        {
            ChappeProcess demo = Start("--json");

            Assert.Equal(0, await demo.WaitForExitAsync());

            Assert.Equal(10, demo.Exchanges.Count);
            Assert.All(demo.Exchanges, exchange =>
            {
                Assert.True(exchange.GetProperty("ok").GetBoolean());
                string name = exchange.GetProperty("name").GetString()!;
                Assert.Equal(File.ReadAllBytes(Path.Combine(Pictures, name)), File.ReadAllBytes(_directory[exchange.GetProperty("file").GetString()!]));
            });
            AssertNothingIsLeftOf(demo.Id);
        }
    }

    [Fact]
    public async Task For_people_the_demo_ends_with_a_table_and_draws_only_on_a_terminal()
    {
        ChappeProcess demo = Start("--count", "3", "--out", "here");

        Assert.Equal(0, await demo.WaitForExitAsync());

        string output = demo.Output;
        Assert.Equal(3, output.Split('\n').Count(line => line.Contains("here/", StringComparison.Ordinal)));
        Assert.Contains("throughput", output, StringComparison.Ordinal);
        Assert.DoesNotContain("\u001b", output, StringComparison.Ordinal);
        Assert.DoesNotContain("▀", output, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(ChappeProcess.Interrupt)]
    [InlineData(ChappeProcess.Terminate)]
    public async Task A_demo_that_is_interrupted_takes_its_responder_along(int signal)
    {
        ChappeProcess demo = Start("--count", "1000000");
        int responder = await ResponderOfAsync(demo);

        demo.Signal(signal);

        Assert.Equal(130, await demo.WaitForExitAsync());
        await AssertEndsAsync(responder);
        AssertNothingIsLeftOf(demo.Id);
    }

    [Fact]
    public async Task A_demo_that_is_killed_leaves_neither_its_responder_nor_its_channel()
    {
        ChappeProcess demo = Start("--count", "1000000");
        int responder = await ResponderOfAsync(demo);

        demo.Signal(ChappeProcess.Kill);

        Assert.Equal(128 + ChappeProcess.Kill, await demo.WaitForExitAsync());
        await AssertEndsAsync(responder);
        AssertNothingIsLeftOf(demo.Id);
    }

    private ChappeProcess Start(params string[] arguments)
    {
        ChappeProcess demo = ChappeProcess.Start(_directory.Path, ["demo", .. arguments]);
        _demos.Add(demo);
        return demo;
    }

    private static void AssertNothingIsLeftOf(int demo) => Channel.AssertNothingIsLeftOf($"demo-{demo}-");

    private static async Task<int> ResponderOfAsync(ChappeProcess demo)
    {
        await demo.WaitForErrorsAsync(" serves ");
        return int.Parse(ResponderId().Match(demo.Errors).Groups[1].Value, System.Globalization.CultureInfo.InvariantCulture);
    }

    private static async Task AssertEndsAsync(int process)
    {
        for (int attempt = 0; Directory.Exists($"/proc/{process}"); attempt++)
        {
            Assert.True(attempt < 600, $"Process {process} outlived the demo.");
            await Task.Delay(100, TestContext.Current.CancellationToken);
        }
    }

    [GeneratedRegex(@"^Process (\d+) serves ", RegexOptions.Multiline)]
    private static partial Regex ResponderId();
}
