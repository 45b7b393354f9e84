using System.Collections.Concurrent;
using System.Diagnostics;

namespace Chappe.Posix.Tests;

/// <summary>The C sources beside the tests, compiled once each.</summary>
internal static class CProgram
{
    private static readonly ConcurrentDictionary<string, Lazy<string?>> Compiled = new();
    private static readonly Lazy<string> Folder = new(() => Directory.CreateTempSubdirectory("chappe-posix-tests-").FullName);

    /// <summary>The path of the program; skips the test where there is no C compiler.</summary>
    internal static string Path(string name)
    {
        string? path = Compiled.GetOrAdd(name, static name => new Lazy<string?>(() => Compile(name))).Value;
        Machine.Require(path is not null, "no C compiler (cc) on this machine");
        return path!;
    }

    /// <summary>Runs it to its end.</summary>
    /// <returns>The lines that it printed.</returns>
    internal static string[] Run(string name)
    {
        using Process process = Process.Start(new ProcessStartInfo(Path(name)) { RedirectStandardOutput = true })!;
        string output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        return output.Split('\n', StringSplitOptions.RemoveEmptyEntries);
    }

    internal static void RemoveAll()
    {
        if (Folder.IsValueCreated)
        {
            Directory.Delete(Folder.Value, recursive: true);
        }
    }

    private static string? Compile(string name)
    {
        if (!Machine.HasCommand("cc"))
        {
            return null;
        }

        string program = System.IO.Path.Combine(Folder.Value, name);
        string source = System.IO.Path.Combine(AppContext.BaseDirectory, name + ".c");

        // -lpthread and -lrt: where sem_* and shm_* live before glibc 2.34.
        using Process compiler = Process.Start("cc", ["-std=gnu11", "-O1", "-Wall", "-Wextra", "-Werror", source, "-o", program, "-lpthread", "-lrt"]);
        compiler.WaitForExit();
        Assert.Equal(0, compiler.ExitCode);
        return program;
    }
}
