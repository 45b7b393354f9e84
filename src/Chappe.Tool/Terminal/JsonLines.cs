using System.Globalization;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;

namespace Chappe.Tool;

/// <summary>Writes --json output: one object per line.</summary>
internal static class JsonLines
{
    /// <summary>This output does not go into HTML, so text stays readable.</summary>
    public static OperatorJson Types { get; } = new(new JsonSerializerOptions(OperatorJson.Default.Options) { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping });

    public static void Write<T>(Stream stream, IEnumerable<T> values, JsonTypeInfo<T> type)
    {
        foreach (T value in values)
        {
            Write(stream, value, type);
        }

        stream.Flush();
    }

    /// <summary>Writes one line. Characters that are unsafe on a terminal are escaped, which the encoder does for controls only.</summary>
    public static void Write<T>(Stream stream, T value, JsonTypeInfo<T> type)
    {
        var line = new StringBuilder();
        foreach (Rune character in JsonSerializer.Serialize(value, type).EnumerateRunes())
        {
            if (DisplayText.IsUnsafe(character))
            {
                foreach (char unit in character.ToString())
                {
                    line.Append(CultureInfo.InvariantCulture, $"\\u{(int)unit:X4}");
                }
            }
            else
            {
                line.Append(character.ToString());
            }
        }

        stream.Write(Encoding.UTF8.GetBytes(line.Append('\n').ToString()));
    }
}

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
[JsonSerializable(typeof(ChannelRecord))]
[JsonSerializable(typeof(RemovalRecord))]
[JsonSerializable(typeof(Finding))]
[JsonSerializable(typeof(WatchRecord))]
internal sealed partial class OperatorJson : JsonSerializerContext;
