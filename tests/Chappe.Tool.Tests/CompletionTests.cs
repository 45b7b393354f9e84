namespace Chappe.Tool.Tests;

/// <summary>What the shells are told, by the scripts that chappe completion prints.</summary>
public sealed class CompletionTests : IDisposable
{
    private readonly TemporaryDirectory _directory = new();
    private readonly string _channel = Channel.NewName();

    public void Dispose()
    {
        try
        {
            Channel.AssertNothingIsLeftOf(_channel);
        }
        finally
        {
            _directory.Dispose();
        }
    }

    [Theory]
    [InlineData("chappe se", "serve")]
    [InlineData("chappe a", "ask")]
    [InlineData("chappe c", "completion")]
    [InlineData("chappe server --wan", "--want")]
    [InlineData("chappe completion z", "zsh")]
    [InlineData("chappe ask --wan", "--want")]
    [InlineData("chappe ask --want p", "pixels")]
    [InlineData("chappe ask apple.jpg --want=p", "pixels")]
    [InlineData("chappe serve --send a", "auto")]
    [InlineData("chappe serve --s", "--send")]
    [InlineData("chappe zz", "")]
    public async Task Bash_completes_commands_options_and_their_values(string line, string completed) =>
        Assert.Equal(completed, await CompleteInBashAsync(line));

    [Fact]
    public async Task Bash_offers_all_commands_but_the_hidden_ones_and_no_option_of_another_system()
    {
        string[] offered = (await CompleteInBashAsync("chappe ")).Split(' ');

        Assert.Superset(new HashSet<string>(["ask", "serve", "get", "watch", "list", "remove", "demo", "doctor", "bench", "completion"]), offered.ToHashSet());
        Assert.DoesNotContain(offered, word => word is "bench-responder" or "server" or "client");
        Assert.DoesNotContain(offered, word => word.StartsWith('/'));
    }

    [Fact]
    public async Task Bash_completes_within_the_line()
    {
        const string Line = "chappe se apple.jpg";

        Assert.Equal("serve", await CompleteInBashAsync(Line, "chappe se".Length));
    }

    [Theory]
    [InlineData("chappe remove ")]
    [InlineData("chappe watch ")]
    [InlineData("chappe ask -c ")]
    [InlineData("chappe get apple.jpg --channel=")]
    public async Task Bash_completes_the_channels_that_exist(string line)
    {
        using ChappeProcess requester = ChappeProcess.Start(_directory.Path, "ask", "hello.txt", "-c", _channel);
        await requester.WaitForErrorsAsync("Waiting for a responder");

        Assert.Equal(_channel, await CompleteInBashAsync(line + _channel[..^3]));

        requester.Signal(ChappeProcess.Interrupt);
        await requester.WaitForExitAsync();
    }

    [Fact]
    public async Task A_channels_name_is_not_evaluated()
    {
        string name = $"{_channel}$(touch evaluated)`touch evaluated`";
        string path = $"/dev/shm/SEG_{name}_CTRL";
        File.WriteAllText(path, "");
        try
        {
            string completed = await CompleteInBashAsync($"chappe remove {_channel}");

            Assert.Equal(name, completed.Replace("\\", "", StringComparison.Ordinal));
            Assert.False(File.Exists(_directory["evaluated"]));
        }
        finally
        {
            File.Delete(path);
        }
    }

    [Theory]
    [InlineData("zsh", "compdef _chappe chappe")]
    [InlineData("fish", "complete --command chappe")]
    public async Task Other_shells_have_their_scripts(string shell, string contains)
    {
        (int exitCode, string output, string errors) = await ChappeProcess.RunAsync(_directory.Path, "completion", shell);

        Assert.Equal((0, ""), (exitCode, errors));
        Assert.Contains(contains, output, StringComparison.Ordinal);
        Assert.Contains("[suggest:", output, StringComparison.Ordinal);
    }

    /// <summary>Calls the completion function as bash does for the Tab key, and returns what it would offer.</summary>
    private async Task<string> CompleteInBashAsync(string line, int? position = null)
    {
        // The words are split as bash does it with the usual COMP_WORDBREAKS.
        const string Script =
            """
            PATH=$(dirname "$1"):$PATH
            eval "$(chappe completion bash)"
            complete -p chappe > /dev/null || exit
            COMP_LINE=$2 COMP_POINT=$3
            read -ra COMP_WORDS <<< "${COMP_LINE//=/ = }"
            before=${COMP_LINE:0:COMP_POINT}
            _chappe chappe "${before##*[ =]}" ""
            echo "${COMPREPLY[*]}"
            """;
        using ChappeProcess bash = ChappeProcess.StartThrough(
            ["bash", "-c", Script, "bash"], _directory.Path, line, $"{position ?? line.Length}");
        int exitCode = await bash.WaitForExitAsync();
        Assert.Equal((0, ""), (exitCode, bash.Errors));
        return bash.Output.TrimEnd('\n');
    }
}
