using Chappe.Exchange;

namespace Chappe.Tool;

/// <summary>Where received payloads go.</summary>
internal interface IPayloadDestination
{
    /// <summary>Sees before anything is asked whether a payload can be put there.</summary>
    /// <returns>What is wrong, in a sentence; null for nothing.</returns>
    string? Prepare();

    /// <summary>Puts a payload there and returns its file's path, null where there is none.</summary>
    /// <param name="asked">The name that was asked for.</param>
    /// <param name="response">What was received.</param>
    /// <param name="progress">Told how many bytes have been written.</param>
    /// <param name="cancellationToken">Stops between two chunks; no part of a file is left behind.</param>
    string? Save(string asked, Response response, ProgressLine progress, CancellationToken cancellationToken);
}
