using System.Globalization;
using Chappe.Posix;

namespace Chappe.Benchmarks;

/// <summary>Two semaphores of Chappe.Posix, without an exchange around them.</summary>
internal sealed class SemaphoreContender : Contender
{
    public const string PeerName = "semaphores";

    private readonly NamedSemaphore _requests;
    private readonly NamedSemaphore _responses;

    public SemaphoreContender(string name, TimeSpan spinBudget)
        : base(name)
    {
        string prefix = Names.Unique();
        _requests = NamedSemaphore.Create($"/{prefix}-requests");
        _responses = NamedSemaphore.Create($"/{prefix}-responses");
        _responses.SpinBudget = spinBudget;
        Peer = PeerProcess.Start(PeerName, _requests.Name, _responses.Name, spinBudget.Ticks.ToString(CultureInfo.InvariantCulture));
    }

    public override PeerProcess Peer { get; }

    public override bool CanDo(Work work) => work.Kind == WorkKind.Exchange;

    public override void Dispose()
    {
        base.Dispose();
        foreach (NamedSemaphore semaphore in (ReadOnlySpan<NamedSemaphore>)[_requests, _responses])
        {
            semaphore.Dispose();
            NamedSemaphore.Delete(semaphore.Name);
        }
    }

    protected override void Do(Work work)
    {
        _requests.Release();
        _responses.Wait();
    }
}

/// <summary>The other side of <see cref="SemaphoreContender"/>.</summary>
internal static class SemaphorePeer
{
    public static void Run(string[] arguments)
    {
        using NamedSemaphore requests = NamedSemaphore.OpenExisting(arguments[0]);
        using NamedSemaphore responses = NamedSemaphore.OpenExisting(arguments[1]);
        requests.SpinBudget = new TimeSpan(long.Parse(arguments[2], CultureInfo.InvariantCulture));
        Benchmarks.Peer.SayReady();
        while (true)
        {
            requests.Wait();
            responses.Release();
        }
    }
}
