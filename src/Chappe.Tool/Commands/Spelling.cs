using System.CommandLine;
using System.CommandLine.Parsing;

namespace Chappe.Tool;

/// <summary>Says what was probably meant by a command or an option that does not exist.</summary>
internal static class Spelling
{
    /// <summary>The words that come nearest to one that is unknown; none if none is near.</summary>
    public static IReadOnlyList<string> Nearest(string unknown, IEnumerable<string> known)
    {
        // One slip for a short word, more for a long one; whoever typed the beginning made none.
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

    /// <summary>What can stand at a place of the command line: commands and options, those that help shows.</summary>
    public static IEnumerable<string> WordsOf(Command command) =>
        command.Subcommands.Where(sub => !sub.Hidden).Select(sub => sub.Name)
            .Concat(command.Options.Where(option => !option.Hidden).SelectMany(option => option.Aliases.Prepend(option.Name)));

    /// <summary>The question that an error ends with, null if nothing is near.</summary>
    public static string? Question(string unknown, Command command)
    {
        IReadOnlyList<string> nearest = Nearest(unknown, WordsOf(command));
        return nearest.Count == 0 ? null : $"Did you mean {string.Join(" or ", nearest)}?";
    }

    /// <summary>The words that the command line has no place for, and those that look like options and were taken for arguments.</summary>
    public static IEnumerable<string> UnknownWords(ParseResult parsed) =>
        parsed.Tokens
            .TakeWhile(token => token.Type != TokenType.DoubleDash)
            .Where(token => token.Type == TokenType.Argument && token.Value.StartsWith('-'))
            .Select(token => token.Value)
            .Union(parsed.UnmatchedTokens);

    /// <summary>
    /// What is wrong with names of which one looks like an option: the parser takes an option that it does not know for one more name; only what
    /// stands after -- is surely one.
    /// </summary>
    public static string? MistypedOption(ParseResult parsed, Command command, IReadOnlyList<string> names)
    {
        int afterDashes = parsed.Tokens.SkipWhile(token => token.Type != TokenType.DoubleDash).Skip(1).Count();
        return names.Take(names.Count - afterDashes).FirstOrDefault(name => name.StartsWith('-')) is { } mistyped
            ? $"There is no option {mistyped}. {Question(mistyped, command) ?? "If it is a name to ask for, write -- before it."}"
            : null;
    }

    /// <summary>How many letters have to be changed, put in, left out or exchanged with their neighbour.</summary>
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
