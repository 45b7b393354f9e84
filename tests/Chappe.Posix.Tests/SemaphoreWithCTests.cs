namespace Chappe.Posix.Tests;

public class SemaphoreWithCTests
{
    [Fact]
    public async Task A_program_in_C_posts_and_waits_on_a_semaphore_of_ours()
    {
        using var name = new TestName();
        using var semaphore = NamedSemaphore.Create(name, 2);
        using PeerProcess peer = await PeerProcess.StartCAsync();
        Assert.Equal("0", await peer.AskAsync($"sem_open {name}"));
        Assert.Equal("2", await peer.AskAsync("sem_getvalue"));
        Assert.Equal("0", await peer.AskAsync("sem_post 3"));
        Assert.Equal(5, semaphore.CurrentCount);
        for (int i = 0; i < 5; i++)
        {
            Assert.Equal("0", await peer.AskAsync("sem_trywait"));
        }

        Assert.Equal($"{-Interop.EAGAIN}", await peer.AskAsync("sem_trywait"));
        Assert.Equal("waiting", await peer.AskAsync("sem_wait"));
        semaphore.Release();
        Assert.Equal("0", await peer.AnswerAsync());
    }

    [Fact]
    public async Task A_semaphore_made_in_C_is_opened_and_posted_by_us()
    {
        using var name = new TestName();
        using PeerProcess peer = await PeerProcess.StartCAsync();
        Assert.Equal("0", await peer.AskAsync($"sem_create {name} 7"));
        using var semaphore = NamedSemaphore.OpenExisting(name);
        Assert.Equal(7, semaphore.CurrentCount);
        semaphore.Release();
        Assert.Equal("8", await peer.AskAsync("sem_getvalue"));
    }

    [Fact]
    public async Task The_file_of_a_semaphore_of_ours_is_the_one_that_sem_open_makes()
    {
        using var theirs = new TestName();
        using var ours = new TestName();
        using PeerProcess peer = await PeerProcess.StartCAsync();
        Assert.Equal("0", await peer.AskAsync($"sem_create {theirs} 7"));
        using var semaphore = NamedSemaphore.Create(ours, 7);
        Assert.Equal(File.ReadAllBytes(theirs.SemaphorePath), File.ReadAllBytes(ours.SemaphorePath));
        Assert.True(NamedSemaphore.TryGetStatus(theirs, out FileStatus status));
        Assert.Equal(status.Mode, semaphore.Status.Mode);
    }

    [Fact]
    public async Task A_waiter_killed_in_mid_wait_keeps_no_token_from_others()
    {
        using var name = new TestName();
        using var semaphore = NamedSemaphore.Create(name);
        using (PeerProcess peer = await PeerProcess.StartCAsync())
        {
            Assert.Equal("0", await peer.AskAsync($"sem_open {name}"));
            Assert.Equal("waiting", await peer.AskAsync("sem_wait"));
            await peer.KillAsync();
        }

        semaphore.Release(2);
        Assert.True(semaphore.Wait(TimeSpan.Zero));
        Assert.True(await semaphore.WaitAsync(TimeSpan.FromMinutes(1)));
        Assert.False(semaphore.TryWait());
    }
}
