using System.Text;
using Chappe.Exchange;
using Spectre.Console;

namespace Chappe.Tool;

/// <summary>Shows on the terminal the request being answered, if that takes long: a large image to decode, a slow disk.</summary>
internal sealed class ShownRequests(IRequestHandler handler, IAnsiConsole console) : IRequestHandler
{
    public async ValueTask HandleAsync(Request request, CancellationToken cancellationToken)
    {
        using var progress = new ProgressLine(console, $"Answering {Encoding.UTF8.GetString(request.NameBytes)}");
        await handler.HandleAsync(request, cancellationToken);
    }
}
