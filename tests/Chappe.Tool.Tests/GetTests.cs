using System.Security.Cryptography;

namespace Chappe.Tool.Tests;

/// <summary>chappe get, to files and in pipes, with a responder that serves.</summary>
public sealed class GetTests : IDisposable
{
    // 4 × 2 pixels, RGB, 8 bits.
    private const string Picture = "iVBORw0KGgoAAAANSUhEUgAAAAQAAAACCAIAAADwyuo0AAAAI0lEQVR4nGNgkLPRcEsJyOupmLaFIapiWtOCfatOPLv0gQ8AeEYLqRR1aKoAAAAASUVORK5CYII=";

    private readonly TemporaryDirectory _directory = new();
    private readonly string _channel = Channel.NewName();

    public GetTests()
    {
        Directory.CreateDirectory(_directory["served"]);
        File.WriteAllText(_directory["served/hello.txt"], "hello");
        File.WriteAllBytes(_directory["served/picture.png"], Convert.FromBase64String(Picture));
        File.WriteAllBytes(_directory["served/large.bin"], RandomNumberGenerator.GetBytes(9_000_001));
    }

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

    [Fact]
    public async Task Without_an_output_the_file_has_its_own_name_and_stands_in_the_current_directory()
    {
        Directory.CreateDirectory(_directory["served/below"]);
        File.WriteAllText(_directory["served/below/deep.txt"], "deep");

        (int exitCode, string output, string errors) = await GetAsync("below/deep.txt");

        Assert.Equal((0, ""), (exitCode, errors));
        Assert.Contains("deep.txt", output, StringComparison.Ordinal);
        Assert.Equal("deep", File.ReadAllText(_directory["deep.txt"]));
    }

    [Fact]
    public async Task A_file_that_is_there_is_replaced_and_nothing_is_left_beside_it()
    {
        File.WriteAllText(_directory["old"], "old, and longer");

        (int exitCode, _, _) = await GetAsync("hello.txt", "-o", "old");

        Assert.Equal((0, "hello"), (exitCode, File.ReadAllText(_directory["old"])));
        Assert.Equal([_directory["old"], _directory["served"]], Directory.GetFileSystemEntries(_directory.Path).Order());
    }

    [Fact]
    public async Task What_the_responder_lacks_is_said_and_leaves_the_old_file()
    {
        File.WriteAllText(_directory["old"], "old");

        (int exitCode, string output, string errors) = await GetAsync("missing", "-o", "old");

        Assert.Equal((1, ""), (exitCode, output));
        Assert.Contains("missing: not-found", errors, StringComparison.Ordinal);
        Assert.Equal("old", File.ReadAllText(_directory["old"]));
    }

    [Fact]
    public async Task Standard_output_has_the_payload_and_nothing_else()
    {
        (int exitCode, string output, string errors) = await InShellAsync("chappe get large.bin -c \"$1\" -o - | cmp - served/large.bin");

        Assert.Equal((0, "", ""), (exitCode, output, errors));
    }

    [Fact]
    public async Task One_after_the_other_they_append_to_the_file_that_a_shell_opened()
    {
        (int exitCode, _, _) = await InShellAsync("{ chappe get hello.txt -c \"$1\" -o -; chappe get hello.txt -c \"$1\" -o -; } > twice");

        Assert.Equal((0, "hellohello"), (exitCode, File.ReadAllText(_directory["twice"])));
    }

    [Fact]
    public async Task A_reader_that_goes_away_ends_it_quietly()
    {
        (int exitCode, string output, string errors) = await InShellAsync("{ chappe get large.bin -c \"$1\" -o -; echo $? > status; } | head -c 10 | wc -c");

        Assert.Equal((0, "10", ""), (exitCode, output.Trim(), errors));
        Assert.Equal("141", File.ReadAllText(_directory["status"]).Trim());
    }

    [Fact]
    public async Task A_full_device_is_said()
    {
        (int exitCode, _, string errors) = await InShellAsync("chappe get hello.txt -c \"$1\" -o - > /dev/full");

        Assert.Equal(1, exitCode);
        Assert.Contains("hello.txt: not-saved", errors, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_fifo_is_written_to_and_not_replaced()
    {
        (int exitCode, string output, _) = await InShellAsync("mkfifo fifo && { cat fifo & chappe get hello.txt -c \"$1\" -o fifo > /dev/null; status=$?; wait; test -p fifo && exit $status; }");

        Assert.Equal((0, "hello"), (exitCode, output.Trim()));
    }

    [Fact]
    public async Task Pixels_are_encoded_to_the_format_of_the_file_and_go_raw_to_a_pipe()
    {
        (int exitCode, _, _) = await GetAsync("picture.png", "--want", "pixels", "-o", "picture");
        (int pipedExitCode, string output, string errors) = await InShellAsync("chappe get picture.png -c \"$1\" --want pixels -o - | wc -c");

        Assert.Equal((0, 0), (exitCode, pipedExitCode));
        Assert.Equal("PNG", File.ReadAllText(_directory["picture"])[1..4]);
        Assert.Equal("24", output.Trim());
        Assert.Contains("4 × 2 × 3", errors, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Without_a_responder_it_says_how_to_start_one_and_gives_up_in_time()
    {
        (int exitCode, string output, string errors) = await ChappeProcess.RunAsync(_directory.Path, "get", "hello.txt", "-c", _channel, "--timeout", "1", "-o", "-");

        Assert.Equal((1, ""), (exitCode, output));
        Assert.Contains($"chappe serve DIR -c {_channel}", errors, StringComparison.Ordinal);
        Assert.Contains("hello.txt: timeout", errors, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_channel_that_another_requester_owns_is_refused()
    {
        using ChappeProcess requester = ChappeProcess.Start(_directory.Path, "ask", "hello.txt", "-c", _channel);
        await requester.WaitForErrorsAsync("Waiting for a responder");

        (int exitCode, _, string errors) = await ChappeProcess.RunAsync(_directory.Path, "get", "hello.txt", "-c", _channel);

        Assert.Equal(3, exitCode);
        Assert.Contains($"process {requester.Id}", errors, StringComparison.Ordinal);
        requester.Signal(ChappeProcess.Interrupt);
        await requester.WaitForExitAsync();
    }

    private async Task<(int ExitCode, string Output, string Errors)> GetAsync(params string[] arguments)
    {
        using ChappeProcess responder = StartResponder();
        return WithoutNotice(await ChappeProcess.RunAsync(_directory.Path, ["get", .. arguments, "-c", _channel]));
    }

    /// <summary>The function chappe is the program, $1 the channel.</summary>
    private async Task<(int ExitCode, string Output, string Errors)> InShellAsync(string script)
    {
        using ChappeProcess responder = StartResponder();
        return WithoutNotice(await ChappeProcess.RunThroughAsync(
            ["sh", "-c", $$"""chappe() { "$program" "$@"; }; program=$1; shift; {{script}}""", "sh"], _directory.Path, _channel));
    }

    /// <summary>On a busy machine the responder starts late, and chappe get rightly gives notice that it waits.</summary>
    private (int ExitCode, string Output, string Errors) WithoutNotice((int ExitCode, string Output, string Errors) result)
    {
        string notice = $"Waiting for a responder on channel {_channel}. Start one with: chappe serve DIR -c {_channel}\n";
        return result with { Errors = result.Errors.Replace(notice, "", StringComparison.Ordinal) };
    }

    private ChappeProcess StartResponder() => ChappeProcess.Start(_directory.Path, "serve", "served", "-c", _channel);
}
