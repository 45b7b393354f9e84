using System.Collections.Concurrent;
using System.Diagnostics;

[assembly: AssemblyFixture(typeof(Chappe.Exchange.Tests.CompiledPrograms))]

namespace Chappe.Exchange.Tests;

/// <summary>Programs in C, compiled once each.</summary>
internal static class CProgram
{
    private static readonly ConcurrentDictionary<string, Lazy<string>> Compiled = new();
    private static readonly Lazy<TemporaryDirectory> Folder = new();

    /// <summary>The path of the compiled source; skips the test where there is no C compiler.</summary>
    internal static string Compile(string sourcePath)
    {
        Machine.Require(Machine.HasCommand("cc"), "No C compiler (cc) on this machine");
        return Compiled.GetOrAdd(sourcePath, static path => new Lazy<string>(() => Build(path))).Value;
    }

    internal static void RemoveAll()
    {
        if (Folder.IsValueCreated)
        {
            Folder.Value.Dispose();
        }
    }

    private static string Build(string sourcePath)
    {
        string program = Folder.Value[Path.GetFileNameWithoutExtension(sourcePath)];

        // -lrt: where shm_* live before glibc 2.34.
        var start = new ProcessStartInfo("cc", ["-std=c11", "-O2", "-Wall", "-Wextra", "-Werror", "-pthread", sourcePath, "-o", program, "-lrt"])
        {
            RedirectStandardError = true,
        };
        using Process compiler = Process.Start(start)!;
        string errors = compiler.StandardError.ReadToEnd();
        compiler.WaitForExit();
        Assert.True(compiler.ExitCode == 0, errors);
        return program;
    }
}

/// <summary>Removes them after the last test.</summary>
public sealed class CompiledPrograms : IDisposable
{
    public void Dispose() => CProgram.RemoveAll();
}
