using Spectre.Console;

namespace Chappe.Tool.Tests;

public class DisplayTests
{
    [Theory]
    [InlineData("a\u001b[2Jb\nc\u009b", @"a\u001B[2Jb\u000Ac\u009B")]
    [InlineData("invoice\u202egpj.exe", @"invoice\u202Egpj.exe")]
    [InlineData("\u202a\u202b\u202c\u202d\u2066\u2067\u2068\u2069", @"\u202A\u202B\u202C\u202D\u2066\u2067\u2068\u2069")]
    [InlineData("\u200e\u200f\u061c\u2028\u2029\ufeff\u00ad", @"\u200E\u200F\u061C\u2028\u2029\uFEFF\u00AD")]
    [InlineData("\U000E0041", @"\U000E0041")]
    [InlineData("می\u200cخواهم \U0001F469\u200d\U0001F680 été", "می\u200cخواهم \U0001F469\u200d\U0001F680 été")]
    public void Characters_that_steer_the_terminal_or_hide_text_are_shown_escaped(string name, string shown) =>
        Assert.Equal(shown, DisplayText.Safe(name));

    [Theory]
    [InlineData(0, "0 B")]
    [InlineData(999, "999 B")]
    [InlineData(1000, "1 kB")]
    [InlineData(999_999, "1 MB")]
    [InlineData(3_221_225_472, "3.22 GB")]
    [InlineData(123_456_789, "123 MB")]
    public void Bytes_are_shown_with_the_unit_that_fits(double bytes, string expected) =>
        Assert.Equal(expected, DisplayText.Bytes(bytes));

    [Fact]
    public void Totals_count_what_came_and_time_only_that()
    {
        var totals = new ExchangeTotals();
        foreach (long microseconds in new long[] { 40, 10, 30, 20 })
        {
            totals.Add(new ExchangeRecord("apple", true, "ok", 100, 0, 0, 0, "file", null, microseconds, null, null));
        }

        totals.Add(ExchangeRecord.Failed("nope", "timeout", "", TimeSpan.FromSeconds(30)));

        Assert.Equal((4, 1, 400), (totals.Succeeded, totals.Failed, totals.Bytes));
        Assert.Equal((10, 25, 40), (totals.MinMicroseconds, totals.MedianMicroseconds, totals.MaxMicroseconds));
        Assert.Equal(4e6, totals.BytesPerSecond);
    }

    [Fact]
    public void A_run_in_which_nothing_came_has_totals_too()
    {
        var totals = new ExchangeTotals();

        Assert.Equal((0, 0, 0, 0.0), (totals.MinMicroseconds, totals.MedianMicroseconds, totals.MaxMicroseconds, totals.BytesPerSecond));
    }

    [Fact]
    public void Two_rows_of_pixels_become_one_row_of_half_blocks()
    {
        byte[] rgb = [255, 0, 0, 0, 255, 0, 0, 0, 255, 255, 255, 255, 1, 2, 3, 4, 5, 6];
        using var writer = new StringWriter();
        IAnsiConsole console = AnsiConsole.Create(new AnsiConsoleSettings
        {
            Out = new AnsiConsoleOutput(writer),
            Ansi = AnsiSupport.Yes,
            ColorSystem = ColorSystemSupport.TrueColor,
        });

        console.Write(new TerminalPicture(2, 3, rgb));

        string[] rows = writer.ToString().TrimEnd().Split('\n');
        Assert.Equal(2, rows.Length);
        Assert.Contains("38;2;255;0;0;48;2;0;0;255m▀", rows[0], StringComparison.Ordinal);
        Assert.Contains("38;2;0;255;0;48;2;255;255;255m▀", rows[0], StringComparison.Ordinal);
        Assert.Contains("38;2;1;2;3m▀", rows[1], StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(200, "│ ibis ", "│ LEVEL ", "│ POSTS ", "│ Some long remark on that channel ")]
    [InlineData(80, "│ ibis ", "│ REQUESTER ", "│ alive (1234567) ")]
    [InlineData(60, "│ ibis ", "│ REQUESTER ", "│ alive (1234567) ")]
    public void A_table_leaves_out_columns_where_a_terminal_is_too_narrow_and_breaks_no_name(int width, params string[] contains)
    {
        string[] lines = Render(ChannelTable.OfChannels([ChannelNamed("ibis") with { Remark = "Some long remark on that channel" }, ChannelNamed("egret")]), width);

        Assert.All(lines, line => Assert.InRange(line.Length, 1, width));
        Assert.All(contains, text => Assert.Contains(lines, line => line.Contains(text, StringComparison.Ordinal)));
        Assert.Equal(width == 200, lines[1].Contains("POSTS", StringComparison.Ordinal));
    }

    [Fact]
    public void A_name_without_room_is_shortened_in_its_middle()
    {
        string[] lines = Render(ChannelTable.OfChannels([ChannelNamed($"begin-{new string('x', 200)}-end")]), 80);

        Assert.Equal(5, lines.Length);
        Assert.All(lines, line => Assert.InRange(line.Length, 1, 80));
        Assert.Matches(@"^│ begin-x+…x+-end │ alive \(1234567\) │ none ", lines[3]);
    }

    private static ChannelRecord ChannelNamed(string name) => new(
        name, "extended", new PeerRecord("alive", 1_234_567), new PeerRecord("none", null), 1, 5000, true, [], null);

    private static string[] Render(ColumnTable table, int width)
    {
        using var writer = new StringWriter();
        IAnsiConsole console = AnsiConsole.Create(new AnsiConsoleSettings
        {
            Out = new AnsiConsoleOutput(writer),
            Ansi = AnsiSupport.No,
            ColorSystem = ColorSystemSupport.NoColors,
        });
        console.Profile.Width = width;
        console.Profile.Capabilities.Unicode = true;
        console.Write(table.ForTerminal(width));
        return writer.ToString().TrimEnd().Split('\n');
    }

    [Fact]
    public void A_failure_message_quotes_the_first_and_the_last_lines_of_a_long_output()
    {
        string excerpt = Excerpt.Of(string.Join('\n', Enumerable.Range(1, 1_000_000)) + "\n" + new string('x', 10_000) + "\n");

        Assert.StartsWith("1\n2\n3\n4\n5\n[999981 more lines]\n999987\n", excerpt, StringComparison.Ordinal);
        Assert.EndsWith("x[9700 more characters]", excerpt, StringComparison.Ordinal);
    }

    [Fact]
    public void Progress_is_a_bar_once_it_is_known_and_the_time_until_then()
    {
        Assert.Equal("Asking for a: 1.5 s", ProgressLine.Text("Asking for a", 0, 0, TimeSpan.FromSeconds(1.5)));
        Assert.Equal("Saving a: 0.6 s", ProgressLine.Text("Saving a", 0, 4_000_000, TimeSpan.FromSeconds(0.6)));
        Assert.Equal("Saving a [############------------] 50 % of 4 MB", ProgressLine.Text("Saving a", 2_000_000, 4_000_000, TimeSpan.FromSeconds(1)));
        Assert.Equal("Saving a [########################] 100 % of 4 MB", ProgressLine.Text("Saving a", 4_000_001, 4_000_000, TimeSpan.FromSeconds(1)));
    }
}
