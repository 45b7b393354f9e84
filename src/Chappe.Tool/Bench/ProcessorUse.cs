using System.Globalization;

namespace Chappe.Tool;

/// <summary>The processors that the two sides of a measurement ran on, from samples taken between its exchanges.</summary>
internal sealed class ProcessorUse
{
    private readonly SortedSet<int> _requester = [];
    private readonly SortedSet<int> _responder = [];
    private int _samples;
    private int _sameSamples;

    public IReadOnlyCollection<int> Requester => _requester;

    public IReadOnlyCollection<int> Responder => _responder;

    /// <summary>The share of the samples with both sides on one processor, from 0 to 1.</summary>
    public double SameShare => _samples == 0 ? 0 : (double)_sameSamples / _samples;

    /// <summary>The processor that runs the calling thread: field 39 of proc_pid_stat(5).</summary>
    public static int Current()
    {
        // The second field, the name in parentheses, may contain anything.
        string stat = File.ReadAllText("/proc/thread-self/stat");
        string[] fieldsFromThird = stat[(stat.LastIndexOf(')') + 2)..].Split(' ');
        return int.Parse(fieldsFromThird[39 - 3], CultureInfo.InvariantCulture);
    }

    public void Add(int requester, int responder)
    {
        _requester.Add(requester);
        _responder.Add(responder);
        _samples++;
        _sameSamples += requester == responder ? 1 : 0;
    }
}
