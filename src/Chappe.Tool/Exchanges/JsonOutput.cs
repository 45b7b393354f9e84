using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Chappe.Tool;

/// <summary>Writes one JSON object per line and exchange.</summary>
internal sealed class JsonOutput(Stream stream) : IExchangeOutput
{
    // This output does not go into HTML, so names stay readable.
    private static readonly ExchangeJson Json = new(new JsonSerializerOptions(ExchangeJson.Default.Options)
    {
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    });

    public void Write(ExchangeRecord exchange)
    {
        JsonLines.Write(stream, exchange, Json.ExchangeRecord);
        stream.Flush();
    }
}

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
[JsonSerializable(typeof(ExchangeRecord))]
internal sealed partial class ExchangeJson : JsonSerializerContext;
