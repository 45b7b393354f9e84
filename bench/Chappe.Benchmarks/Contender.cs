using System.Diagnostics;

namespace Chappe.Benchmarks;

/// <summary>One way to do the work. Those that need a second process have started it when they are made.</summary>
internal abstract class Contender(string name) : IDisposable
{
    public string Name { get; } = name;

    /// <summary>The process on the other side, if there is one of ours.</summary>
    public virtual PeerProcess? Peer => null;

    public abstract bool CanDo(Work work);

    /// <summary>Does the work so many times.</summary>
    /// <returns>The nanoseconds it took.</returns>
    public virtual long Run(Work work, int times)
    {
        long start = Stopwatch.GetTimestamp();
        for (int i = 0; i < times; i++)
        {
            Do(work);
        }

        return (long)Stopwatch.GetElapsedTime(start).TotalNanoseconds;
    }

    public virtual void Dispose() => Peer?.Dispose();

    /// <summary>Does the work once.</summary>
    protected virtual void Do(Work work) => throw new NotSupportedException();
}
