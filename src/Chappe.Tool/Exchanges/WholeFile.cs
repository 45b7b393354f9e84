namespace Chappe.Tool;

/// <summary>A file that appears under its name when it is whole: until then it has a temporary one beside it.</summary>
internal static class WholeFile
{
    /// <summary>Lets <paramref name="write"/> fill a new file, then gives it its name, replacing what has it.</summary>
    public static void Write(string path, Action<string> write)
    {
        string temporary = Path.Combine(Path.GetDirectoryName(path) ?? "", $".chappe-{Guid.NewGuid():N}.part");
        try
        {
            write(temporary);

            // rename(2) replaces a symbolic link instead of writing to where it points.
            File.Move(temporary, path, overwrite: true);
        }
        catch
        {
            File.Delete(temporary);
            throw;
        }
    }
}
