using System.CommandLine;
using System.CommandLine.Parsing;

namespace Chappe.Tool;

/// <summary>Finds the command or option that a mistyped word probably meant.</summary>
internal static class Spelling
{
    /// <summary>The known words nearest to an unknown one; empty if none is near.</summary>
    public static IReadOnlyList<string> Nearest(string unknown, IEnumerable<string> known)
    {
        // One slip in a short word, more in a long one. The beginning of a word is no slip.
        int tolerance = Math.Max(1, unknown.TrimStart('-').Length / 3);
        (string Word, int Distance)[] near =
        [
            .. known
                .Select(word => (Word: word, Distance: unknown.Trim('-').Length > 1 && word.StartsWith(unknown, StringComparison.Ordinal) ? 0 : Distance(unknown, word)))
                .Where(candidate => candidate.Distance <= tolerance),
        ];
        int least = near.Select(candidate => candidate.Distance).DefaultIfEmpty().Min();
        return [.. near.Where(candidate => candidate.Distance == least).Select(candidate => candidate.Word).Order(StringComparer.Ordinal)];
    }

    /// <summary>The subcommands and options of a command that its help shows.</summary>
    public static IEnumerable<string> WordsOf(Command command) =>
        command.Subcommands.Where(sub => !sub.Hidden).Select(sub => sub.Name)
            .Concat(command.Options.Where(option => !option.Hidden).SelectMany(option => option.Aliases.Prepend(option.Name)));

    /// <summary>"Did you mean ...?" for an unknown word; null if no known word is near.</summary>
    public static string? Question(string unknown, Command command)
    {
        IReadOnlyList<string> nearest = Nearest(unknown, WordsOf(command));
        return nearest.Count == 0 ? null : $"Did you mean {string.Join(" or ", nearest)}?";
    }

    /// <summary>The words that the parser did not match, and those that look like options but were parsed as arguments.</summary>
    public static IEnumerable<string> UnknownWords(ParseResult parsed) =>
        parsed.Tokens
            .TakeWhile(token => token.Type != TokenType.DoubleDash)
            .Where(token => token.Type == TokenType.Argument && token.Value.StartsWith('-'))
            .Select(token => token.Value)
            .Union(parsed.UnmatchedTokens);

    /// <summary>
    /// Describes the first name that looks like an option; null if there is none. The parser treats an unknown option as one more name. Words after
    /// -- are always names.
    /// </summary>
    public static string? MistypedOption(ParseResult parsed, Command command, IReadOnlyList<string> names)
    {
        int afterDashes = parsed.Tokens.SkipWhile(token => token.Type != TokenType.DoubleDash).Skip(1).Count();
        return names.Take(names.Count - afterDashes).FirstOrDefault(name => name.StartsWith('-')) is { } mistyped
            ? $"There is no option {mistyped}. {Question(mistyped, command) ?? "To ask for a file of that name, write -- before it."}"
            : null;
    }

    /// <summary>The edit distance: letters changed, inserted, removed, or swapped with their neighbour.</summary>
    private static int Distance(string left, string right)
    {
        int[,] distances = new int[left.Length + 1, right.Length + 1];
        for (int row = 0; row <= left.Length; row++)
        {
            for (int column = 0; column <= right.Length; column++)
            {
                if (row == 0 || column == 0)
                {
                    distances[row, column] = row + column;
                    continue;
                }

                int change = left[row - 1] == right[column - 1] ? 0 : 1;
                int least = Math.Min(distances[row - 1, column - 1] + change, Math.Min(distances[row - 1, column], distances[row, column - 1]) + 1);
                bool exchanged = row > 1 && column > 1 && left[row - 1] == right[column - 2] && left[row - 2] == right[column - 1];
                distances[row, column] = exchanged ? Math.Min(least, distances[row - 2, column - 2] + 1) : least;
            }
        }

        return distances[left.Length, right.Length];
    }
}
