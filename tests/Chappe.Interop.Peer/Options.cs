using System.Globalization;

namespace Chappe.Interop.Peer;

/// <summary>Plain words, and options that begin with two hyphens.</summary>
internal sealed class Options
{
    private readonly Dictionary<string, string> _values = [];

    /// <param name="words">What was given.</param>
    /// <param name="flags">The options that have no value.</param>
    internal Options(string[] words, params string[] flags)
    {
        for (int i = 0; i < words.Length; i++)
        {
            if (!words[i].StartsWith("--", StringComparison.Ordinal))
            {
                Plain.Add(words[i]);
            }
            else if (flags.Contains(words[i]))
            {
                _values[words[i]] = "";
            }
            else
            {
                _values[words[i]] = words[++i];
            }
        }
    }

    internal List<string> Plain { get; } = [];

    internal bool Has(string option) => _values.ContainsKey(option);

    internal string? Text(string option) => _values.GetValueOrDefault(option);

    internal long Number(string option, long otherwise) => Text(option) is { } text ? long.Parse(text, CultureInfo.InvariantCulture) : otherwise;
}
