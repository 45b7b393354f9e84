namespace Chappe.Tool;

/// <summary>The files in which a machine describes itself.</summary>
/// <param name="root">What stands for the root directory.</param>
internal sealed class MachineFiles(string root = "/")
{
    public bool Exists(string path) => Path.Exists(At(path));

    /// <summary>A file's text, null if it is not there or may not be read.</summary>
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

    /// <summary>The paths of a directory's files that end so; none if it is not there or may not be read.</summary>
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
