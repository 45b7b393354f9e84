namespace Chappe.Posix.Tests;

/// <summary>Modes, owners and groups, of both kinds of objects.</summary>
public class AccessTests
{
    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite;
    private const UnixFileMode OwnerAndGroup = OwnerOnly | UnixFileMode.GroupRead | UnixFileMode.GroupWrite;
    private const UnixFileMode Everybody = OwnerAndGroup | UnixFileMode.OtherRead | UnixFileMode.OtherWrite;

    [Theory]
    [InlineData("000")]
    [InlineData("077")]
    [InlineData("777")]
    public async Task The_mode_is_the_one_asked_for_whatever_the_umask(string umask)
    {
        using PeerProcess peer = await PeerProcess.StartAsync($"umask {umask}");
        foreach ((string option, UnixFileMode mode) in new[] { ("", OwnerOnly), (" mode=0660", OwnerAndGroup), (" mode=0666", Everybody) })
        {
            using var name = new TestName();
            Assert.Equal("ok", await peer.AskAsync($"sem create {name} 0{option}"));
            Assert.Equal("ok", await peer.AskAsync($"seg create {name} 100{option}"));
            Assert.Equal(mode, SemaphoreStatus(name).Mode);
            Assert.Equal(mode, SegmentStatus(name).Mode);
        }
    }

    [Fact]
    public async Task An_object_goes_to_the_group_that_is_named()
    {
        Machine.Require(Machine.IsRoot, "only root may give to any group");
        using var name = new TestName();
        using PeerProcess peer = await PeerProcess.StartAsync();
        Assert.Equal("ok", await peer.AskAsync($"sem create {name} 0 group=12345 mode=0660"));
        Assert.Equal("ok", await peer.AskAsync($"seg create {name} 100 group=12345 mode=0660"));
        Assert.Equal((12345, OwnerAndGroup), (SemaphoreStatus(name).GroupId, SemaphoreStatus(name).Mode));
        Assert.Equal((12345, OwnerAndGroup), (SegmentStatus(name).GroupId, SegmentStatus(name).Mode));
    }

    [Fact]
    public async Task What_another_user_owns_is_refused_with_the_owner_unless_that_user_is_allowed()
    {
        using var name = new TestName();
        using var semaphore = NamedSemaphore.Create(name, 1, new SharedObjectOptions { Mode = Everybody });
        using var segment = SharedMemory.Create(name, 100, new SharedMemoryOptions { Mode = Everybody });
        long owner = semaphore.Status.OwnerUserId;
        using PeerProcess peer = await PeerProcess.StartAsync(asAnotherUser: true);

        string refusal = $"! SharedObjectAccessException {owner}";
        Assert.Equal(refusal, await peer.AskAsync($"sem open {name}"));
        Assert.Equal(refusal, await peer.AskAsync($"sem open-or-create {name} 0"));
        Assert.Equal(refusal, await peer.AskAsync($"seg open {name}"));
        Assert.Equal(refusal, await peer.AskAsync($"seg open-or-create {name} 200"));
        Assert.Equal((1, 100), (semaphore.CurrentCount, segment.Length));

        // Without O_CREAT, since with it fs.protected_regular refuses what another owns in a sticky directory.
        Assert.Equal("ok", await peer.AskAsync($"sem open-or-create {name} 0 owner={owner}"));
        Assert.Equal("ok", await peer.AskAsync($"seg open-or-create {name} 200 owner={owner}"));
        Assert.Equal("ok", await peer.AskAsync($"sem release {name} 1"));
        Assert.Equal((2, 200), (semaphore.CurrentCount, segment.Length));
    }

    [Fact]
    public async Task Permission_denied_is_told_apart_and_says_whose_it_is()
    {
        using var name = new TestName();
        using var semaphore = NamedSemaphore.Create(name);
        using var segment = SharedMemory.Create(name, 100);
        long owner = semaphore.Status.OwnerUserId;
        using PeerProcess peer = await PeerProcess.StartAsync(asAnotherUser: true);

        string refusal = $"! SharedObjectAccessException {owner}";
        Assert.Equal(refusal, await peer.AskAsync($"sem open {name} owner={owner}"));
        Assert.Equal(refusal, await peer.AskAsync($"seg open {name} owner={owner}"));
        Assert.Equal(refusal, await peer.AskAsync($"sem delete {name}"));
        Assert.Equal(refusal, await peer.AskAsync($"seg delete {name}"));
        Assert.True(NamedSemaphore.TryGetStatus(name, out _));
        Assert.True(SharedMemory.TryGetStatus(name, out _));
    }

    [Fact]
    public async Task The_owner_named_is_that_of_the_object_meant_and_not_of_one_of_the_same_name()
    {
        using var name = new TestName();
        using PeerProcess peer = await PeerProcess.StartAsync(asAnotherUser: true);
        Assert.Equal("ok", await peer.AskAsync($"seg create {name} 100"));
        using var semaphore = NamedSemaphore.Create(name);
        long owner = semaphore.Status.OwnerUserId;
        Assert.Equal($"! SharedObjectAccessException {owner}", await peer.AskAsync($"sem open {name} owner={owner}"));
    }

    private static FileStatus SemaphoreStatus(string name)
    {
        Assert.True(NamedSemaphore.TryGetStatus(name, out FileStatus status));
        return status;
    }

    private static FileStatus SegmentStatus(string name)
    {
        Assert.True(SharedMemory.TryGetStatus(name, out FileStatus status));
        return status;
    }
}
