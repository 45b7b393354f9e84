using System.Text;
using System.Text.RegularExpressions;

namespace Chappe.Packages.Tests;

/// <summary>A fenced or indented block of one of the pages that a reader copies from.</summary>
internal sealed partial record CodeBlock(string Page, int Line, string Language, string Text)
{
    private static readonly string[] Pages =
    [
        "README.md",
        "CONTRIBUTING.md",
        .. Directory.GetFiles(Path.Combine(Repository.Root, "docs"), "*.md").Select(path => Path.GetRelativePath(Repository.Root, path)),
        .. Directory.GetFiles(Path.Combine(Repository.Root, "peers"), "README.md", SearchOption.AllDirectories).Select(path => Path.GetRelativePath(Repository.Root, path)),
        .. Directory.GetFiles(Path.Combine(Repository.Root, "src"), "README.md", SearchOption.AllDirectories).Select(path => Path.GetRelativePath(Repository.Root, path)),
    ];

    internal static IReadOnlyList<CodeBlock> All { get; } = [.. Pages.SelectMany(page => Read(page, File.ReadAllLines(Path.Combine(Repository.Root, page))))];

    internal static IEnumerable<CodeBlock> In(string language) => All.Where(block => block.Language == language);

    /// <summary>The blocks of a page; the indented ones are of the language "sh", as that is what stands so in ours.</summary>
    internal static IEnumerable<CodeBlock> Read(string page, string[] lines)
    {
        for (int i = 0; i < lines.Length; i++)
        {
            int start = i;
            var text = new StringBuilder();
            if (Fence().Match(lines[i]) is { Success: true } fence)
            {
                for (i++; i < lines.Length && lines[i].Trim() != "```"; i++)
                {
                    text.AppendLine(lines[i]);
                }

                yield return new CodeBlock(page, start + 1, fence.Groups[1].Value, text.ToString());
            }
            else if (lines[i].StartsWith("    ", StringComparison.Ordinal) && (i == 0 || lines[i - 1].Length == 0))
            {
                for (; i < lines.Length && lines[i].StartsWith("    ", StringComparison.Ordinal); i++)
                {
                    text.AppendLine(lines[i][4..]);
                }

                yield return new CodeBlock(page, start + 1, "sh", text.ToString());
            }
        }
    }

    public override string ToString() => $"{Page}:{Line}";

    [GeneratedRegex("^```(.*)$")]
    private static partial Regex Fence();
}
