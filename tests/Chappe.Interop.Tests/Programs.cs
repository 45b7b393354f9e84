using System.Diagnostics;

[assembly: AssemblyFixture(typeof(Chappe.Interop.Tests.BuiltPrograms))]

namespace Chappe.Interop.Tests;

/// <summary>The programs in C, compiled once each with every warning an error.</summary>
internal static class Programs
{
    private static readonly string Sources = Path.Combine(AppContext.BaseDirectory, "peers");
    private static readonly Lazy<DirectoryInfo> Folder = new(() => Directory.CreateTempSubdirectory("chappe-interop-"));
    private static readonly Dictionary<string, Lazy<string>> Built = new()
    {
        ["c responder"] = Later("cc", "c-responder", "-std=c11", Source("c/responder.c")),
        ["c requester"] = Later("cc", "c-requester", "-std=c11", Source("c/requester.c")),
        ["c++ responder"] = Later("g++", "cpp-responder", "-std=c++17", "-xc++", Source("c/responder.c")),
        ["c++ requester"] = Later("g++", "cpp-requester", "-std=c++17", "-xc++", Source("c/requester.c")),
        ["basic"] = Later("cc", "basic", "-std=c11", Source("basic.c")),
    };

    /// <summary>The path of a compiled program; skips the test where its compiler is missing. Under CI a C compiler may not be.</summary>
    internal static string Of(string program)
    {
        string compiler = program.StartsWith("c++", StringComparison.Ordinal) ? "g++" : "cc";
        bool isThere = HasCommand(compiler);
        Assert.False(!isThere && compiler == "cc" && Environment.GetEnvironmentVariable("CI") == "true", "CI must have a C compiler (cc).");
        Assert.SkipUnless(isThere, $"There is no {compiler}.");
        return Built[program].Value;
    }

    internal static string Source(string path) => Path.Combine(Sources, path);

    internal static bool HasCommand(string command) =>
        (Environment.GetEnvironmentVariable("PATH") ?? "").Split(':').Any(folder => File.Exists(Path.Combine(folder, command)));

    internal static void RemoveAll()
    {
        if (Folder.IsValueCreated)
        {
            Folder.Value.Delete(recursive: true);
        }
    }

    private static Lazy<string> Later(string compiler, string name, params string[] arguments) => new(() =>
    {
        string program = Path.Combine(Folder.Value.FullName, name);
        string[] common = ["-O2", "-Wall", "-Wextra", "-Wpedantic", "-Werror", "-pthread", "-include", Source("faults.h"), "-o", program];
        var start = new ProcessStartInfo(compiler, [.. common, .. arguments]) { RedirectStandardError = true };
        using Process process = Process.Start(start)!;
        string errors = process.StandardError.ReadToEnd();
        process.WaitForExit();
        Assert.True(process.ExitCode == 0, errors);
        return program;
    });
}

/// <summary>Removes them after the last test.</summary>
public sealed class BuiltPrograms : IDisposable
{
    public void Dispose() => Programs.RemoveAll();
}
