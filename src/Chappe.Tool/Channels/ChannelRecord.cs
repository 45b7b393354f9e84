using System.Text.Json.Serialization;
using Chappe.Exchange;
using Chappe.Posix;

namespace Chappe.Tool;

/// <summary>One channel of the list. As JSON it has these properties in this order, in camel case.</summary>
/// <param name="Channel">Its name.</param>
/// <param name="Level">extended, basic or pieces.</param>
/// <param name="Requester">The requester.</param>
/// <param name="Responder">The responder that serves it.</param>
/// <param name="Generation">How many homes it has had, null where that cannot be known.</param>
/// <param name="MillisecondsSinceLastRequest">Null if none was asked, or it cannot be known.</param>
/// <param name="RequestPending">Whether an answer may still come, null where that cannot be known.</param>
/// <param name="Objects">Those of its five objects that exist.</param>
/// <param name="Remark">What is odd about it, null for nothing.</param>
internal sealed record ChannelRecord(
    string Channel,
    string Level,
    PeerRecord Requester,
    PeerRecord Responder,
    long? Generation,
    long? MillisecondsSinceLastRequest,
    bool? RequestPending,
    IReadOnlyList<ObjectRecord> Objects,
    string? Remark)
{
    public static ChannelRecord Of(ChannelSnapshot channel) => new(
        channel.Channel.Name,
        channel.Level switch
        {
            ChannelLevel.Extended => "extended",
            ChannelLevel.Basic => "basic",
            _ => "pieces",
        },
        PeerRecord.Of(channel.Requester),
        PeerRecord.Of(channel.Responder),
        channel.Generation,
        (long?)channel.SinceLastRequest?.TotalMilliseconds,
        channel.IsRequestPending,
        [.. channel.Objects.Select(ObjectRecord.Of)],
        channel.Remark);
}

/// <summary>One side of a channel.</summary>
/// <param name="State">alive, gone, none or unknown.</param>
/// <param name="ProcessId">As it sees itself, null where it cannot be known.</param>
internal sealed record PeerRecord(string State, int? ProcessId)
{
    [JsonIgnore]
    public string Text => ProcessId is { } process ? $"{State} ({process})" : State;

    public static PeerRecord Of(PeerSnapshot peer) => new(
        peer.Liveness switch
        {
            PeerLiveness.Alive => "alive",
            PeerLiveness.Gone => "gone",
            PeerLiveness.None => "none",
            _ => "unknown",
        },
        peer.ProcessId);
}

/// <summary>One object of a channel.</summary>
/// <param name="Role">req, res, head, data or ctrl.</param>
/// <param name="Name">Its name, with the leading slash.</param>
/// <param name="Bytes">Its length.</param>
/// <param name="AllocatedBytes">The memory behind it.</param>
/// <param name="OwnerUserId">The owner's user id.</param>
/// <param name="Owner">The owner's name, null if it has none.</param>
/// <param name="GroupId">The group's id.</param>
/// <param name="Group">The group's name, null if it has none.</param>
/// <param name="Mode">The permissions in octal.</param>
/// <param name="Count">A semaphore's count, null where there is none or it cannot be read.</param>
/// <param name="IsRegularFile">False for what can be none of ours.</param>
internal sealed record ObjectRecord(
    string Role,
    string Name,
    long Bytes,
    long AllocatedBytes,
    long OwnerUserId,
    string? Owner,
    long GroupId,
    string? Group,
    string Mode,
    int? Count,
    bool IsRegularFile)
{
    public static ObjectRecord Of(ChannelObject item) => new(
        item.Role switch
        {
            ChannelObjectRole.RequestSemaphore => "req",
            ChannelObjectRole.ResponseSemaphore => "res",
            ChannelObjectRole.HeaderSegment => "head",
            ChannelObjectRole.DataSegment => "data",
            _ => "ctrl",
        },
        item.Name,
        item.Length,
        item.AllocatedLength,
        item.OwnerUserId,
        Accounts.FindUserName(item.OwnerUserId),
        item.GroupId,
        Accounts.FindGroupName(item.GroupId),
        Convert.ToString((int)item.Mode, 8).PadLeft(4, '0'),
        item.Count,
        item.IsRegularFile);
}
