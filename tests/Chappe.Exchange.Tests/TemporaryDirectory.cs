namespace Chappe.Exchange.Tests;

internal sealed class TemporaryDirectory : IDisposable
{
    public string Path { get; } = Directory.CreateTempSubdirectory("chappe-test-").FullName;

    public string this[string name] => System.IO.Path.Combine(Path, name);

    /// <summary>Makes a file, and the directories above it.</summary>
    public void Write(string name, ReadOnlySpan<byte> bytes)
    {
        Directory.CreateDirectory(System.IO.Path.GetDirectoryName(this[name])!);
        File.WriteAllBytes(this[name], bytes);
    }

    public void Dispose() => Directory.Delete(Path, recursive: true);
}
