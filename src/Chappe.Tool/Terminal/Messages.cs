using Spectre.Console;

namespace Chappe.Tool;

/// <summary>Writes messages to standard error.</summary>
internal sealed class Messages(IAnsiConsole console)
{
    private readonly Lock _lock = new();

    public IAnsiConsole Console => console;

    public void Notice(string text) => Write($"[grey]{Markup.Escape(DisplayText.Safe(text))}[/]");

    public void Error(string text) => Write($"[red]chappe:[/] {Markup.Escape(DisplayText.Safe(text))}");

    public void Failure(ExchangeRecord exchange) => Write(
        $"[red]{Markup.Escape(DisplayText.Safe(exchange.Name))}: {Markup.Escape(exchange.Status)}[/] {Markup.Escape(DisplayText.Safe(exchange.Message ?? ""))}");

    /// <summary>Timers write messages, too, so two threads may write at once.</summary>
    private void Write(string markup)
    {
        lock (_lock)
        {
            console.MarkupLine(markup);
        }
    }
}
