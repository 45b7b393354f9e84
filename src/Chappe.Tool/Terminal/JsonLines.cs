using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;

namespace Chappe.Tool;

/// <summary>Writes the --json output of the operators' commands: one object per line.</summary>
internal static class JsonLines
{
    /// <summary>This output does not go into HTML, so text stays readable.</summary>
    public static OperatorJson Types { get; } = new(new JsonSerializerOptions(OperatorJson.Default.Options) { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping });

    public static void Write<T>(Stream stream, IEnumerable<T> values, JsonTypeInfo<T> type)
    {
        foreach (T value in values)
        {
            stream.Write([.. JsonSerializer.SerializeToUtf8Bytes(value, type), (byte)'\n']);
        }

        stream.Flush();
    }
}

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
[JsonSerializable(typeof(ChannelRecord))]
[JsonSerializable(typeof(RemovalRecord))]
[JsonSerializable(typeof(Finding))]
[JsonSerializable(typeof(WatchRecord))]
internal sealed partial class OperatorJson : JsonSerializerContext;
