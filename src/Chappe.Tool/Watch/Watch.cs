using System.Diagnostics;
using Chappe.Exchange;

namespace Chappe.Tool;

/// <summary>Samples one channel or all, and reports at every interval.</summary>
internal sealed class Watch(ChannelName? only, TimeSpan interval, int intervalsShown, int? count) : IDisposable
{
    /// <summary>Short enough to separate the exchanges that people notice, long enough to cost almost nothing.</summary>
    public static readonly TimeSpan SamplePeriod = TimeSpan.FromMilliseconds(2);

    private readonly Dictionary<string, ChannelWatch> _channels = new(StringComparer.Ordinal);

    /// <summary>Runs until it is cancelled or has made the given number of reports.</summary>
    public void Run(Action<IReadOnlyList<WatchRecord>> report, CancellationToken cancellationToken)
    {
        _ = Report();
        long start = Stopwatch.GetTimestamp();
        TimeSpan next = interval;
        for (int reports = 0; reports < (count ?? int.MaxValue);)
        {
            cancellationToken.WaitHandle.WaitOne(SamplePeriod);
            cancellationToken.ThrowIfCancellationRequested();
            TimeSpan now = Stopwatch.GetElapsedTime(start);
            foreach (ChannelWatch channel in _channels.Values)
            {
                channel.Sample(now);
            }

            if (now >= next)
            {
                next = now + interval;
                reports++;
                report(Report());
            }
        }
    }

    public void Dispose()
    {
        foreach (ChannelWatch channel in _channels.Values)
        {
            channel.Dispose();
        }
    }

    private WatchRecord[] Report()
    {
        IReadOnlyList<ChannelSnapshot> found = only is null ? ChannelCatalog.List() : ChannelCatalog.Find(only) is { } one ? [one] : [];
        foreach (string gone in _channels.Keys.Except(found.Select(snapshot => snapshot.Channel.Name)).ToArray())
        {
            _channels.Remove(gone, out ChannelWatch? channel);
            channel!.Dispose();
        }

        return [.. found.Select(Report)];
    }

    private WatchRecord Report(ChannelSnapshot snapshot)
    {
        if (!_channels.TryGetValue(snapshot.Channel.Name, out ChannelWatch? channel))
        {
            _channels.Add(snapshot.Channel.Name, channel = new ChannelWatch(snapshot.Channel));
        }

        return channel.Report(snapshot, intervalsShown);
    }
}
