using System.Runtime.InteropServices;
using Chappe.Posix;
using Chappe.Posix.Peer;

// The second process of a test: it does what each line of its input says and answers with one line.
using PosixSignalRegistration windowChange = PosixSignalRegistration.Create(PosixSignal.SIGWINCH, context => context.Cancel = true);
var semaphores = new SemaphoreCommands();
var segments = new SegmentCommands();
var system = new SystemCommands();

Console.WriteLine("ready");
while (Console.ReadLine() is { } line)
{
    string[] words = line.Split(' ');
    try
    {
        Console.WriteLine(words[0] switch
        {
            "sem" => semaphores.Run(words[1], words[2..]),
            "seg" => segments.Run(words[1], words[2..]),
            _ => system.Run(words[0], words[1..]),
        });
    }
#pragma warning disable CA1031 // The test is told of every exception.
    catch (Exception exception)
#pragma warning restore CA1031
    {
        Console.WriteLine(Describe(exception));
    }
}

static string Describe(Exception exception) => exception switch
{
    SharedMemoryFullException full => $"! {nameof(SharedMemoryFullException)} {full.Error} {full.Needed} {full.Available}",
    PosixException posix => $"! {nameof(PosixException)} {posix.Error}",
    SharedObjectAccessException access => $"! {nameof(SharedObjectAccessException)} {access.OwnerUserId}",
    _ => $"! {exception.GetType().Name} {exception.Message.ReplaceLineEndings(" ")}",
};
