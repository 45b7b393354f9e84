using System.Diagnostics.CodeAnalysis;
using System.Runtime.Intrinsics.X86;
using Chappe.Posix;

namespace Chappe.Exchange;

/// <summary>The four objects that carry the exchanges of one generation: two semaphores, HEAD and DATA.</summary>
internal sealed unsafe class Home : IDisposable
{
    /// <summary>HEAD has four words, but a basic peer may extend it to a page.</summary>
    private const int HeaderMaxLength = 4096;

    /// <summary>The initial length of DATA: room for any name and for small payloads.</summary>
    private const int InitialDataLength = 64 << 10;

    private Home(NamedSemaphore requests, NamedSemaphore responses, SharedMemory header, SharedMemory data)
    {
        Requests = requests;
        Responses = responses;
        requests.AddReference();
        responses.AddReference();
        Header = header;
        Data = data;
        _words = header.GetPointer(0, HeaderWords.Size);
        _data = data.GetPointer(0, 0);
        Inodes = new HomeInodes(header.GetStatus().Inode, data.GetStatus().Inode, requests.Status.Inode, responses.Status.Inode);
    }

    /// <summary>At the extended level the semaphores do not spin, because CTRL changes before they are posted (<see cref="AdaptiveSpin"/>).</summary>
    internal NamedSemaphore Requests { get; }

    internal NamedSemaphore Responses { get; }

    internal SharedMemory Header { get; }

    internal SharedMemory Data { get; }

    /// <summary>The words of HEAD, in place. They stay accessible at any length that a basic peer gives to the file, except 0.</summary>
    internal ref HeaderWords Words => ref *(HeaderWords*)_words;

    private readonly byte* _words;
    private readonly byte* _data;

    /// <summary>
    /// Prefetches HEAD and the beginning of DATA while the cache lines of CTRL are still in transfer from the other processor. One after the other, these transfers
    /// would take most of the time of a short exchange.
    /// </summary>
    internal void Prefetch()
    {
        if (Sse.IsSupported)
        {
            Sse.Prefetch0(_words);
            Sse.Prefetch0(_data);
        }
    }

    /// <summary>The inodes of the four objects. CTRL contains them too, but a peer may overwrite it.</summary>
    internal HomeInodes Inodes { get; }

    /// <summary>Creates a home under the channel's names. Each inode is written to CTRL before its name appears.</summary>
    /// <exception cref="ChannelInUseException">HEAD or DATA already exists, and belongs to another requester.</exception>
    internal static Home Make(ChannelName channel, ref ControlPage page, SharedObjectOptions access, long maxPayloadLength)
    {
        NamedSemaphore? requests = null, responses = null;
        SharedMemory? header = null, data = null;
        try
        {
            requests = OpenOrCreateDrained(channel.RequestSemaphore, access);
            page.RequestsInode = requests.Status.Inode;
            FaultPoint.Pass(Step.HomeRequestsMade);
            responses = OpenOrCreateDrained(channel.ResponseSemaphore, access);
            page.ResponsesInode = responses.Status.Inode;
            FaultPoint.Pass(Step.HomeResponsesMade);

            data = SharedMemory.CreateUnnamed(channel.DataSegment, Math.Min(InitialDataLength, maxPayloadLength), SegmentOptions(access, maxPayloadLength));
            page.DataInode = data.GetStatus().Inode;
            FaultPoint.Pass(Step.HomeDataRecorded);
            Publish(data, channel.DataSegment, channel);
            FaultPoint.Pass(Step.HomeDataPublished);

            header = SharedMemory.CreateUnnamed(channel.HeaderSegment, HeaderWords.Size, SegmentOptions(access, HeaderMaxLength));
            page.HeaderInode = header.GetStatus().Inode;
            FaultPoint.Pass(Step.HomeHeaderRecorded);
            Publish(header, channel.HeaderSegment, channel);
            FaultPoint.Pass(Step.HomeHeaderPublished);

            return new Home(requests, responses, header, data);
        }
        catch
        {
            requests?.Dispose();
            responses?.Dispose();
            header?.Dispose();
            data?.Dispose();
            throw;
        }
    }

    /// <summary>Opens the home that CTRL describes.</summary>
    /// <returns>False if one of the names is missing or leads to another object.</returns>
    internal static bool TryOpen(
        ChannelName channel,
        in ControlPage page,
        SharedObjectOptions access,
        long maxPayloadLength,
        [NotNullWhen(true)] out Home? home)
    {
        if (TryOpen(channel, access, maxPayloadLength, TimeSpan.Zero, out home) && home.Inodes == HomeInodes.In(page))
        {
            return true;
        }

        home?.Dispose();
        home = null;
        return false;
    }

    /// <summary>Opens the existing objects with the four names.</summary>
    /// <returns>False if one of them is missing, or HEAD has no length yet.</returns>
    internal static bool TryOpen(
        ChannelName channel,
        SharedObjectOptions access,
        long maxPayloadLength,
        TimeSpan spinBudget,
        [NotNullWhen(true)] out Home? home)
    {
        NamedSemaphore? requests = null, responses = null;
        SharedMemory? header = null, data = null;
        home = null;
        try
        {
            if (SharedMemory.TryOpenExisting(channel.HeaderSegment, out header, SegmentOptions(access, HeaderMaxLength))
                && SharedMemory.TryOpenExisting(channel.DataSegment, out data, SegmentOptions(access, maxPayloadLength))
                && NamedSemaphore.TryOpenExisting(channel.RequestSemaphore, out requests, access)
                && NamedSemaphore.TryOpenExisting(channel.ResponseSemaphore, out responses, access)
                && header.Length >= sizeof(ulong))
            {
                requests.SpinBudget = spinBudget;
                responses.SpinBudget = spinBudget;
                header.EnsureLength(HeaderWords.Size);
                home = new Home(requests, responses, header, data);
            }

            return home is not null;
        }
        finally
        {
            if (home is null)
            {
                requests?.Dispose();
                responses?.Dispose();
                header?.Dispose();
                data?.Dispose();
            }
        }
    }

    /// <summary>Whether each of the four names leads to the file with its inode.</summary>
    internal static bool IsIntact(ChannelName channel, in HomeInodes inodes) =>
        SharedMemory.TryGetStatus(channel.HeaderSegment, out FileStatus header) && header.Inode == inodes.Header
        && SharedMemory.TryGetStatus(channel.DataSegment, out FileStatus data) && data.Inode == inodes.Data
        && NamedSemaphore.TryGetStatus(channel.RequestSemaphore, out FileStatus requests) && requests.Inode == inodes.Requests
        && NamedSemaphore.TryGetStatus(channel.ResponseSemaphore, out FileStatus responses) && responses.Inode == inodes.Responses;

    /// <summary>Unlinks those of the four names that lead to the file with their inode.</summary>
    internal static void Unlink(ChannelName channel, in HomeInodes inodes)
    {
        if (SharedMemory.TryGetStatus(channel.HeaderSegment, out FileStatus header) && header.Inode == inodes.Header)
        {
            SharedMemory.Delete(channel.HeaderSegment);
        }

        if (SharedMemory.TryGetStatus(channel.DataSegment, out FileStatus data) && data.Inode == inodes.Data)
        {
            SharedMemory.Delete(channel.DataSegment);
        }

        if (NamedSemaphore.TryGetStatus(channel.RequestSemaphore, out FileStatus requests) && requests.Inode == inodes.Requests)
        {
            NamedSemaphore.Delete(channel.RequestSemaphore);
        }

        if (NamedSemaphore.TryGetStatus(channel.ResponseSemaphore, out FileStatus responses) && responses.Inode == inodes.Responses)
        {
            NamedSemaphore.Delete(channel.ResponseSemaphore);
        }
    }

    /// <summary>Takes all posts without waiting.</summary>
    /// <exception cref="ProtocolException">There are more than <see cref="Limits.MaxStrayPosts"/>.</exception>
    internal static void Drain(NamedSemaphore semaphore)
    {
        if (!TryDrain(semaphore))
        {
            throw Limits.TooManyStrayPosts(semaphore.Name);
        }
    }

    /// <summary>Takes all posts without waiting.</summary>
    /// <returns>False if there are more than <see cref="Limits.MaxStrayPosts"/>.</returns>
    internal static bool TryDrain(NamedSemaphore semaphore)
    {
        for (int posts = 0; posts <= Limits.MaxStrayPosts; posts++)
        {
            if (!semaphore.TryWait())
            {
                return true;
            }
        }

        return false;
    }

    public void Dispose()
    {
        Requests.RemoveReference();
        Responses.RemoveReference();
        Requests.Dispose();
        Responses.Dispose();
        Header.Dispose();
        Data.Dispose();
    }

    private static SharedMemoryOptions SegmentOptions(SharedObjectOptions access, long maxLength) =>
        new() { Mode = access.Mode, GroupId = access.GroupId, AllowedOwners = access.AllowedOwners, MaxLength = maxLength };

    /// <summary>Existing semaphores are used, not replaced, because a basic responder that started first has created them and waits on them.</summary>
    private static NamedSemaphore OpenOrCreateDrained(string name, SharedObjectOptions access)
    {
        NamedSemaphore semaphore = NamedSemaphore.OpenOrCreate(name, 0, access);
        semaphore.SpinBudget = TimeSpan.Zero;
        try
        {
            Drain(semaphore);
            return semaphore;
        }
        catch
        {
            semaphore.Dispose();
            throw;
        }
    }

    private static void Publish(SharedMemory segment, string name, ChannelName channel)
    {
        try
        {
            segment.Publish(name);
        }
        catch (PosixException exception) when (exception.Error == PosixError.AlreadyExists)
        {
            throw OwnedChannel.InUseByBasicRequester(channel, name);
        }
    }
}
