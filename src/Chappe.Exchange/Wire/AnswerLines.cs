using System.Text;

namespace Chappe.Exchange;

/// <summary>The lines of CTRL that a responder writes with an answer.</summary>
internal static unsafe class AnswerLines
{
    internal static void Write(ref ControlPage page, in Answer answer)
    {
        page.Status = (uint)ResponseStatus.Ok;
        page.Kind = (uint)answer.Kind;
        page.MessageLength = 0;
        WriteMediaType(ref page, answer.MediaType);
        page.HasDescription = answer.Description.IsUnspecified ? 0u : 1u;
        if (!answer.Description.IsUnspecified)
        {
            DescriptionLines.Write(ref page, answer.Description);
        }
    }

    internal static void WriteError(ref ControlPage page, ResponseStatus status, PayloadKind kind, string message)
    {
        page.Status = (uint)status;
        page.Kind = (uint)kind;
        page.MediaTypeLength = 0;
        page.HasDescription = 0;
        WriteMessage(ref page, message);
    }

    /// <summary>Writes the message, truncated to the whole characters that fit.</summary>
    internal static void WriteMessage(ref ControlPage page, string message)
    {
        fixed (byte* destination = page.Message)
        {
            Encoding.UTF8.GetEncoder().Convert(message, new Span<byte>(destination, ControlPage.MessageCapacity), flush: true, out _, out int length, out _);
            page.MessageLength = (ushort)length;
        }
    }

    private static void WriteMediaType(ref ControlPage page, string? mediaType)
    {
        fixed (byte* destination = page.MediaType)
        {
            page.MediaTypeLength = (ushort)Encoding.ASCII.GetBytes(mediaType ?? "", new Span<byte>(destination, ControlPage.MediaTypeCapacity));
        }
    }
}
