using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;

namespace Chappe.Tool;

/// <summary>What list, remove and doctor write under --json: objects, each on a line of its own.</summary>
internal static class JsonLines
{
    /// <summary>Text is readable as it is: nobody pastes this into HTML unescaped.</summary>
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
