namespace Chappe.Tool.Tests;

public class UsageTests
{
    [Theory]
    [InlineData()]
    [InlineData("nonsense")]
    [InlineData("ask", "--nope")]
    [InlineData("ask", "--count", "0")]
    [InlineData("ask", "--count", "many")]
    [InlineData("ask", "--count", "99999999999")]
    [InlineData("ask", "--count")]
    [InlineData("ask", "--want", "everything")]
    [InlineData("ask", "--timeout", "-1")]
    [InlineData("ask", "--timeout", "NaN")]
    [InlineData("ask", "--channel", "")]
    [InlineData("ask", "apple", "--seed", "7")]
    [InlineData("serve", "no-such-directory")]
    [InlineData("serve", "--send", "everything")]
    [InlineData("serve", ".", "another")]
    [InlineData("demo", "--channel", "x")]
    [InlineData("remove")]
    [InlineData("remove", "")]
    [InlineData("remove", "one", "two")]
    [InlineData("list", "one")]
    [InlineData("doctor", "--force")]
    [InlineData("ask", "--mode", "0066")]
    [InlineData("ask", "--mode", "01777")]
    [InlineData("ask", "--mode", "rw")]
    [InlineData("ask", "--group", "no such group")]
    [InlineData("ask", "--owner", "no such user")]
    [InlineData("serve", "--owner", "")]
    [InlineData("serve", "--owner", "-1")]
    [InlineData("serve", "--mode", "0660")]
    [InlineData("watch", "one", "two")]
    [InlineData("watch", "")]
    [InlineData("watch", "--interval", "0")]
    [InlineData("completion")]
    [InlineData("completion", "tcsh")]
    [InlineData("get")]
    [InlineData("get", "one", "two")]
    [InlineData("get", "apple", "--output", "")]
    [InlineData("get", "apple", "--output", ".")]
    [InlineData("get", "apple", "--output", "no-such-directory/apple")]
    [InlineData("get", "--timeout")]
    [InlineData("get", "apple", "--timeout", "-1")]
    public async Task Wrong_usage_is_said_on_standard_error_and_exits_2(params string[] arguments)
    {
        using var directory = new TemporaryDirectory();

        (int exitCode, string output, string errors) = await ChappeProcess.RunAsync(directory.Path, arguments);

        Assert.Equal(2, exitCode);
        Assert.Empty(output);
        Assert.StartsWith("chappe: ", errors, StringComparison.Ordinal);
        Assert.DoesNotContain("\u001b", errors, StringComparison.Ordinal);
        Assert.DoesNotContain("   at ", errors, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_channel_name_that_no_file_system_takes_is_wrong_usage()
    {
        (int exitCode, _, string errors) = await ChappeProcess.RunAsync(Path.GetTempPath(), "serve", "--channel", new string('x', 244));

        Assert.Equal(2, exitCode);
        Assert.Contains("1 bytes too long", errors, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_directory_to_save_to_that_cannot_be_made_is_wrong_usage()
    {
        using var directory = new TemporaryDirectory();
        File.WriteAllText(directory["file"], "");

        (int exitCode, _, string errors) = await ChappeProcess.RunAsync(directory.Path, "ask", "apple", "--out", "file/below");

        Assert.Equal(2, exitCode);
        Assert.Contains("--out", errors, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("ask", "aks")]
    [InlineData("serve", "srve")]
    [InlineData("list", "lst")]
    [InlineData("doctor", "doc")]
    [InlineData("--timeout", "get", "apple", "--timeuot", "3")]
    [InlineData("--want", "get", "--wnt", "file")]
    [InlineData("--count", "ask", "--cuont", "3")]
    [InlineData("--json", "list", "--jsn")]
    public async Task What_is_mistyped_is_answered_with_what_was_meant(string meant, params string[] arguments)
    {
        (int exitCode, _, string errors) = await ChappeProcess.RunAsync(Path.GetTempPath(), arguments);

        Assert.Equal(2, exitCode);
        Assert.Contains($"Did you mean {meant}?", errors, StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_resembles_nothing_is_answered_without_a_guess()
    {
        (_, _, string errors) = await ChappeProcess.RunAsync(Path.GetTempPath(), "nonsense");

        Assert.DoesNotContain("Did you mean", errors, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_version_is_one_line_and_exits_0()
    {
        (int exitCode, string output, string errors) = await ChappeProcess.RunAsync(Path.GetTempPath(), "--version");

        Assert.Equal((0, ""), (exitCode, errors));
        Assert.Matches(@"^\d+\.\d+\.\d+\S*\n$", output);
    }

    [Fact]
    public async Task The_list_of_commands_fits_a_terminal_and_names_neither_channels_nor_aliases()
    {
        string channel = Channel.NewName();
        string[] files = [.. Enumerable.Range(0, 3).Select(number => $"/dev/shm/SEG_{channel}-{number}_CTRL")];
        try
        {
            Array.ForEach(files, file => File.WriteAllText(file, ""));

            (_, string output, _) = await ChappeProcess.RunAsync(Path.GetTempPath(), "--help");

            Assert.Contains("  watch <CHANNEL> ", output, StringComparison.Ordinal);
            Assert.Contains("  remove <CHANNEL> ", output, StringComparison.Ordinal);
            Assert.DoesNotContain(channel, output, StringComparison.Ordinal);
            Assert.DoesNotContain("server", output, StringComparison.Ordinal);
            Assert.All(output.Split('\n'), line => Assert.InRange(line.Length, 0, 80));
        }
        finally
        {
            Array.ForEach(files, File.Delete);
        }
    }

    [Theory]
    [InlineData("ask", "server")]
    [InlineData("serve", "client")]
    public async Task A_commands_help_names_its_alias(string command, string alias)
    {
        (_, string output, _) = await ChappeProcess.RunAsync(Path.GetTempPath(), command, "--help");

        Assert.Contains($"chappe {alias} is the same command.", output, StringComparison.Ordinal);
        Assert.Contains("exit status 130", output, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("--help")]
    [InlineData("server", "--help")]
    [InlineData("client", "--help")]
    [InlineData("get", "--help")]
    [InlineData("watch", "--help")]
    [InlineData("completion", "--help")]
    [InlineData("bench", "--help")]
    [InlineData("ask", "--help")]
    [InlineData("serve", "--help")]
    [InlineData("demo", "--help")]
    [InlineData("list", "--help")]
    [InlineData("remove", "--help")]
    [InlineData("doctor", "--help")]
    public async Task Help_ends_with_examples_and_exits_0(params string[] arguments)
    {
        (int exitCode, string output, _) = await ChappeProcess.RunAsync(Path.GetTempPath(), arguments);

        Assert.Equal(0, exitCode);
        Assert.Contains("Usage:\n  chappe ", output, StringComparison.Ordinal);
        Assert.Contains("Examples:\n  chappe ", output, StringComparison.Ordinal);
        Assert.DoesNotContain(ServeCommand.UntilInputEnds, output, StringComparison.Ordinal);
    }
}
