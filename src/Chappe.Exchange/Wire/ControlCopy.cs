using System.Runtime.InteropServices;

namespace Chappe.Exchange;

/// <summary>CTRL read from outside: a copy of bytes that are neither mapped nor trusted.</summary>
internal static class ControlCopy
{
    /// <summary>What to read of the file: one byte more than it may have.</summary>
    internal const int ReadLength = ControlPage.Length + 1;

    /// <summary>Takes the bytes for a page if they are one that this library knows.</summary>
    /// <returns>Null, or a sentence that says why not.</returns>
    internal static string? Parse(ReadOnlySpan<byte> bytes, out ControlPage page)
    {
        page = bytes.Length == ControlPage.Length ? MemoryMarshal.Read<ControlPage>(bytes) : default;
        return page.Magic != ControlPage.ExpectedMagic
            ? "CTRL is not the control segment of a channel."
            : page.Version != ControlPage.SupportedVersion || page.PageLength != ControlPage.Length
                ? $"CTRL speaks version {page.Version} of the protocol, this program version {ControlPage.SupportedVersion}."
                : null;
    }
}
