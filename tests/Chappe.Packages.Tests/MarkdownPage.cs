using System.Text.RegularExpressions;
using Markdig;
using Markdig.Extensions.AutoIdentifiers;
using Markdig.Renderers.Html;
using Markdig.Syntax;
using Markdig.Syntax.Inlines;

namespace Chappe.Packages.Tests;

/// <summary>A link or an image of a page.</summary>
internal sealed record Link(string Page, int Line, string Target, bool IsImage)
{
    internal bool IsAbsolute => Target.StartsWith("//", StringComparison.Ordinal) || Regex.IsMatch(Target, "^[A-Za-z][A-Za-z0-9+.-]*:");

    public override string ToString() => $"{Page}:{Line}: {Target}";
}

/// <summary>What a page links to, and the anchors that it has for the links of others.</summary>
internal sealed partial class MarkdownPage
{
    /// <summary>The dialect, and the anchors of its headings, as a forge renders them.</summary>
    private static readonly MarkdownPipeline Pipeline =
        new MarkdownPipelineBuilder().UsePipeTables().UseAutoLinks().UseAutoIdentifiers(AutoIdentifierOptions.GitHub).Build();

    internal MarkdownPage(string path, string text)
    {
        MarkdownDocument document = Markdown.Parse(text, Pipeline);
        string html = string.Concat(document.Descendants().Select(Html));
        Links =
        [
            .. document.Descendants<LinkInline>().Select(link => new Link(path, link.Line + 1, link.Url ?? "", link.IsImage)),
            .. document.Descendants<AutolinkInline>().Where(link => !link.IsEmail).Select(link => new Link(path, link.Line + 1, link.Url, IsImage: false)),
            .. Reference().Matches(html).Select(match => new Link(path, 1, match.Groups[2].Value, IsImage: match.Groups[1].Value == "src")),
        ];
        Anchors = [.. document.Descendants<HeadingBlock>().Select(heading => heading.GetAttributes().Id!), .. Anchor().Matches(html).Select(match => match.Groups[1].Value)];
    }

    internal IReadOnlyList<Link> Links { get; }

    internal HashSet<string> Anchors { get; }

    private static string Html(MarkdownObject node) => node switch
    {
        HtmlBlock block => block.Lines.ToString(),
        HtmlInline inline => inline.Tag,
        _ => "",
    };

    [GeneratedRegex("""\b(href|src)\s*=\s*["']([^"']*)""")]
    private static partial Regex Reference();

    [GeneratedRegex("""\b(?:id|name)\s*=\s*["']([^"']*)""")]
    private static partial Regex Anchor();
}
