using System.Text.RegularExpressions;

namespace Chappe.Packages.Tests;

/// <summary>The pages below a directory that is, or will be, at a URL of its own.</summary>
internal sealed class LinkedTree
{
    private static readonly string[] Folders = ["docs", "peers", "samples", "src", "tests"];

    private readonly string _root;
    private readonly string _url;

    internal LinkedTree(string root, string url)
    {
        (_root, _url) = (Path.TrimEndingDirectorySeparator(root), url);
        IEnumerable<string> files = Directory.GetFiles(_root, "*.md").Concat(
            Folders.Select(folder => Path.Combine(_root, folder)).Where(Directory.Exists).SelectMany(folder => Directory.GetFiles(folder, "*.md", SearchOption.AllDirectories)));
        Pages = files.ToDictionary(file => file, file => new MarkdownPage(Path.GetRelativePath(_root, file), File.ReadAllText(file)));
    }

    /// <summary>By the full paths of their files.</summary>
    internal IReadOnlyDictionary<string, MarkdownPage> Pages { get; }

    internal IEnumerable<Link> BrokenLinks() => Pages.SelectMany(page => page.Value.Links.Where(link => !Leads(link, page.Key)));

    private bool Leads(Link link, string page)
    {
        if (!link.IsAbsolute)
        {
            return IsThere(link.Target, page);
        }

        if (!Regex.IsMatch(link.Target, $"^{Regex.Escape(_url)}/(blob|raw|tree)/"))
        {
            return true;
        }

        Match match = Regex.Match(link.Target, $"^{Regex.Escape(_url)}/(?:blob|raw|tree)/main/(.*)$");
        return match.Success && IsThere(match.Groups[1].Value, Path.Combine(_root, "README.md"));
    }

    private bool IsThere(string target, string page)
    {
        string[] parts = target.Split('#', 2);
        string file = parts[0].Length == 0 ? page : Path.GetFullPath(Path.Combine(Path.GetDirectoryName(page)!, Uri.UnescapeDataString(parts[0])));
        return $"{file}/".StartsWith($"{_root}/", StringComparison.Ordinal) && Path.Exists(file)
            && (parts.Length == 1 || (Pages.TryGetValue(file, out MarkdownPage? linked) && linked.Anchors.Contains(parts[1])));
    }
}
