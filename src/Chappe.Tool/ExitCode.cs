namespace Chappe.Tool;

/// <summary>What the program's exit status says.</summary>
internal static class ExitCode
{
    public const int Success = 0;
    public const int ExchangeFailed = 1;
    public const int NotRemoved = 1;
    public const int ProblemFound = 1;
    public const int WrongUsage = 2;
    public const int ChannelUnavailable = 3;

    /// <summary>128 + SIGINT, as shells say it; for SIGTERM and SIGHUP too.</summary>
    public const int Interrupted = 130;

    /// <summary>128 + SIGPIPE: whoever read standard output has gone.</summary>
    public const int BrokenPipe = 141;
}
