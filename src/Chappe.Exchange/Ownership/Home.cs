using System.Diagnostics.CodeAnalysis;
using System.Runtime.Intrinsics.X86;
using Chappe.Posix;

namespace Chappe.Exchange;

/// <summary>The four objects that carry the exchanges of one generation: two semaphores, HEAD and DATA.</summary>
internal sealed unsafe class Home : IDisposable
{
    /// <summary>HEAD is four words, but a basic peer may set its length to anything up to a page.</summary>
    private const int HeaderMaxLength = 4096;

    /// <summary>What DATA starts with: room for any name and for small payloads.</summary>
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

    /// <summary>At the extended level these do not spin themselves: CTRL has the news before they have (<see cref="AdaptiveSpin"/>).</summary>
    internal NamedSemaphore Requests { get; }

    internal NamedSemaphore Responses { get; }

    internal SharedMemory Header { get; }

    internal SharedMemory Data { get; }

    /// <summary>The words of HEAD in place. The page stays addressable whatever length a basic peer gives to the file, as long as it is not 0.</summary>
    internal ref HeaderWords Words => ref *(HeaderWords*)_words;

    private readonly byte* _words;
    private readonly byte* _data;

    /// <summary>
    /// Brings HEAD and the beginning of DATA nearer while CTRL's lines still are on their way from the other processor: one after the other they would be most of
    /// what a short exchange takes.
    /// </summary>
    internal void Prefetch()
    {
        if (Sse.IsSupported)
        {
            Sse.Prefetch0(_words);
            Sse.Prefetch0(_data);
        }
    }

    /// <summary>What this home is made of. CTRL says so too, but a peer may write there.</summary>
    internal HomeInodes Inodes { get; }

    /// <summary>Makes a home under the channel's names and writes its inodes to CTRL, each before its name can be seen.</summary>
    /// <exception cref="ChannelInUseException">HEAD or DATA belongs to somebody else.</exception>
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

    /// <summary>Opens the home that CTRL describes; false if the names lead elsewhere, or nowhere.</summary>
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

    /// <summary>Opens whatever stands under the four names, creating nothing; false if one is missing or HEAD has no length yet.</summary>
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

    /// <summary>Whether each of the four names leads to one of these files.</summary>
    internal static bool IsIntact(ChannelName channel, in HomeInodes inodes) =>
        SharedMemory.TryGetStatus(channel.HeaderSegment, out FileStatus header) && header.Inode == inodes.Header
        && SharedMemory.TryGetStatus(channel.DataSegment, out FileStatus data) && data.Inode == inodes.Data
        && NamedSemaphore.TryGetStatus(channel.RequestSemaphore, out FileStatus requests) && requests.Inode == inodes.Requests
        && NamedSemaphore.TryGetStatus(channel.ResponseSemaphore, out FileStatus responses) && responses.Inode == inodes.Responses;

    /// <summary>Unlinks each of the four names that leads to one of these files, and no other.</summary>
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

    /// <summary>Takes what posts are there; more of them than anyone can have meant is an error.</summary>
    internal static void Drain(NamedSemaphore semaphore)
    {
        if (!TryDrain(semaphore))
        {
            throw Limits.TooManyStrayPosts(semaphore.Name);
        }
    }

    /// <summary>Takes what posts are there; false if they come as fast as they are taken.</summary>
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

    /// <summary>A basic responder that was here first has made the semaphores and waits on them: they are used, not replaced.</summary>
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
