using System.Text.Json.Serialization;
using Chappe.Exchange;
using Chappe.Posix;

namespace Chappe.Tool;

/// <summary>A channel, as <c>chappe list</c> shows it. In JSON: these properties in this order, in camel case.</summary>
/// <param name="Channel">Its name.</param>
/// <param name="Level">extended, basic or pieces.</param>
/// <param name="Requester">The requester.</param>
/// <param name="Responder">The responder that serves it.</param>
/// <param name="Generation">The generation of the channel; null if it cannot be read.</param>
/// <param name="MillisecondsSinceLastRequest">The time since the last request; null if there was none or it cannot be read.</param>
/// <param name="RequestPending">Whether a request has no response yet; null if that cannot be read.</param>
/// <param name="Objects">The existing ones of its five objects.</param>
/// <param name="Remark">An irregularity of the channel; null for none.</param>
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
/// <param name="ProcessId">Its process id in its own pid namespace; null if it cannot be read.</param>
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
/// <param name="AllocatedBytes">The memory allocated for it.</param>
/// <param name="OwnerUserId">The owner's user id.</param>
/// <param name="Owner">The owner's name; null if the user id has none.</param>
/// <param name="GroupId">The group's id.</param>
/// <param name="Group">The group's name; null if the group id has none.</param>
/// <param name="Mode">The permissions in octal.</param>
/// <param name="Count">The semaphore's count; null for a segment or if it cannot be read.</param>
/// <param name="IsRegularFile">Whether it is a regular file, as every object of a channel is.</param>
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
