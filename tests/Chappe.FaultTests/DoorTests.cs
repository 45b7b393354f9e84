using System.Runtime.InteropServices;
using Chappe.Exchange;
using Chappe.Posix;

namespace Chappe.FaultTests;

/// <summary>What stands under a channel's names is used only if it is what it should be and belongs to whom it should.</summary>
public sealed partial class DoorTests
{
    private const uint Stranger = 65_533;

    public static TheoryData<string> Names { get; } = ["SEG_{0}_CTRL", "SEG_{0}_HEAD", "SEG_{0}_DATA", "sem.SEM_{0}_REQ", "sem.SEM_{0}_RES"];

    [Theory]
    [MemberData(nameof(Names))]
    public void A_requester_touches_nothing_that_belongs_to_another_user_and_names_that_user(string name)
    {
        RequireRoot();
        using var scene = new Scene();
        string path = Make(scene, name, LengthOf(name));
        Assert.Equal(0, ChangeOwner(path, Stranger, Stranger));
        (DateTime, long) before = Look(path);
        SharedObjectAccessException refusal = Assert.Throws<SharedObjectAccessException>(() => Requester.Create(scene.Channel).Dispose());
        Assert.Equal(Stranger, refusal.OwnerUserId);
        Assert.Equal(before, Look(path));
        Assert.Equal([path], scene.Names());
        refusal = Assert.Throws<SharedObjectAccessException>(() => Requester.Create(scene.Channel, new RequesterOptions { TakeOver = true }).Dispose());
        Assert.Equal(Stranger, refusal.OwnerUserId);
        Assert.Equal(before, Look(path));
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void A_responder_touches_nothing_that_belongs_to_another_user_and_names_that_user(string name)
    {
        RequireRoot();
        using var scene = new Scene();
        using Requester requester = Requester.Create(scene.Channel);
        string path = Path.Combine("/dev/shm", string.Format(System.Globalization.CultureInfo.InvariantCulture, name, scene.Channel));
        Assert.Equal(0, ChangeOwner(path, Stranger, Stranger));
        (DateTime, long) before = Look(path);
        var options = new ResponderOptions { Timeout = TimeSpan.FromSeconds(1) };
        SharedObjectAccessException refusal = Assert.Throws<SharedObjectAccessException>(() => Responder.Open(scene.Channel, options, TestContext.Current.CancellationToken).Dispose());
        Assert.Equal(Stranger, refusal.OwnerUserId);
        Assert.Equal(before, Look(path));
        Assert.Equal(0, ChangeOwner(path, 0, 0));
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void A_directory_under_a_name_is_a_typed_error(string name)
    {
        using var scene = new Scene();
        string path = Path.Combine("/dev/shm", string.Format(System.Globalization.CultureInfo.InvariantCulture, name, scene.Channel));
        Directory.CreateDirectory(path);
        try
        {
            PosixException refusal = Assert.Throws<PosixException>(() => Requester.Create(scene.Channel).Dispose());
            Assert.Equal(PosixError.InvalidObject, refusal.Error);
            Assert.Equal([path], scene.Names());
        }
        finally
        {
            Directory.Delete(path);
        }
    }

    [Theory]
    [InlineData("SEG_{0}_CTRL", 0)]
    [InlineData("SEG_{0}_CTRL", 4095)]
    [InlineData("SEG_{0}_CTRL", 8192)]
    [InlineData("sem.SEM_{0}_REQ", 0)]
    [InlineData("sem.SEM_{0}_REQ", 31)]
    [InlineData("sem.SEM_{0}_RES", 4096)]
    public void A_file_of_a_wrong_length_is_a_typed_error_and_is_not_touched(string name, int length)
    {
        using var scene = new Scene();
        string path = Make(scene, name, length);
        (DateTime, long) before = Look(path);
        Exception refusal = Assert.ThrowsAny<IOException>(() => Requester.Create(scene.Channel).Dispose());
        Assert.True(refusal is ProtocolException or PosixException { Error: PosixError.InvalidObject }, refusal.ToString());
        Assert.Equal(before, Look(path));
        Assert.Equal([path], scene.Names());
    }

    [Theory]
    [InlineData("SEG_{0}_HEAD", 0)]
    [InlineData("SEG_{0}_HEAD", 32)]
    [InlineData("SEG_{0}_DATA", 0)]
    [InlineData("SEG_{0}_DATA", 100_000)]
    public void A_segment_without_a_living_owner_is_not_taken_unasked(string name, int length)
    {
        using var scene = new Scene();
        string path = Make(scene, name, length);
        (DateTime, long) before = Look(path);
        Assert.Throws<ChannelInUseException>(() => Requester.Create(scene.Channel).Dispose());
        Assert.Equal(before, Look(path));
        Assert.Equal([path], scene.Names());
    }

    private static string Make(Scene scene, string name, int length)
    {
        string path = Path.Combine("/dev/shm", string.Format(System.Globalization.CultureInfo.InvariantCulture, name, scene.Channel));
        File.WriteAllBytes(path, new byte[length]);
        return path;
    }

    private static int LengthOf(string name) => name.StartsWith("sem.", StringComparison.Ordinal) ? 32 : name.EndsWith("CTRL", StringComparison.Ordinal) ? 4096 : 32;

    private static (DateTime Modified, long Length) Look(string path)
    {
        var file = new FileInfo(path);
        return (file.LastWriteTimeUtc, file.Length);
    }

    private static void RequireRoot() => Assert.SkipUnless(Environment.IsPrivilegedProcess, "Only root can give a file to another user.");

    [LibraryImport("libc", EntryPoint = "chown", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int ChangeOwner(string path, uint user, uint group);
}
