using System.Globalization;

namespace Chappe.Posix.Tests;

public class SegmentOpeningTests
{
    [Fact]
    public void To_create_what_exists_fails_with_a_message_that_says_what_to_do()
    {
        using var name = new TestName();
        using var segment = SharedMemory.Create(name, 1);
        PosixException exception = Assert.Throws<PosixException>(() => SharedMemory.Create(name, 1));
        Assert.Equal(PosixError.AlreadyExists, exception.Error);
        Assert.Contains(nameof(SharedMemory.OpenOrCreate), exception.Message, StringComparison.Ordinal);
        Assert.Contains(nameof(SharedMemory.Delete), exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_created_segment_is_zeroes_and_is_seen_by_whoever_opens_its_name()
    {
        using var name = new TestName();
        using var created = SharedMemory.Create(name, 10_000);
        Assert.Equal((10_000, name.Value), (created.Length, created.Name));
        Assert.Equal(-1, created.GetSpan(0, 10_000).IndexOfAnyExcept((byte)0));
        using var opened = SharedMemory.OpenExisting(name);
        created.GetSpan(9_999, 1)[0] = 42;
        Assert.Equal(42, opened.GetSpan(9_999, 1)[0]);
    }

    [Fact]
    public async Task A_created_segment_is_seen_by_another_process()
    {
        using var name = new TestName();
        using var segment = SharedMemory.Create(name, 10_000);
        using PeerProcess peer = await PeerProcess.StartAsync();
        Assert.Equal("ok", await peer.AskAsync($"seg open {name}"));
        Assert.Equal("ok", await peer.AskAsync($"seg put {name} 9999 42"));
        Assert.Equal(42, segment.GetSpan(9_999, 1)[0]);
    }

    [Fact]
    public async Task A_program_in_C_shares_a_segment_of_ours()
    {
        using var name = new TestName();
        using var segment = SharedMemory.Create(name, 10_000);
        using PeerProcess peer = await PeerProcess.StartCAsync();
        Assert.Equal("0", await peer.AskAsync($"shm_open {name}"));
        segment.GetSpan(5_000, 1)[0] = 42;
        Assert.Equal("42", await peer.AskAsync("get 5000"));
        Assert.Equal("0", await peer.AskAsync("put 9999 43"));
        Assert.Equal(43, segment.GetSpan(9_999, 1)[0]);
    }

    [Fact]
    public void Creating_what_exists_is_refused_and_leaves_it_alone()
    {
        using var name = new TestName();
        using var first = SharedMemory.Create(name, 100);
        first.GetSpan(0, 100).Fill(7);
        var exception = Assert.Throws<PosixException>(() => SharedMemory.Create(name, 1));
        Assert.Equal((PosixError.AlreadyExists, name.Value), (exception.Error, exception.ObjectName));
        Assert.Equal(100, first.Length);
        Assert.Equal(-1, first.GetSpan(0, 100).IndexOfAnyExcept((byte)7));
    }

    [Fact]
    public void Opening_what_is_missing_says_so()
    {
        using var name = new TestName();
        Assert.Equal(PosixError.NotFound, Assert.Throws<PosixException>(() => SharedMemory.OpenExisting(name)).Error);
        Assert.False(SharedMemory.TryOpenExisting(name, out SharedMemory? segment));
        Assert.Null(segment);
    }

    [Fact]
    public void Open_or_create_makes_what_is_missing_and_lengthens_what_is_too_short()
    {
        using var name = new TestName();
        using var made = SharedMemory.OpenOrCreate(name, 100);
        using var same = SharedMemory.OpenOrCreate(name, 50);
        Assert.Equal(100, made.Length);
        using var longer = SharedMemory.OpenOrCreate(name, 10_000);
        Assert.Equal(10_000, made.Length);
        Assert.Throws<ArgumentOutOfRangeException>(() => SharedMemory.OpenOrCreate(name, 0));
    }

    [Fact]
    public async Task When_many_open_or_create_at_once_one_makes_it_and_all_have_the_same()
    {
        using var name = new TestName();
        SharedMemory[] segments = await Task.WhenAll(Enumerable.Range(0, 16).Select(_ => Task.Run(() => SharedMemory.OpenOrCreate(name, 100))));
        Assert.Single(segments.Select(segment => segment.GetStatus().Inode).Distinct());
        Array.ForEach(segments, segment => segment.Dispose());
    }

    [Fact]
    public void A_segment_without_a_name_is_seen_by_nobody_until_it_is_published_whole()
    {
        using var name = new TestName();
        using var segment = SharedMemory.CreateUnnamed("/unnamed", 100);
        Assert.Null(segment.Name);
        Assert.Equal(0, segment.GetStatus().LinkCount);
        segment.GetSpan(0, 100).Fill(7);
        Assert.False(SharedMemory.TryGetStatus(name, out _));

        segment.Publish(name);
        Assert.Equal(name.Value, segment.Name);
        using var opened = SharedMemory.OpenExisting(name);
        Assert.Equal(-1, opened.GetSpan(0, 100).IndexOfAnyExcept((byte)7));
        Assert.Throws<InvalidOperationException>(() => segment.Publish(name + "2"));
    }

    [Fact]
    public void Publishing_under_a_taken_name_is_refused_and_another_name_can_be_tried()
    {
        using var taken = new TestName();
        using var free = new TestName();
        using var holder = SharedMemory.Create(taken, 100);
        using var segment = SharedMemory.CreateUnnamed("/unnamed", 200);
        Assert.Equal(PosixError.AlreadyExists, Assert.Throws<PosixException>(() => segment.Publish(taken)).Error);
        Assert.Null(segment.Name);
        segment.Publish(free);
        Assert.Equal((100, 200), (holder.Length, SharedMemory.OpenExisting(free).Length));
    }

    [Fact]
    public void A_deleted_segment_lives_on_for_those_who_have_it_and_shows_that_it_has_no_name()
    {
        using var name = new TestName();
        using var old = SharedMemory.Create(name, 100);
        Assert.Equal(1, old.GetStatus().LinkCount);
        Assert.True(SharedMemory.Delete(name));
        Assert.False(SharedMemory.Delete(name));
        Assert.Equal(0, old.GetStatus().LinkCount);
        using var young = SharedMemory.Create(name, 100);
        old.GetSpan(0, 1)[0] = 1;
        Assert.Equal(0, young.GetSpan(0, 1)[0]);
        Assert.NotEqual(old.GetStatus().Inode, young.GetStatus().Inode);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(-1)]
    [InlineData(SharedMemory.DefaultMaxLength + 1)]
    public void A_length_that_cannot_be_is_refused(long length)
    {
        using var name = new TestName();
        Assert.Throws<ArgumentOutOfRangeException>(() => SharedMemory.Create(name, length));
        Assert.False(SharedMemory.TryGetStatus(name, out _));
    }

    [Fact]
    public async Task Too_many_open_files_is_told_apart()
    {
        using var name = new TestName();
        using var existing = new TestName();
        using var segment = SharedMemory.Create(existing, 100);
        using PeerProcess peer = await PeerProcess.StartAsync("ulimit -n 128");

        // Whatever the runtime loads for an exception is loaded while there are descriptors.
        Assert.Equal("! PosixException NotFound", await peer.AskAsync($"seg open {name}"));
        Assert.Equal("ok", await peer.AskAsync($"seg open {existing}"));
        Assert.Equal("True", await peer.AskAsync($"seg lock {existing} 0"));
        Assert.Equal("ok", await peer.AskAsync("use-up-descriptors 0"));
        Assert.Equal("! PosixException TooManyOpenFiles", await peer.AskAsync($"seg create {name} 100"));
        Assert.Equal("! PosixException TooManyOpenFiles", await peer.AskAsync($"seg open {existing}"));
        Assert.Equal("! PosixException TooManyOpenFiles", await peer.AskAsync($"seg lock {existing} 1"));
        Assert.False(SharedMemory.TryGetStatus(name, out _));
    }

    [Fact]
    public async Task Where_address_space_is_short_less_is_reserved_and_the_maximum_says_so()
    {
        using var name = new TestName();

        // The runtime itself reserves address space: the hard limit keeps that small.
        using PeerProcess peer = await PeerProcess.StartAsync("export DOTNET_GCHeapHardLimit=0x4000000; ulimit -v 3000000");
        Assert.Equal("ok", await peer.AskAsync($"seg create {name} 100000"));
        long maximum = long.Parse(await peer.AskAsync($"seg max {name}"), CultureInfo.InvariantCulture);
        Assert.InRange(maximum, 100_000, SharedMemory.DefaultMaxLength / 2);
        Assert.StartsWith("! ArgumentOutOfRangeException", await peer.AskAsync($"seg ensure {name} {maximum + 1}"), StringComparison.Ordinal);
        Assert.Equal("ok", await peer.AskAsync($"seg ensure {name} 200000"));

        // Not even what is there fits.
        using var huge = new TestName();
        using var file = File.Create(huge.SegmentPath);
        file.SetLength(1L << 40);
        Assert.Equal("! PosixException OutOfMemory", await peer.AskAsync($"seg open {huge}"));
    }
}
