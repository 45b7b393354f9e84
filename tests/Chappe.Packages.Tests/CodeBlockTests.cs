using System.Text.RegularExpressions;

namespace Chappe.Packages.Tests;

/// <summary>What stands in the pages to be copied compiles, and names commands that there are.</summary>
public sealed partial class CodeBlockTests : IDisposable
{
    private readonly string _directory = Directory.CreateTempSubdirectory("chappe-blocks-").FullName;

    public void Dispose() => Directory.Delete(_directory, recursive: true);

    [Fact]
    public void Blocks_are_found_as_they_stand()
    {
        string[] page = ["Text", "", "    chappe list", "    chappe doctor", "", "```c", "int i;", "```", "```", "drawn", "```"];
        Assert.Equal(
            [new("p", 3, "sh", "chappe list\nchappe doctor\n"), new("p", 6, "c", "int i;\n"), new("p", 9, "", "drawn\n")],
            CodeBlock.Read("p", page));
    }

    [Fact]
    public async Task Every_block_of_CSharp_compiles()
    {
        CodeBlock[] blocks = [.. CodeBlock.In("csharp")];
        Assert.True(blocks.Length > 5, "The blocks were not found.");
        for (int i = 0; i < blocks.Length; i++)
        {
            await File.WriteAllTextAsync(Path.Combine(_directory, $"Block{i}.cs"), Wrap(blocks[i], i), TestContext.Current.CancellationToken);
        }

        string consumer = Path.Combine(AppContext.BaseDirectory, "Consumer");
        File.Copy(Path.Combine(consumer, "BlockContext.cs.txt"), Path.Combine(_directory, "BlockContext.cs"));
        File.Copy(Path.Combine(consumer, "Blocks.csproj.txt"), Path.Combine(_directory, "Blocks.csproj"));
        await Command.RunAsync(_directory, "dotnet", "build", $"-p:Assemblies={AppContext.BaseDirectory}");
    }

    [Fact]
    public async Task Every_block_of_C_compiles()
    {
        Command.SkipWithout("cc");
        CodeBlock[] blocks = [.. CodeBlock.In("c")];
        Assert.NotEmpty(blocks);
        foreach (CodeBlock block in blocks)
        {
            string file = await WriteAsync(block, "block.c");
            await Command.RunAsync(_directory, "cc", "-fsyntax-only", "-std=c11", "-Wall", "-Werror", "-pthread", "-I", Path.Combine(Repository.Root, "peers", "c"), file);
        }
    }

    [Fact]
    public async Task Every_block_of_Python_compiles()
    {
        Command.SkipWithout("python3");
        CodeBlock[] blocks = [.. CodeBlock.In("python")];
        Assert.NotEmpty(blocks);
        foreach (CodeBlock block in blocks)
        {
            await Command.RunAsync(_directory, "python3", "-m", "py_compile", await WriteAsync(block, "block.py"));
        }
    }

    [Fact]
    public async Task Every_command_of_ours_has_the_verb_and_the_options_that_are_shown()
    {
        string dll = Path.Combine(Repository.Root, "artifacts", "bin", "Chappe.Tool", Repository.Configuration.ToLowerInvariant(), "chappe.dll");
        var help = new Dictionary<string, string>();
        (CodeBlock Block, string[] Words)[] commands = [.. CodeBlock.All.Where(block => block.Language is "sh" or "").SelectMany(Commands)];
        Assert.True(commands.Length > 5, "The commands were not found.");
        foreach ((CodeBlock block, string[] words) in commands)
        {
            if (!help.TryGetValue(words[0], out string? text))
            {
                (int exitCode, text) = await Command.TryRunAsync(_directory, "dotnet", dll, words[0], "--help");
                Assert.True(exitCode == 0, $"{block}: there is no 'chappe {words[0]}'.");
                help.Add(words[0], text);
            }

            foreach (string option in words.Where(word => word.StartsWith('-')))
            {
                Assert.True(Regex.IsMatch(text, $@"(?<![\w-]){Regex.Escape(option)}(?![\w-])"), $"{block}: 'chappe {words[0]}' has no option {option}.");
            }
        }
    }

    private async Task<string> WriteAsync(CodeBlock block, string name)
    {
        string directory = Directory.CreateDirectory(Path.Combine(_directory, $"{block}".Replace('/', '-'))).FullName;
        string path = Path.Combine(directory, name);
        await File.WriteAllTextAsync(path, block.Text, TestContext.Current.CancellationToken);
        return path;
    }

    /// <summary>Makes a whole file of statements: what they need and do not declare is in BlockContext.</summary>
    private static string Wrap(CodeBlock block, int number)
    {
        string[] lines = block.Text.Split('\n');
        return $$"""
            {{string.Join('\n', lines.Where(line => UsingDirective().IsMatch(line)))}}
            internal sealed class Block{{number}} : BlockContext
            {
                internal static async Task RunAsync()
                {
                    await Task.CompletedTask;
            #line 1 "{{block.Page}}, block at line {{block.Line}}"
            {{string.Join('\n', lines.Select(line => UsingDirective().IsMatch(line) ? "" : line))}}
                }
            }
            """;
    }

    private static IEnumerable<(CodeBlock Block, string[] Words)> Commands(CodeBlock block) => block.Text.Split('\n')
        .Select(line => line.Split('#')[0].Trim())
        .Where(line => line.StartsWith("chappe ", StringComparison.Ordinal))
        .Select(line => (block, line.Split(' ', StringSplitOptions.RemoveEmptyEntries)[1..]));

    [GeneratedRegex(@"^using [\w.]+;\s*$")]
    private static partial Regex UsingDirective();
}
