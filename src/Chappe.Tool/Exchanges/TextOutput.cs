using System.Globalization;
using Spectre.Console;

namespace Chappe.Tool;

/// <summary>Writes one line per exchange, for people.</summary>
internal sealed class TextOutput(IAnsiConsole console, Messages messages) : IExchangeOutput
{
    // Wide enough for most names. A longer one widens the column for the lines that follow.
    private int _nameWidth = 16;

    public void Write(ExchangeRecord exchange)
    {
        string name = DisplayText.Safe(exchange.Name);
        if (!exchange.Ok)
        {
            messages.Failure(exchange);
            return;
        }

        _nameWidth = Math.Clamp(name.Length, _nameWidth, 40);
        string bytes = string.Create(CultureInfo.InvariantCulture, $"{exchange.Bytes:N0} bytes");
        string size = exchange.Width > 0 ? $"{exchange.Width} × {exchange.Height} × {exchange.Channels}" : "no image";
        string what = DisplayText.Safe(exchange.MediaType ?? exchange.Kind);
        string time = string.Create(CultureInfo.InvariantCulture, $"{exchange.Microseconds:N0} µs");
        string file = exchange.File is null ? "" : $"  [grey]→[/] {Markup.Escape(DisplayText.Safe(exchange.File))}";
        console.MarkupLine(
            $"[bold]{Markup.Escape(name.PadRight(_nameWidth))}[/] {bytes,18}  {size,-17} [blue]{Markup.Escape(what.PadRight(12))}[/] [green]{time,12}[/]{file}");
    }
}
