namespace Chappe.Tool;

/// <summary>A file that appears under its name only when it is complete. Until then it has a temporary name in the same directory.</summary>
internal static class WholeFile
{
    /// <summary>Has <paramref name="write"/> fill a new file, which then replaces any existing file of its name.</summary>
    public static void Write(string path, Action<string> write)
    {
        string temporary = Path.Combine(Path.GetDirectoryName(path) ?? "", $".chappe-{Guid.NewGuid():N}.part");
        try
        {
            write(temporary);

            // rename(2) replaces a symbolic link and does not write to its target.
            File.Move(temporary, path, overwrite: true);
        }
        catch
        {
            File.Delete(temporary);
            throw;
        }
    }
}
