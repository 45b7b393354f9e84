using System.Diagnostics;
using System.Globalization;

namespace Chappe.Posix.Tests;

public class SegmentLockTests
{
    private static readonly TimeSpan Long = TimeSpan.FromMinutes(1);

    [Fact]
    public async Task A_byte_is_locked_by_one_process_only_and_the_others_are_free()
    {
        using var name = new TestName();
        using var segment = SharedMemory.Create(name, 100);
        using PeerProcess peer = await PeerProcess.StartAsync();
        Assert.Equal("ok", await peer.AskAsync($"seg open {name}"));
        Assert.Equal("True", await peer.AskAsync($"seg lock {name} 0"));
        Assert.True(segment.IsLocked(0));
        Assert.Null(segment.TryLock(0));

        Assert.False(segment.IsLocked(1));
        using SegmentLock? other = segment.TryLock(1);
        Assert.NotNull(other);
        Assert.Equal("False", await peer.AskAsync($"seg lock {name} 1"));
    }

    [Fact]
    public void Within_one_process_too_it_is_one_only_and_dispose_releases_it()
    {
        using var name = new TestName();
        using var segment = SharedMemory.Create(name, 100);
        using var again = SharedMemory.OpenExisting(name);
        SegmentLock? taken = segment.TryLock(5);
        Assert.NotNull(taken);
        Assert.True(segment.IsLocked(5));
        Assert.True(again.IsLocked(5));
        Assert.Null(segment.TryLock(5));
        Assert.Null(again.TryLock(5));
        taken.Dispose();
        taken.Dispose();
        Assert.False(segment.IsLocked(5));
        using SegmentLock? next = again.TryLock(5);
        Assert.NotNull(next);
    }

    [Fact]
    public void It_outlives_the_closing_of_every_other_descriptor_of_the_segment()
    {
        // POSIX record locks (F_SETLK) would be dropped by the first of these closes.
        using var name = new TestName();
        var segment = SharedMemory.Create(name, 100);
        using SegmentLock? taken = segment.TryLock(0);
        Assert.NotNull(taken);
        SharedMemory.OpenExisting(name).Dispose();
        File.OpenRead(name.SegmentPath).Dispose();
        segment.Dispose();
        using var opened = SharedMemory.OpenExisting(name);
        Assert.True(opened.IsLocked(0));
    }

    [Fact]
    public void A_segment_without_a_name_can_be_locked_before_anybody_sees_it()
    {
        using var name = new TestName();
        using var segment = SharedMemory.CreateUnnamed("/unnamed", 100);
        using SegmentLock? taken = segment.TryLock(0);
        segment.Publish(name);
        using var opened = SharedMemory.OpenExisting(name);
        Assert.True(opened.IsLocked(0));
        SharedMemory.Delete(name);
        Assert.True(opened.IsLocked(0));
        Assert.NotNull(opened.TryLock(1));
    }

    [Fact]
    public async Task Death_by_SIGKILL_releases_it_although_a_child_started_meanwhile_lives_on()
    {
        using var name = new TestName();
        using var segment = SharedMemory.Create(name, 100);
        using PeerProcess peer = await PeerProcess.StartAsync();
        Assert.Equal("ok", await peer.AskAsync($"seg open {name}"));
        Assert.Equal("True", await peer.AskAsync($"seg lock {name} 0"));
        using Process child = Process.GetProcessById(int.Parse(await peer.AskAsync("start-child"), CultureInfo.InvariantCulture));
        try
        {
            Assert.True(segment.IsLocked(0));
            await peer.KillAsync();

            // The kernel takes a moment to tear the process down.
            Assert.True(await BecomesFreeAsync(segment, 0));
            Assert.False(child.HasExited);
        }
        finally
        {
            child.Kill();
        }
    }

    [Fact]
    public async Task A_child_of_this_process_inherits_neither_the_lock_nor_a_descriptor()
    {
        using var name = new TestName();
        using var segment = SharedMemory.Create(name, 100);
        SegmentLock taken = segment.TryLock(0)!;
        using Process child = Process.Start("sleep", "600");
        try
        {
            taken.Dispose();
            Assert.True(await BecomesFreeAsync(segment, 0));
            Assert.DoesNotContain(
                Directory.EnumerateFiles($"/proc/{child.Id}/fd"),
                descriptor => File.ResolveLinkTarget(descriptor, false)?.FullName.StartsWith(PosixName.Directory, StringComparison.Ordinal) == true);
        }
        finally
        {
            child.Kill();
        }
    }

    [Fact]
    public async Task A_program_in_C_that_locks_the_byte_by_fcntl_excludes_us_and_we_it()
    {
        using var name = new TestName();
        using var segment = SharedMemory.Create(name, 100);
        using PeerProcess peer = await PeerProcess.StartCAsync();
        Assert.Equal("0", await peer.AskAsync($"shm_open {name}"));
        Assert.Equal("0", await peer.AskAsync("lock 1"));
        Assert.Null(segment.TryLock(1));
        using SegmentLock? taken = segment.TryLock(0);
        Assert.NotNull(taken);
        Assert.Equal($"{-Interop.EAGAIN}", await peer.AskAsync("lock 0"));
    }

    [Fact]
    public void A_byte_beyond_the_end_can_be_locked_and_one_before_the_start_not()
    {
        using var name = new TestName();
        using var segment = SharedMemory.Create(name, 100);
        using SegmentLock? far = segment.TryLock(long.MaxValue - 1);
        Assert.NotNull(far);
        Assert.Throws<ArgumentOutOfRangeException>(() => segment.TryLock(-1));
        Assert.Throws<ArgumentOutOfRangeException>(() => segment.IsLocked(-1));
    }

    private static async Task<bool> BecomesFreeAsync(SharedMemory segment, long position)
    {
        Deadline deadline = Deadline.After(Long);
        while (segment.IsLocked(position) && !deadline.HasPassed)
        {
            await Task.Delay(1);
        }

        return !segment.IsLocked(position);
    }
}
