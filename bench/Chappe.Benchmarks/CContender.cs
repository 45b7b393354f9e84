using System.Diagnostics;
using System.Globalization;

namespace Chappe.Benchmarks;

/// <summary>A C program of two processes that makes the round trips itself and says how long they took.</summary>
internal sealed class CContender : Contender
{
    private static readonly Lazy<string> Program = new(Compile);

    private readonly Process _process;

    public CContender(string name, string way)
        : base(name)
    {
        _process = Process.Start(new ProcessStartInfo(Program.Value, [way]) { RedirectStandardInput = true, RedirectStandardOutput = true })!;
    }

    public override void Place(int server, int client) => Tell(string.Create(CultureInfo.InvariantCulture, $"place {server} {client}"));

    public override bool CanDo(Work work) => work.Kind == WorkKind.Exchange;

    public override long Run(Work work, int times) => Tell(times.ToString(CultureInfo.InvariantCulture));

    public override void Dispose()
    {
        base.Dispose();
        _process.StandardInput.Close();
        _process.WaitForExit();
        _process.Dispose();
    }

    private long Tell(string order)
    {
        _process.StandardInput.WriteLine(order);
        _process.StandardInput.Flush();
        return long.Parse(_process.StandardOutput.ReadLine() ?? throw new InvalidOperationException($"{Name} ended."), CultureInfo.InvariantCulture);
    }

    private static string Compile()
    {
        string source = Path.Combine(AppContext.BaseDirectory, "c", "round_trips.c");
        string program = Path.Combine(TestFiles.Directory, "round_trips");

        // -lpthread and -lrt: where sem_* and shm_* live before glibc 2.34.
        using Process compiler = Process.Start("cc", ["-std=gnu11", "-O2", "-Wall", "-Wextra", "-Werror", source, "-o", program, "-lpthread", "-lrt"]);
        compiler.WaitForExit();
        return compiler.ExitCode == 0 ? program : throw new InvalidOperationException("cc could not compile round_trips.c.");
    }
}
