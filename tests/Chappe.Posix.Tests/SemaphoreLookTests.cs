namespace Chappe.Posix.Tests;

/// <summary>Looking at objects without opening them for use.</summary>
public sealed class SemaphoreLookTests : IDisposable
{
    private readonly string _name = $"/chappe-look-{Guid.NewGuid():N}";

    public void Dispose()
    {
        NamedSemaphore.Delete(_name);
        SharedMemory.Delete(_name);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(7)]
    [InlineData(NamedSemaphore.MaxCount)]
    public void The_count_that_is_read_is_the_one_that_the_C_library_says(int count)
    {
        using NamedSemaphore semaphore = NamedSemaphore.Create(_name, count);

        Assert.True(NamedSemaphore.TryReadCount(_name, out int read));
        Assert.Equal(semaphore.CurrentCount, read);
        Assert.Equal(count, read);
    }

    [Fact]
    public async Task While_somebody_waits_the_count_that_is_read_is_0()
    {
        using NamedSemaphore semaphore = NamedSemaphore.Create(_name);
        semaphore.SpinBudget = TimeSpan.Zero;
        Task<bool> wait = Task.Run(() => semaphore.Wait(TimeSpan.FromSeconds(30)), TestContext.Current.CancellationToken);
        await Task.Delay(100, TestContext.Current.CancellationToken);

        Assert.True(NamedSemaphore.TryReadCount(_name, out int read));
        Assert.Equal(0, read);

        semaphore.Release();
        Assert.True(await wait);
    }

    [Fact]
    public void What_is_no_semaphore_has_no_count()
    {
        Assert.False(NamedSemaphore.TryReadCount(_name, out _));

        File.WriteAllBytes($"/dev/shm/sem.{_name[1..]}", new byte[31]);
        Assert.False(NamedSemaphore.TryReadCount(_name, out _));
    }

    [Fact]
    public void A_reader_sees_the_bytes_and_the_lock_and_takes_neither()
    {
        using SharedMemory segment = SharedMemory.Create(_name, 16);
        segment.GetSpan(0, 16).Fill(7);
        Assert.True(SegmentReader.TryOpen(_name, out SegmentReader? reader));
        using (reader)
        {
            byte[] bytes = new byte[32];
            Assert.Equal(16, reader.Read(0, bytes));
            Assert.Equal(7, bytes[15]);
            Assert.False(reader.IsLocked(0));
            using (SegmentLock? taken = segment.TryLock(0))
            {
                Assert.NotNull(taken);
                Assert.True(reader.IsLocked(0));
                Assert.False(reader.IsLocked(1));
            }

            Assert.False(reader.IsLocked(0));
        }

        Assert.False(SegmentReader.TryOpen(_name + "-none", out _));
    }

    [Fact]
    public void Semaphores_and_segments_are_listed_apart()
    {
        using NamedSemaphore semaphore = NamedSemaphore.Create(_name);
        using SharedMemory segment = SharedMemory.Create(_name + "-segment", 1);
        try
        {
            Assert.Contains(_name, SharedObjectNames.Semaphores());
            Assert.DoesNotContain(_name + "-segment", SharedObjectNames.Semaphores());
            Assert.Contains(_name + "-segment", SharedObjectNames.Segments());
            Assert.DoesNotContain(_name, SharedObjectNames.Segments());
        }
        finally
        {
            SharedMemory.Delete(_name + "-segment");
        }
    }

    [Fact]
    public void The_features_of_a_machine_that_runs_these_tests_are_there()
    {
        Assert.True(PosixFeatures.HasUnnamedFiles);
        Assert.True(PosixFeatures.HasOpenFileDescriptionLocks);
        _ = (PosixFeatures.HasOpenAt2, PosixFeatures.HasFutexWaitMultiple, PosixFeatures.HasMonotonicSemaphoreWait);
        Assert.True(PosixFeatures.GnuVersion is null || PosixFeatures.GnuVersion.StartsWith("2.", StringComparison.Ordinal));
    }

    [Fact]
    public void The_space_is_that_of_the_file_system()
    {
        var fileSystem = new DriveInfo("/dev/shm");

        SharedMemorySpace space = SharedMemorySpace.Get();

        Assert.True(space.TotalBytes == long.MaxValue || space.TotalBytes == fileSystem.TotalSize);
        Assert.InRange(space.AvailableBytes, 0, space.TotalBytes);
        Assert.InRange(space.AvailableFiles, 0, space.TotalFiles);
    }

    [Fact]
    public void Users_and_groups_are_known_by_name_and_by_number()
    {
        Assert.Equal(0, Accounts.FindUserId("root"));
        Assert.Equal(0, Accounts.FindGroupId("root"));
        Assert.Equal("root", Accounts.FindUserName(0));
        Assert.Equal("root", Accounts.FindGroupName(0));
        Assert.Null(Accounts.FindUserId("no such user"));
        Assert.Null(Accounts.FindGroupId("no such group"));
        Assert.Null(Accounts.FindUserName(4_000_000_000));
        Assert.Null(Accounts.FindGroupName(4_000_000_000));
    }
}
