using System.Globalization;
using Chappe.Posix;

namespace Chappe.FaultPeer;

/// <summary>One line of a test's: a verb, plain words, and options as <c>key=value</c>.</summary>
internal sealed class Words
{
    private readonly List<string> _plain = [];
    private readonly Dictionary<string, string> _options = [];

    internal Words(string line)
    {
        string[] words = line.Split(' ', StringSplitOptions.RemoveEmptyEntries);
        Verb = words.Length > 0 ? words[0] : "";
        foreach (string word in words.Skip(1))
        {
            int equals = word.IndexOf('=', StringComparison.Ordinal);
            if (equals > 0)
            {
                _options[word[..equals]] = word[(equals + 1)..];
            }
            else
            {
                _plain.Add(word);
            }
        }
    }

    internal string Verb { get; }

    internal string this[int index] => _plain[index];

    internal string? Text(string key) => _options.GetValueOrDefault(key);

    internal bool Has(string key) => _options.ContainsKey(key);

    internal int Number(string key, int otherwise) =>
        _options.TryGetValue(key, out string? text) ? int.Parse(text, CultureInfo.InvariantCulture) : otherwise;

    /// <summary>Without <c>spin=1</c> a peer takes every post, so that it passes every step.</summary>
    /// <remarks><c>spin=long</c> outlasts whatever slows the other side down.</remarks>
    internal TimeSpan SpinBudget => Text("spin") switch
    {
        null => TimeSpan.Zero,
        "long" => TimeSpan.FromSeconds(1),
        _ => NamedSemaphore.DefaultSpinBudget,
    };

    internal TimeSpan Milliseconds(string key, int otherwise) => TimeSpan.FromMilliseconds(Number(key, otherwise));
}
