using System.Diagnostics;

namespace Chappe.Posix.Peer;

internal sealed class SemaphoreCommands
{
    private readonly Dictionary<string, NamedSemaphore> _open = [];
    private WaitStorm? _storm;

    internal string Run(string verb, string[] words)
    {
        string name = words[0];
        switch (verb)
        {
            case "create":
                _open[name] = NamedSemaphore.Create(name, words[1].Integer(), Options.Parse(words[2..]));
                return "ok";
            case "open":
                _open[name] = NamedSemaphore.OpenExisting(name, Options.Parse(words[1..]));
                return "ok";
            case "open-or-create":
                _open[name] = NamedSemaphore.OpenOrCreate(name, words[1].Integer(), Options.Parse(words[2..]));
                return "ok";
            case "delete":
                return NamedSemaphore.Delete(name).ToString();
            case "release":
                _open[name].Release(words[1].Integer());
                return "ok";
            case "count":
                return $"{_open[name].CurrentCount}";
            case "wait":
                return Wait(_open[name], TimeSpan.FromMilliseconds(words[1].Integer()));
            case "wait-async":
                return $"{_open[name].WaitAsync(TimeSpan.FromMilliseconds(words[1].Integer())).AsTask().GetAwaiter().GetResult()}";
            case "wait-in-slices":
                _open[name].Blocking = BlockingMethod.MonotonicSlices;
                return "ok";
            case "storm":
                _storm = new WaitStorm(_open[name], words[1].Integer(), seed: words[2].Integer());
                return "ok";
            case "calm":
                return $"{_storm!.Stop()}";
            default:
                throw new ArgumentException(verb);
        }
    }

    /// <summary>Says whether it was taken, and after how many milliseconds.</summary>
    private static string Wait(NamedSemaphore semaphore, TimeSpan timeout)
    {
        Console.WriteLine("waiting");
        long start = Stopwatch.GetTimestamp();
        bool taken = semaphore.Wait(timeout);
        return $"{taken} {Stopwatch.GetElapsedTime(start).TotalMilliseconds:F0}";
    }
}
