using System.Runtime.InteropServices;

namespace Chappe.Tool;

/// <summary>A token that Ctrl+C, SIGTERM and SIGHUP cancel, so that a command removes its channel before it ends.</summary>
internal sealed class Interruption : IDisposable
{
    /// <summary>The sentence for the help of commands that run until they are interrupted.</summary>
    public const string Help = "Ctrl+C, SIGTERM and SIGHUP end it after it has cleaned up, with exit status 130.";

    // A terminal that closes, or a double Ctrl+C, sends two signals at once; cleaning up takes less than this.
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

        // A signal after that has its default effect and ends the process at once.
        context.Cancel = first == 0 || now - first < InsistsAfterMilliseconds;
        if (first == 0)
        {
            _source.Cancel();
        }
    }
}
