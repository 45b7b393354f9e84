namespace Chappe.Tool;

/// <summary>Access to the files in which a machine describes itself.</summary>
/// <param name="root">The directory to use as the root.</param>
internal sealed class MachineFiles(string root = "/")
{
    public bool Exists(string path) => Path.Exists(At(path));

    /// <summary>Reads a file; null if it is missing or unreadable.</summary>
    public string? Read(string path)
    {
        try
        {
            return File.ReadAllText(At(path)).Trim();
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    /// <summary>The paths of a directory's files with this ending; empty if the directory is missing or unreadable.</summary>
    public IReadOnlyList<string> Files(string directory, string end)
    {
        try
        {
            return [.. Directory.GetFiles(At(directory)).Select(Path.GetFileName).OfType<string>().Where(name => name.EndsWith(end, StringComparison.Ordinal)).Select(name => $"{directory}/{name}")];
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            return [];
        }
    }

    private string At(string path) => Path.Combine(root, path.TrimStart('/'));
}
