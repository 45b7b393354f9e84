using System.Globalization;

namespace Chappe.FaultTests;

/// <summary>/dev/shm is full, to the last page: a small tmpfs of its own, in a mount namespace of the peers' own.</summary>
public sealed class FullMemoryTests
{
    private const long Page = 4096;

    [Fact]
    public async Task A_responder_without_room_answers_no_space_and_the_channel_goes_on_with_what_fits()
    {
        using var scene = new Scene();
        SmallMemory memory = await SmallMemory.MountAsync(scene, pages: 1024);
        PeerProcess requester = memory.Peer(), responder = memory.Peer();
        await requester.AskAsync($"requester {scene.Channel}", "created");
        await responder.AskAsync($"responder {scene.Channel}", "state Attached");
        await Scene.ExchangeOneAsync(requester, "small-60000");
        string refusal = await requester.AskAsync("ask large-9000000", "error RequestFailedException");
        Assert.Contains("more bytes are needed", refusal, StringComparison.Ordinal);
        Assert.Contains("--shm-size", refusal, StringComparison.Ordinal);
        await responder.HearAsync("error SharedMemoryFullException");
        await Scene.ExchangeHundredAsync(requester);
        await scene.EndAsync(requester, responder);
        Assert.Equal(memory.Available, memory.Size);
    }

    [Fact]
    public async Task Full_to_the_last_page_is_an_answer_too()
    {
        using var scene = new Scene();
        SmallMemory memory = await SmallMemory.MountAsync(scene, pages: 1024);
        PeerProcess requester = memory.Peer(), responder = memory.Peer();
        await requester.AskAsync($"requester {scene.Channel}", "created");
        await responder.AskAsync($"responder {scene.Channel}", "state Attached");
        foreach (long pages in new long[] { 0, 1, 2, 3 })
        {
            memory.FillBut(pages);
            await requester.AskAsync("ask large-900000", "error RequestFailedException");
            await responder.HearAsync("error SharedMemoryFullException");
            await Scene.ExchangeOneAsync(requester, "small-60000");
        }

        // All that is left, and not a byte of it more than there is.
        memory.FillBut(16);
        long whole = memory.LengthOfData + (16 * Page);
        await Scene.ExchangeOneAsync(requester, string.Create(CultureInfo.InvariantCulture, $"whole-{whole}"));
        Assert.Equal(0, memory.Available);
        await requester.AskAsync(string.Create(CultureInfo.InvariantCulture, $"ask more-{whole + 1}"), "error RequestFailedException");
        await responder.HearAsync("error SharedMemoryFullException");
        await Scene.ExchangeOneAsync(requester, "small-60000");
        memory.RemoveFilling();
        await Scene.ExchangeHundredAsync(requester);
        await scene.EndAsync(requester, responder);
    }

    [Fact]
    public async Task A_requester_that_finds_no_room_at_birth_says_so_and_leaves_nothing()
    {
        using var scene = new Scene();
        SmallMemory memory = await SmallMemory.MountAsync(scene, pages: 256);
        int refusals = 0;
        for (long pages = 0; pages < 40; pages++)
        {
            memory.FillBut(pages);
            PeerProcess requester = memory.Peer();
            requester.Tell($"requester {scene.Channel}");
            string said = await requester.HearAnyAsync();
            if (said == "created")
            {
                await requester.AskAsync("close", "closed");
                break;
            }

            Assert.StartsWith("error SharedMemoryFullException", said, StringComparison.Ordinal);
            refusals++;
            Assert.Equal(pages * Page, memory.Available);
            Assert.Equal(1, memory.Names);
            requester.Dispose();
        }

        // CTRL, the semaphores, DATA and HEAD are 20 pages.
        Assert.Equal(20, refusals);
    }

    /// <summary>The small tmpfs, seen through a process that holds its mount namespace.</summary>
    private sealed class SmallMemory
    {
        private readonly Scene _scene;
        private readonly PeerProcess _holder;
        private readonly string _root;

        private SmallMemory(Scene scene, PeerProcess holder, long size)
        {
            _scene = scene;
            _holder = holder;
            Size = size;
            _root = $"/proc/{holder.Id}/root/dev/shm";
        }

        internal long Size { get; }

        internal long Available => new DriveInfo(_root).AvailableFreeSpace;

        internal int Names => Directory.EnumerateFiles(_root).Count();

        internal long LengthOfData => new FileInfo(Path.Combine(_root, $"SEG_{_scene.Channel}_DATA")).Length;

        internal static async Task<SmallMemory> MountAsync(Scene scene, int pages)
        {
            string size = string.Create(CultureInfo.InvariantCulture, $"{pages * Page}");
            PeerProcess holder = scene.Add(new PeerProcess(
                "unshare", "-m", "sh", "-c", $"mount -t tmpfs -o size={size} tmpfs /dev/shm && echo mounted || echo refused; exec cat"));
            string said;
            try
            {
                said = await holder.HearAnyAsync();
            }
            catch (Xunit.Sdk.XunitException)
            {
                said = "refused";
            }

            if (said != "mounted")
            {
                Assert.NotEqual("true", Environment.GetEnvironmentVariable("CI"));
                Assert.Skip($"Mounting a small tmpfs is not permitted here: {holder.Heard}");
            }

            return new SmallMemory(scene, holder, pages * Page);
        }

        internal PeerProcess Peer() =>
            _scene.Add(new PeerProcess("nsenter", "-t", _holder.Id.ToString(CultureInfo.InvariantCulture), "-m", PeerPool.Program));

        /// <summary>Takes all the room but so many pages.</summary>
        internal void FillBut(long pages)
        {
            RemoveFilling();
            using FileStream filling = File.Create(Path.Combine(_root, "filling"));
            filling.Write(new byte[Available - (pages * Page)]);
        }

        internal void RemoveFilling() => File.Delete(Path.Combine(_root, "filling"));
    }
}
