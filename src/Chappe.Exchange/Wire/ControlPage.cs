using System.Runtime.InteropServices;

namespace Chappe.Exchange;

/// <summary>
/// The layout of CTRL in shared memory. docs/protocol.md has the same table, and a test compares the two. Each 64-byte line has one writer, so a cache line moves
/// between processors only when it carries new information.
/// </summary>
[StructLayout(LayoutKind.Explicit, Size = Length)]
internal unsafe struct ControlPage
{
    internal const int Length = 4096;
    internal const uint SupportedVersion = 1;
    internal const int MediaTypeCapacity = 128;
    internal const int MessageCapacity = 1024;
    internal const int StateOffset = 132;

    /// <summary>The bit of <see cref="Flags"/> that allows the responder to stream the payload.</summary>
    internal const uint MayStream = 1;

    /// <summary>The length of the first part of the page, which includes all fields that change with each exchange.</summary>
    internal const int SampledLength = 384;

    /// <summary>"CHAPPE" and two NUL bytes, as a little-endian word.</summary>
    internal static readonly ulong ExpectedMagic = MemoryMarshal.Read<ulong>("CHAPPE\0\0"u8);

    // Written at birth, except the generation, which is written with every home.
    [FieldOffset(0)] internal ulong Magic;
    [FieldOffset(8)] internal uint Version;
    [FieldOffset(12)] internal uint PageLength;
    [FieldOffset(16)] internal ulong Generation;

    // Written by the requester with every request.
    [FieldOffset(64)] internal ulong Ticket;
    [FieldOffset(72)] internal uint Wants;
    [FieldOffset(76)] internal uint Flags;
    [FieldOffset(80)] internal ulong Slot;
    [FieldOffset(88)] internal ulong AskedAtMilliseconds;
    [FieldOffset(96)] internal ulong Pending;

    // Written by the requester when it acquires the channel, creates a home, or closes the channel.
    [FieldOffset(128)] internal uint RequesterProcessId;
    [FieldOffset(StateOffset)] internal uint State;
    [FieldOffset(136)] internal ulong HeaderInode;
    [FieldOffset(144)] internal ulong DataInode;
    [FieldOffset(152)] internal ulong RequestsInode;
    [FieldOffset(160)] internal ulong ResponsesInode;
    [FieldOffset(192)] internal uint TraceContextLength;
    [FieldOffset(196)] internal fixed byte TraceContext[60];

    // Written by the responder with every answer.
    [FieldOffset(256)] internal ulong Incarnation;
    [FieldOffset(264)] internal ulong Done;
    [FieldOffset(272)] internal uint Status;
    [FieldOffset(276)] internal uint Kind;
    [FieldOffset(280)] internal uint ResponderProcessId;
    [FieldOffset(284)] internal ushort MediaTypeLength;
    [FieldOffset(286)] internal ushort MessageLength;
    [FieldOffset(288)] internal uint HasDescription;

    // Written by the responder while it works. These have a line of their own, because a requester that spins on done reads them only if an answer is late or streamed.
    [FieldOffset(320)] internal ulong Taker;
    [FieldOffset(328)] internal ulong Taken;
    [FieldOffset(336)] internal ulong Started;
    [FieldOffset(344)] internal ulong Progress;

    // Written by the responder for answers that have them.
    [FieldOffset(384)] internal fixed byte MediaType[MediaTypeCapacity];
    [FieldOffset(512)] internal uint ElementType;
    [FieldOffset(516)] internal uint PixelFormat;
    [FieldOffset(520)] internal uint Rank;
    [FieldOffset(528)] internal fixed ulong Shape[PayloadDescription.MaxRank];
    [FieldOffset(592)] internal fixed long Strides[PayloadDescription.MaxRank];
    [FieldOffset(704)] internal fixed byte Message[MessageCapacity];
}

/// <summary>The values of <see cref="ControlPage.State"/>.</summary>
internal static class ChannelState
{
    internal const uint Building = 1;
    internal const uint Open = 2;
    internal const uint Closed = 3;
}
