namespace Chappe.Packages.Tests;

/// <summary>The packages, in a folder of their own, once for all tests.</summary>
public sealed class PackedPackages : IAsyncLifetime
{
    private readonly string _root = Directory.CreateTempSubdirectory("chappe-packages-").FullName;

    /// <summary>One that was never built before, so that no cache has it.</summary>
    public string Version { get; } = $"0.1.0-test.{Environment.ProcessId}.{DateTimeOffset.UtcNow.ToUnixTimeMilliseconds()}";

    public string Folder => Path.Combine(_root, "packed");

    public async ValueTask InitializeAsync()
    {
        string output = await Command.RunAsync(
            Repository.Root,
            "dotnet", "pack", "Chappe.slnx", "--no-build", "-c", Repository.Configuration, "-o", Folder, $"-p:PackageVersion={Version}", "-warnaserror");
        Assert.DoesNotContain("warning", output, StringComparison.OrdinalIgnoreCase);
    }

    public ValueTask DisposeAsync()
    {
        Directory.Delete(_root, recursive: true);
        return ValueTask.CompletedTask;
    }

    /// <summary>A directory that takes packages from the folder before anywhere else, and keeps them to itself.</summary>
    internal string MakeDirectory(string name)
    {
        string directory = Directory.CreateDirectory(Path.Combine(_root, name)).FullName;
        string cache = Environment.GetEnvironmentVariable("NUGET_PACKAGES")
            ?? Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.UserProfile), ".nuget", "packages");
        Directory.CreateDirectory(cache);

        // The packages of others need not be fetched once more.
        File.WriteAllText(Path.Combine(directory, "nuget.config"), $"""
            <configuration>
              <config><add key="globalPackagesFolder" value="packages" /></config>
              <packageSources><add key="packed" value="{Folder}" /></packageSources>
              <fallbackPackageFolders><add key="cache" value="{cache}" /></fallbackPackageFolders>
            </configuration>
            """);
        return directory;
    }
}
