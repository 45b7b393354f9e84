using System.Diagnostics;

namespace Chappe.Benchmarks;

/// <summary>One way to do the work. Those that need a second process have started it when they are made.</summary>
internal abstract class Contender(string name) : IDisposable
{
    public string Name { get; } = name;

    /// <summary>The process on the other side, if there is one of ours.</summary>
    public virtual PeerProcess? Peer => null;

    /// <summary>
    /// Whether each side works on one thread. Only then can each side be given a processor of its own: left to itself the scheduler puts two processes that
    /// wake each other on the same one, at times, and what is measured is either of two things.
    /// </summary>
    public virtual bool HasOneThreadASide => true;

    /// <summary>Gives each side a processor, or lets both run where they like.</summary>
    /// <param name="server">Where this side runs; -1 for anywhere.</param>
    /// <param name="client">Where the other does.</param>
    public virtual void Place(int server, int client) => Peer?.Pin(client);

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
