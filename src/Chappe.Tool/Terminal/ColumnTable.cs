using Spectre.Console;

namespace Chappe.Tool;

/// <summary>Rows in columns: with lines around them on a terminal, plainly aligned elsewhere.</summary>
internal sealed class ColumnTable(params IReadOnlyList<string> headings)
{
    private const int Gap = 2;

    private readonly List<(string Style, string[] Cells)> _rows = [];

    /// <summary>Adds a row, one cell for each heading.</summary>
    /// <param name="style">How a terminal shows the first cell.</param>
    /// <param name="cells">Text from anywhere: it is made fit to be shown.</param>
    public void Add(string style, params IEnumerable<string> cells) => _rows.Add((style, [.. cells.Select(DisplayText.Safe)]));

    public void Write(IAnsiConsole console)
    {
        if (console.Profile.Out.IsTerminal)
        {
            console.Write(Bordered());
            return;
        }

        int[] widths = [.. headings.Select((heading, column) => _rows.Select(row => row.Cells[column].Length).Append(heading.Length).Max() + Gap)];
        foreach (IReadOnlyList<string> cells in _rows.Select(row => row.Cells).Prepend(headings))
        {
            // Not through the console, which breaks lines that are wider than it.
            console.Profile.Out.Writer.WriteLine(string.Concat(cells.Select((cell, column) => cell.PadRight(widths[column]))).TrimEnd());
        }
    }

    private Table Bordered()
    {
        Table table = new Table().Border(TableBorder.Rounded);
        foreach (string heading in headings)
        {
            table.AddColumn(Markup.Escape(heading));
        }

        foreach ((string style, string[] cells) in _rows)
        {
            table.AddRow([new Markup(Markup.Escape(cells[0]), Style.Parse(style)), .. cells.Skip(1).Select(cell => new Markup(Markup.Escape(cell)))]);
        }

        return table;
    }
}
