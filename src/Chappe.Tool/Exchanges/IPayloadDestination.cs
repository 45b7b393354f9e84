using Chappe.Exchange;

namespace Chappe.Tool;

/// <summary>A destination for received payloads.</summary>
internal interface IPayloadDestination
{
    /// <summary>Checks, before the first request, whether payloads can be saved.</summary>
    /// <returns>The problem, in a sentence; null for none.</returns>
    string? Prepare();

    /// <summary>Saves a payload and returns the path of its file; null if it has none.</summary>
    /// <param name="asked">The requested name.</param>
    /// <param name="response">The response with the payload.</param>
    /// <param name="progress">Receives the number of bytes written so far.</param>
    /// <param name="cancellationToken">Stops the writing between two chunks; no partial file remains.</param>
    string? Save(string asked, Response response, ProgressLine progress, CancellationToken cancellationToken);
}
