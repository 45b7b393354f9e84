using System.Diagnostics;
using System.Globalization;
using System.Runtime.InteropServices;
using System.Text.RegularExpressions;

namespace Chappe.FaultTests;

/// <summary>Two peers that spin exchange through memory alone. Both run under strace(1), which writes each of their system calls to a file.</summary>
[Collection(nameof(SystemCallTests))]
[CollectionDefinition(nameof(SystemCallTests), DisableParallelization = true)]
public sealed partial class SystemCallTests
{
    private const int Exchanges = 5000;

    private const int RoundsAtATime = 10;

    /// <summary>One round without calls proves that none is needed; but both sides spin only while they have a processor each.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(3);

    private const int CoarseMonotonicClock = 6;

    [Fact]
    public async Task Two_peers_that_spin_make_no_system_call_but_the_look_at_lengths_in_each_tick()
    {
        Assert.SkipWhen(Environment.ProcessorCount == 1, "With one processor no wait spins.");
        string directory = Directory.CreateTempSubdirectory("chappe-test-").FullName;
        using var scene = new Scene();
        List<PeerProcess> traced = [];
        try
        {
            PeerProcess requester = await TracedAsync(traced, Path.Combine(directory, "requester"));
            PeerProcess responder = await TracedAsync(traced, Path.Combine(directory, "responder"));
            await requester.AskAsync($"requester {scene.Channel} spin=long", "created");
            await responder.AskAsync($"responder {scene.Channel} spin=long", "state Attached");
            long start = Stopwatch.GetTimestamp();
            while (!OneRoundIsQuiet(directory, out string told))
            {
                Assert.True(Stopwatch.GetElapsedTime(start) < Patience, $"System calls in each round of {Exchanges} exchanges:\n{told}");
                await AskRoundsAsync(requester);
            }

            await scene.EndAsync(requester, responder);
        }
        finally
        {
            await LeaveAsync(traced);
            Directory.Delete(directory, recursive: true);
        }
    }

    private static async Task AskRoundsAsync(PeerProcess requester)
    {
        requester.Tell($"rounds few-100 count={Exchanges} rounds={RoundsAtATime}");
        for (int round = 0; round < RoundsAtATime; round++)
        {
            await requester.HearAsync("round-begins");
            await requester.HearAsync("round-ends");
        }

        await requester.HearAsync("rounds-end");
    }

    /// <summary>Killed, strace would leave its peer alone.</summary>
    private static async Task LeaveAsync(List<PeerProcess> traced)
    {
        foreach (PeerProcess peer in traced)
        {
            await peer.LeaveAsync();
            peer.Dispose();
        }

        traced.Clear();
    }

    private static async Task<PeerProcess> TracedAsync(List<PeerProcess> traced, string log)
    {
        PeerProcess peer;
        try
        {
            // Optimized code from the beginning: no thread is stopped later to exchange it. -ttt: the time in seconds, with microseconds.
            peer = new PeerProcess("strace", "-f", "-ttt", "-s", "100", "-o", log, "-E", "DOTNET_TieredCompilation=0", PeerPool.Program);
            traced.Add(peer);
        }
        catch (System.ComponentModel.Win32Exception)
        {
            SkipButNotUnderCI("There is no strace.");
            throw;
        }

        string said = await FirstWordAsync(peer);
        if (said != "ready")
        {
            SkipButNotUnderCI($"strace may not trace here: {said}");
        }

        return peer;
    }

    private static async Task<string> FirstWordAsync(PeerProcess peer)
    {
        try
        {
            return await peer.HearAsync("ready");
        }
        catch (Xunit.Sdk.FailException)
        {
            return peer.Heard;
        }
    }

    private static void SkipButNotUnderCI(string reason)
    {
        Assert.False(Environment.GetEnvironmentVariable("CI") == "true", $"CI must not skip this: {reason}");
        Assert.Skip(reason);
    }

    /// <summary>The calls of the thread that said something.</summary>
    private static List<Call> Calls(string log, string said)
    {
        List<Call> calls = [.. File.ReadLines(log).Select(Call.Parse).OfType<Call>()];
        int? thread = calls.Find(call => call.Text.StartsWith("write(", StringComparison.Ordinal) && call.Text.Contains(said, StringComparison.Ordinal))?.Thread;
        return calls.FindAll(call => call.Thread == thread);
    }

    private static bool OneRoundIsQuiet(string directory, out string told)
    {
        List<Call> requester = Calls(Path.Combine(directory, "requester"), "round-begins"), responder = Calls(Path.Combine(directory, "responder"), "state Attached");
        told = "";
        for (int begin = requester.FindIndex(IsBegin); begin >= 0; begin = requester.FindIndex(begin + 1, IsBegin))
        {
            int end = requester.FindIndex(begin, call => call.Text.Contains("\"round-ends", StringComparison.Ordinal));
            if (end < 0)
            {
                break;
            }

            (double from, double to) = (requester[begin].Seconds, requester[end].Seconds);
            List<Call> asked = requester[(begin + 1)..end];
            List<Call> answered = responder.FindAll(call => call.Seconds > from && call.Seconds < to);
            double ticks = Math.Ceiling((to - from) / SecondsInTick()) + 1;

            // The requester looks at HEAD and DATA, the responder at DATA. The handful: a wait that blocked when the other side lost its processor.
            const int Handful = 10;
            if (asked.Count <= (2 * ticks) + Handful && answered.Count <= ticks + Handful)
            {
                TestContext.Current.TestOutputHelper?.WriteLine($"{Exchanges} exchanges in {to - from:F4} s, {ticks} ticks: {asked.Count} calls of the requester, {answered.Count} of the responder.");
                return true;
            }

            told += $"{to - from:F4} s, {ticks} ticks: {Summary(asked)} / {Summary(answered)}\n";
        }

        return false;
    }

    private static bool IsBegin(Call call) => call.Text.Contains("\"round-begins", StringComparison.Ordinal);

    private static string Summary(List<Call> calls) =>
        string.Join(", ", calls.GroupBy(call => call.Text.Split('(')[0]).Select(group => $"{group.Count()} {group.Key}"));

    private static double SecondsInTick()
    {
        Assert.Equal(0, GetResolution(CoarseMonotonicClock, out TimeSpecification tick));
        return tick.Seconds + (tick.Nanoseconds / 1e9);
    }

    [LibraryImport("libc", EntryPoint = "clock_getres")]
    private static partial int GetResolution(int clock, out TimeSpecification resolution);

    private struct TimeSpecification
    {
        public long Seconds;
        public long Nanoseconds;
    }

    /// <summary>A line of strace's, such as <c>1234 1700000000.123456 futex(...) = 0</c>.</summary>
    private sealed partial record Call(int Thread, double Seconds, string Text)
    {
        public static Call? Parse(string line) => Line().Match(line) is { Success: true } match
            ? new Call(
                int.Parse(match.Groups[1].Value, CultureInfo.InvariantCulture),
                double.Parse(match.Groups[2].Value, CultureInfo.InvariantCulture),
                match.Groups[3].Value)
            : null;

        [GeneratedRegex(@"^(\d+)\s+(\d+\.\d+) ([a-z].*)$")]
        private static partial Regex Line();
    }
}
