using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Chappe.Tool;

/// <summary>One JSON object per exchange, each on a line of its own.</summary>
internal sealed class JsonOutput(Stream stream) : IExchangeOutput
{
    // Names are readable as they are: nobody pastes this into HTML unescaped.
    private static readonly ExchangeJson Json = new(new JsonSerializerOptions(ExchangeJson.Default.Options)
    {
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    });

    public void Write(ExchangeRecord exchange)
    {
        byte[] line = [.. JsonSerializer.SerializeToUtf8Bytes(exchange, Json.ExchangeRecord), (byte)'\n'];
        stream.Write(line);
        stream.Flush();
    }
}

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
[JsonSerializable(typeof(ExchangeRecord))]
internal sealed partial class ExchangeJson : JsonSerializerContext;
