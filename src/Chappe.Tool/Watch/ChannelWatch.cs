using Chappe.Exchange;

namespace Chappe.Tool;

/// <summary>One channel that is watched, through all its requesters.</summary>
internal sealed class ChannelWatch(ChannelName channel) : IDisposable
{
    private static readonly TimeSpan NameInterval = TimeSpan.FromMilliseconds(10);

    private readonly ExchangeMeter _meter = new();
    private readonly Queue<ExchangeTally> _window = [];
    private readonly PeerNames _names = new(channel);
    private ChannelSampler? _sampler;
    private TimeSpan _nextName;
    private string? _lastName;

    /// <summary>Looks once. To be called every few milliseconds.</summary>
    public void Sample(TimeSpan now)
    {
        if (_sampler is null)
        {
            return;
        }

        ChannelSample sample = _sampler.Sample();
        _meter.Add(sample, now);
        if (sample.IsPending && now >= _nextName)
        {
            // Reading a name opens a file: dearer than a sample, and nobody reads a hundred names a second.
            _nextName = now + NameInterval;
            _lastName = _sampler.TryReadName(out string? name) ? name : _lastName;
        }
    }

    /// <summary>What is to be shown of it; also looks whether it still is the same channel.</summary>
    /// <param name="snapshot">What the catalog says of it.</param>
    /// <param name="intervals">Over how many of the last reports the figures go.</param>
    public WatchRecord Report(ChannelSnapshot snapshot, int intervals)
    {
        OpenAnew(snapshot);
        _window.Enqueue(_meter.Take());
        while (_window.Count > intervals)
        {
            _window.Dequeue();
        }

        return WatchRecord.Of(snapshot, ExchangeTally.Sum(_window), _lastName, _names);
    }

    public void Dispose() => _sampler?.Dispose();

    private void OpenAnew(ChannelSnapshot snapshot)
    {
        if (_sampler is { IsCurrent: false })
        {
            _sampler.Dispose();
            _sampler = null;
        }

        if (_sampler is null && snapshot.Level == ChannelLevel.Extended)
        {
            try
            {
                ChannelSampler.TryOpen(channel, out _sampler);
            }
            catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
            {
                // The snapshot has the reason among its remarks.
            }
        }
    }
}
