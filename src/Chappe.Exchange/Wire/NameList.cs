using System.Text;

namespace Chappe.Exchange;

/// <summary>The payload of a list: names in UTF-8, each terminated by a NUL byte.</summary>
internal static class NameList
{
    internal static byte[] Format(IEnumerable<string> names)
    {
        using var bytes = new MemoryStream();
        foreach (string name in names)
        {
            bytes.Write(Encoding.UTF8.GetBytes(name));
            bytes.WriteByte(0);
        }

        return bytes.ToArray();
    }

    internal static IReadOnlyList<string> Parse(in Response response)
    {
        if (response.Kind != PayloadKind.List)
        {
            throw new ProtocolException($"The responder answered a request for its list with a payload of the kind {response.Kind}.");
        }

        return Parse(response.Span);
    }

    internal static IReadOnlyList<string> Parse(ReadOnlySpan<byte> bytes)
    {
        var names = new List<string>();
        while (!bytes.IsEmpty)
        {
            int end = bytes.IndexOf((byte)0);
            if (end < 0)
            {
                throw new ProtocolException("The responder's list of names does not end with a NUL byte.");
            }

            names.Add(Encoding.UTF8.GetString(bytes[..end]));
            bytes = bytes[(end + 1)..];
        }

        return names;
    }
}
