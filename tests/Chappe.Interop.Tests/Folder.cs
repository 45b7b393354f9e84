using Chappe.FaultPeer;

namespace Chappe.Interop.Tests;

/// <summary>The files that every responder of these tests serves. Whoever knows a name knows the bytes.</summary>
internal static class Folder
{
    public const string First = "first-777";
    public const string Wanted = "wanted-98765";
    public const string Large = "large-6220800";

    /// <summary>A hundred names whose payloads grow and shrink: none, a few bytes, pages, more than DATA starts with.</summary>
    public static readonly string[] Hundred = [.. Enumerable.Range(0, 100).Select(i => Payload.NameOf("hundred", i))];

    private static readonly Lazy<string> Written = new(Write);

    public static string Path => Written.Value;

    private static string Write()
    {
        string folder = Directory.CreateDirectory(System.IO.Path.Combine(AppContext.BaseDirectory, "served")).FullName;
        foreach (string name in Hundred.Append(First).Append(Wanted).Append(Large))
        {
            File.WriteAllBytes(System.IO.Path.Combine(folder, name), Payload.Of(name));
        }

        return folder;
    }
}
