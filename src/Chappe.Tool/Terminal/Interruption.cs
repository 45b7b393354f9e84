using System.Runtime.InteropServices;

namespace Chappe.Tool;

/// <summary>Turns Ctrl+C, SIGTERM and SIGHUP into a cancelled token, so that nothing is left in /dev/shm.</summary>
internal sealed class Interruption : IDisposable
{
    // A terminal that closes, or an impatient double Ctrl+C, brings two signals at once; cleaning up takes less than this.
    private const long InsistsAfterMilliseconds = 1000;

    private readonly CancellationTokenSource _source = new();
    private readonly PosixSignalRegistration[] _registrations;
    private long _since;

    public Interruption() =>
        _registrations = [.. new[] { PosixSignal.SIGINT, PosixSignal.SIGTERM, PosixSignal.SIGHUP }.Select(signal => PosixSignalRegistration.Create(signal, Handle))];

    public CancellationToken Token => _source.Token;

    public void Dispose()
    {
        foreach (PosixSignalRegistration registration in _registrations)
        {
            registration.Dispose();
        }

        _source.Dispose();
    }

    private void Handle(PosixSignalContext context)
    {
        long now = Environment.TickCount64;
        long first = Interlocked.CompareExchange(ref _since, now, 0);

        // Whoever still insists after a while gets the signal's default: the end, at once.
        context.Cancel = first == 0 || now - first < InsistsAfterMilliseconds;
        if (first == 0)
        {
            _source.Cancel();
        }
    }
}
