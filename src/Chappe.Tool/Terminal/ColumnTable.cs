using Spectre.Console;

namespace Chappe.Tool;

/// <summary>A column of a <see cref="ColumnTable"/>.</summary>
/// <param name="Heading">Its heading.</param>
/// <param name="Rank">Where a terminal is too narrow, the columns of the lowest rank are left out first; those of rank <see cref="Kept"/> never.</param>
/// <param name="IsNumber">Whether a terminal shows it aligned to the right.</param>
/// <param name="Wraps">Whether it holds sentences, which may continue on the next line; other cells never break.</param>
internal sealed record Column(string Heading, int Rank = Column.Kept, bool IsNumber = false, bool Wraps = false)
{
    public const int Kept = int.MaxValue;
}

/// <summary>Rows in columns: with borders and fitted to the width on a terminal, plainly aligned and complete elsewhere.</summary>
internal sealed class ColumnTable(params IReadOnlyList<Column> columns)
{
    private const int Gap = 2;

    /// <summary>What a terminal adds to the width of a cell: two spaces and a border.</summary>
    private const int Frame = 3;

    private const int LeastSentenceWidth = 24;
    private const int LeastNameWidth = 12;

    /// <summary>Longer first cells are shortened before other columns are left out.</summary>
    private const int UsualNameWidth = 32;

    private readonly List<(string Style, string[] Cells)> _rows = [];

    /// <summary>Adds a row, one cell for each column.</summary>
    /// <param name="style">How a terminal shows the first cell.</param>
    /// <param name="cells">Text from any source; unsafe characters are escaped.</param>
    public void Add(string style, params IEnumerable<string> cells) => _rows.Add((style, [.. cells.Select(DisplayText.Safe)]));

    public void Write(IAnsiConsole console)
    {
        if (console.Profile.Out.IsTerminal)
        {
            console.Write(ForTerminal(console.Profile.Width));
            return;
        }

        int[] widths = [.. Enumerable.Range(0, columns.Count).Select(column => Width(column) + Gap)];
        foreach (IEnumerable<string> cells in _rows.Select(row => row.Cells).Prepend([.. columns.Select(column => column.Heading)]))
        {
            // Not through the console, which breaks lines that exceed its width.
            console.Profile.Out.Writer.WriteLine(string.Concat(cells.Select((cell, column) => cell.PadRight(widths[column]))).TrimEnd());
        }
    }

    /// <summary>The table with borders. It leaves out empty columns, those that the width has no room for, and at last the middle of long first cells.</summary>
    public Table ForTerminal(int width)
    {
        List<int> shown = [.. Enumerable.Range(0, columns.Count).Where(column => column == 0 || !_rows.TrueForAll(row => row.Cells[column].Length == 0))];
        while (FramedWidth(shown) > width && shown.MinBy(column => columns[column].Rank) is var least && columns[least].Rank != Column.Kept)
        {
            shown.Remove(least);
        }

        int firstWidth = Math.Max(LeastNameWidth, CountedWidth(0) + width - FramedWidth(shown));
        Table table = new Table().Border(TableBorder.Rounded);
        foreach (Column column in shown.Select(index => columns[index]))
        {
            table.AddColumn(new TableColumn(Markup.Escape(column.Heading))
            {
                NoWrap = !column.Wraps,
                Alignment = column.IsNumber ? Justify.Right : Justify.Left,
            });
        }

        foreach ((string style, string[] cells) in _rows)
        {
            table.AddRow(shown.Select(column => column == 0
                ? new Text(Shortened(cells[0], firstWidth), Style.Parse(style))
                : new Text(cells[column])));
        }

        return table;
    }

    private static string Shortened(string text, int width) =>
        text.Length <= width ? text : $"{text[..(width / 2)]}…{text[^(width - (width / 2) - 1)..]}";

    private int FramedWidth(IEnumerable<int> shown) => 1 + shown.Sum(column => Frame + CountedWidth(column));

    private int CountedWidth(int column) =>
        column == 0 ? Math.Min(UsualNameWidth, Width(column)) : columns[column].Wraps ? Math.Min(LeastSentenceWidth, Width(column)) : Width(column);

    private int Width(int column) => _rows.Select(row => row.Cells[column].Length).Append(columns[column].Heading.Length).Max();
}
