using System.Diagnostics;

namespace Chappe.Interop.Tests;

/// <summary>What peers/c/README.md shows.</summary>
public sealed class ReadmeTests : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("chappe-interop-readme-");

    public void Dispose() => _folder.Delete(recursive: true);

    [Fact]
    public void Every_program_of_the_C_page_compiles()
    {
        string _ = Programs.Of("c responder");
        string[] parts = File.ReadAllText(Programs.Source("c/README.md")).Split("```c\n")[1..];
        Assert.NotEmpty(parts);
        foreach (string part in parts)
        {
            string source = Path.Combine(_folder.FullName, "example.c");
            File.WriteAllText(source, part[..part.IndexOf("```", StringComparison.Ordinal)]);
            string[] arguments = ["-std=c11", "-Wall", "-Wextra", "-Werror", "-pthread", $"-I{Programs.Source("c")}", source, "-o", source + ".out"];
            var start = new ProcessStartInfo("cc", arguments) { RedirectStandardError = true };
            using Process compiler = Process.Start(start)!;
            string errors = compiler.StandardError.ReadToEnd();
            compiler.WaitForExit();
            Assert.True(compiler.ExitCode == 0, errors);
        }
    }
}
