using System.Runtime.InteropServices;

namespace Chappe.Exchange;

/// <summary>Parses a copy of CTRL that was read from the file. The bytes are neither mapped nor trusted.</summary>
internal static class ControlCopy
{
    /// <summary>The number of bytes to read: one more than a valid file has, so that a longer file is recognized.</summary>
    internal const int ReadLength = ControlPage.Length + 1;

    /// <summary>Parses the bytes as a control page of the supported version.</summary>
    /// <returns>Null on success; otherwise a sentence that describes the error.</returns>
    internal static string? Parse(ReadOnlySpan<byte> bytes, out ControlPage page)
    {
        page = bytes.Length == ControlPage.Length ? MemoryMarshal.Read<ControlPage>(bytes) : default;
        return page.Magic != ControlPage.ExpectedMagic
            ? "CTRL is not the control segment of a channel."
            : page.Version != ControlPage.SupportedVersion || page.PageLength != ControlPage.Length
                ? $"CTRL has protocol version {page.Version}; this program supports version {ControlPage.SupportedVersion}."
                : null;
    }
}
