using System.Globalization;

namespace Chappe.Benchmarks;

/// <summary>The files that are served, made in a temporary directory and left in the page cache.</summary>
internal static class TestFiles
{
    public const string Picture = "picture.jpg";

    private static readonly Lazy<string> Folder = new(() => System.IO.Directory.CreateTempSubdirectory("chappe-bench-").FullName);

    public static string Directory => Folder.Value;

    public static string NameOf(Work work) =>
        work.Kind == WorkKind.Pixels ? Picture : string.Create(CultureInfo.InvariantCulture, $"payload-{work.Size}.bin");

    public static string PathOf(Work work) => Path.Combine(Directory, NameOf(work));

    /// <summary>Makes the file that the work needs, if it needs one.</summary>
    public static void Provide(Work work)
    {
        if (work.Kind == WorkKind.File && !File.Exists(PathOf(work)))
        {
            File.WriteAllBytes(PathOf(work), Bytes(work.Size));
        }
    }

    public static byte[] Bytes(long size)
    {
        byte[] bytes = GC.AllocateUninitializedArray<byte>(checked((int)size));
        new Random(1).NextBytes(bytes);
        return bytes;
    }

    public static void RemoveAll()
    {
        if (Folder.IsValueCreated)
        {
            System.IO.Directory.Delete(Folder.Value, recursive: true);
        }
    }
}
