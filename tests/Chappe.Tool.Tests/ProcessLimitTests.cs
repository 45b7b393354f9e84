using System.Globalization;

namespace Chappe.Tool.Tests;

/// <summary>Limits of the process and permissions: a message names the limit or the object.</summary>
public sealed class ProcessLimitTests : IDisposable
{
    private readonly TemporaryDirectory _directory = new();
    private readonly string _channel = Channel.NewName();

    public void Dispose()
    {
        _directory.Dispose();
        Channel.AssertNothingIsLeftOf(_channel);
    }

    [Theory]
    [InlineData(40)]
    [InlineData(60)]
    public async Task A_limit_of_too_few_open_files_is_named_and_nothing_is_left(int limit)
    {
        (int exitCode, _, string errors) = await ChappeProcess.RunThroughAsync(
            ["sh", "-c", string.Create(CultureInfo.InvariantCulture, $"ulimit -n {limit} && exec \"$@\""), "sh"], _directory.Path, "ask", "x", "-c", _channel, "--timeout", "1");
        Assert.NotEqual(0, exitCode);
        Assert.Contains($"The limit on open files of this process is {limit} (ulimit -n), but chappe needs", errors, StringComparison.Ordinal);
        Assert.DoesNotContain("assembly", errors, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_directory_that_may_not_be_read_is_named()
    {
        string[] anotherUser = await Wrapper.AsAnotherUserAsync();
        (int exitCode, _, string errors) = await ChappeProcess.RunThroughAsync(anotherUser, "/", "serve", _directory.Path, "-c", _channel);
        Assert.Equal(3, exitCode);
        Assert.Contains($"Cannot open the directory '{_directory.Path}': Permission denied", errors, StringComparison.Ordinal);
        Assert.DoesNotContain("channel", errors, StringComparison.Ordinal);
    }
}
