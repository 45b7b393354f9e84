namespace Chappe.Tool;

/// <summary>The exit statuses of the program; the help of <c>chappe</c> lists them.</summary>
internal static class ExitCode
{
    public const int Success = 0;
    public const int ExchangeFailed = 1;
    public const int NotRemoved = 1;
    public const int ProblemFound = 1;
    public const int WrongUsage = 2;
    public const int ChannelUnavailable = 3;

    /// <summary>128 + SIGINT, as in a shell; also for SIGTERM and SIGHUP.</summary>
    public const int Interrupted = 130;

    /// <summary>128 + SIGPIPE: the reader of standard output has gone.</summary>
    public const int BrokenPipe = 141;
}
