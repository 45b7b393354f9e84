using Chappe.Exchange;

namespace Chappe.Tool;

/// <summary>The watch on one channel. It continues when another requester takes over the channel.</summary>
internal sealed class ChannelWatch(ChannelName channel) : IDisposable
{
    private static readonly TimeSpan NameInterval = TimeSpan.FromMilliseconds(10);

    private readonly ExchangeMeter _meter = new();
    private readonly Queue<ExchangeTally> _window = [];
    private readonly PeerNames _names = new(channel);
    private ChannelSampler? _sampler;
    private TimeSpan _nextName;
    private string? _lastName;

    /// <summary>Takes one sample. Call it every few milliseconds.</summary>
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
            // Reading a name opens a file and costs more than a sample. People read far fewer names a second than this.
            _nextName = now + NameInterval;
            _lastName = _sampler.TryReadName(out string? name) ? name : _lastName;
        }
    }

    /// <summary>Reports on the last intervals, and starts anew if another channel has the name.</summary>
    /// <param name="snapshot">The catalog's snapshot of the channel.</param>
    /// <param name="intervals">The number of reports, up to this one, that the figures cover.</param>
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
                // The snapshot's remark gives the reason.
            }
        }
    }
}
