namespace Chappe.Posix.Tests;

public class SemaphoreOpeningTests
{
    [Fact]
    public void A_created_semaphore_is_seen_by_whoever_opens_its_name()
    {
        using var name = new TestName();
        using var created = NamedSemaphore.Create(name, 3);
        using var opened = NamedSemaphore.OpenExisting(name);
        created.Release();
        Assert.Equal(4, opened.CurrentCount);
        Assert.Equal(name.Value, opened.Name);
    }

    [Fact]
    public async Task A_created_semaphore_is_seen_by_another_process()
    {
        using var name = new TestName();
        using var semaphore = NamedSemaphore.Create(name, 3);
        using PeerProcess peer = await PeerProcess.StartAsync();
        Assert.Equal("ok", await peer.AskAsync($"sem open {name}"));
        Assert.Equal("ok", await peer.AskAsync($"sem release {name} 4"));
        Assert.Equal(7, semaphore.CurrentCount);
    }

    [Fact]
    public void The_leading_slash_may_be_left_out()
    {
        using var name = new TestName();
        using var created = NamedSemaphore.Create(name.Value[1..]);
        Assert.Equal(name.Value, created.Name);
        Assert.True(NamedSemaphore.TryGetStatus(name, out _));
    }

    [Fact]
    public void Creating_what_exists_is_refused_and_leaves_it_alone()
    {
        using var name = new TestName();
        using var first = NamedSemaphore.Create(name, 5);
        var exception = Assert.Throws<PosixException>(() => NamedSemaphore.Create(name, 1));
        Assert.Equal(PosixError.AlreadyExists, exception.Error);
        Assert.Equal(name.Value, exception.ObjectName);
        Assert.Equal(5, first.CurrentCount);
    }

    [Fact]
    public void Opening_what_is_missing_says_so()
    {
        using var name = new TestName();
        Assert.Equal(PosixError.NotFound, Assert.Throws<PosixException>(() => NamedSemaphore.OpenExisting(name)).Error);
        Assert.False(NamedSemaphore.TryOpenExisting(name, out NamedSemaphore? semaphore));
        Assert.Null(semaphore);
    }

    [Fact]
    public void Open_or_create_makes_what_is_missing_and_opens_what_exists()
    {
        using var name = new TestName();
        using var made = NamedSemaphore.OpenOrCreate(name, 2);
        using var opened = NamedSemaphore.OpenOrCreate(name, 9);
        Assert.Equal(2, opened.CurrentCount);
        Assert.Equal(made.Status.Inode, opened.Status.Inode);
    }

    [Fact]
    public async Task When_many_open_or_create_at_once_one_makes_it_and_all_have_the_same()
    {
        using var name = new TestName();
        NamedSemaphore[] semaphores = await Task.WhenAll(Enumerable.Range(0, 16).Select(_ => Task.Run(() => NamedSemaphore.OpenOrCreate(name, 1))));
        Assert.Single(semaphores.Select(semaphore => semaphore.Status.Inode).Distinct());
        Assert.Equal(1, semaphores[0].CurrentCount);
        Array.ForEach(semaphores, semaphore => semaphore.Dispose());
    }

    [Fact]
    public void A_deleted_semaphore_lives_on_for_those_who_have_it_and_its_name_is_free()
    {
        using var name = new TestName();
        using var old = NamedSemaphore.Create(name, 1);
        Assert.True(NamedSemaphore.Delete(name));
        Assert.False(NamedSemaphore.Delete(name));
        using var young = NamedSemaphore.Create(name, 7);
        Assert.True(old.TryWait());
        Assert.Equal(0, old.CurrentCount);
        Assert.Equal(7, young.CurrentCount);
    }

    [Fact]
    public void A_semaphore_closed_by_one_handle_stays_open_for_another_of_the_same_process()
    {
        // sem_open gives both the same address, and counts.
        using var name = new TestName();
        var first = NamedSemaphore.Create(name, 1);
        using var second = NamedSemaphore.OpenExisting(name);
        first.Dispose();
        Assert.True(second.TryWait());
    }

    [Fact]
    public void A_negative_initial_count_is_refused()
    {
        using var name = new TestName();
        Assert.Throws<ArgumentOutOfRangeException>(() => NamedSemaphore.Create(name, -1));
        Assert.Throws<ArgumentOutOfRangeException>(() => NamedSemaphore.OpenOrCreate(name, -1));
    }

    [Fact]
    public async Task Too_many_open_files_is_told_apart()
    {
        using var name = new TestName();
        using var existing = new TestName();
        using var semaphore = NamedSemaphore.Create(existing);
        using PeerProcess peer = await PeerProcess.StartAsync("ulimit -n 128");

        // Whatever the runtime loads for an exception is loaded while there are descriptors.
        Assert.Equal("! PosixException NotFound", await peer.AskAsync($"sem open {name}"));
        Assert.Equal("ok", await peer.AskAsync($"sem create {name} 0"));
        Assert.Equal("True", await peer.AskAsync($"sem delete {name}"));
        Assert.Equal("ok", await peer.AskAsync("use-up-descriptors 0"));
        Assert.Equal("! PosixException TooManyOpenFiles", await peer.AskAsync($"sem create {name} 0"));
        Assert.Equal("! PosixException TooManyOpenFiles", await peer.AskAsync($"sem open {existing}"));
        Assert.False(NamedSemaphore.TryGetStatus(name, out _));
    }

    [Fact]
    public async Task A_semaphore_that_cannot_be_given_to_a_group_leaves_no_name()
    {
        using var name = new TestName();
        using PeerProcess peer = await PeerProcess.StartAsync(asAnotherUser: true);
        Assert.StartsWith("! SharedObjectAccessException", await peer.AskAsync($"sem create {name} 0 group=0"), StringComparison.Ordinal);
        Assert.False(NamedSemaphore.TryGetStatus(name, out _));
    }
}
