[assembly: AssemblyFixture(typeof(Chappe.Posix.Tests.NothingIsLeft))]

namespace Chappe.Posix.Tests;

/// <summary>A unique name. The object with this name is removed at the end of the test.</summary>
internal sealed class TestName : IDisposable
{
    /// <summary>Every name of this run begins with it.</summary>
    internal static readonly string RunPrefix = $"chappe-posix-tests-{Guid.NewGuid():N}";

    internal string Value { get; } = $"/{RunPrefix}-{Guid.NewGuid():N}";

    internal string SemaphorePath => PosixName.SemaphorePath(Value);

    internal string SegmentPath => PosixName.SegmentPath(Value);

    public static implicit operator string(TestName name) => name.Value;

    public override string ToString() => Value;

    public void Dispose()
    {
        foreach (string path in new[] { SemaphorePath, SegmentPath })
        {
            if (Directory.Exists(path) && File.ResolveLinkTarget(path, false) is null)
            {
                Directory.Delete(path);
            }
            else
            {
                File.Delete(path);
            }
        }
    }
}

/// <summary>After all tests: none left a name in /dev/shm.</summary>
public sealed class NothingIsLeft : IDisposable
{
    public void Dispose()
    {
        CProgram.RemoveAll();
        Assert.Empty(Directory.EnumerateFileSystemEntries(PosixName.Directory, $"*{TestName.RunPrefix}*"));
    }
}
