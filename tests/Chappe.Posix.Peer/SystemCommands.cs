using System.Diagnostics;
using System.Runtime.InteropServices;

namespace Chappe.Posix.Peer;

internal sealed partial class SystemCommands
{
    /// <summary>RLIMIT_NPROC, asm-generic/resource.h.</summary>
    private const int ProcessesOfUser = 6;

    private readonly List<FileStream> _files = [];

    internal string Run(string verb, string[] words)
    {
        switch (verb)
        {
            case "available":
                return $"{SharedMemory.AvailableBytes}";
            case "use-up-descriptors":
                return UseUpDescriptors(keep: words[0].Integer());
            case "start-child":
                // Not disposed, not waited for: it outlives this process.
                return $"{Process.Start("sleep", "600").Id}";
            case "forbid-threads":
                // Only the soft limit, which may be raised again. It does not bind root.
                SetThreadLimit(_ => 1);
                return "ok";
            case "permit-threads":
                SetThreadLimit(maximum => maximum);
                return "ok";
            case "has-immediate-waits":
                return $"{PosixFeatures.HasImmediateWaits}";
            case "read":
                using (var directory = new ConfinedDirectory(words[0]) { UsesKernel = bool.Parse(words[1]) })
                using (var stream = new StreamReader(new FileStream(directory.OpenFile(words[2], out _), FileAccess.Read)))
                {
                    return stream.ReadToEnd();
                }

            default:
                throw new ArgumentException(verb);
        }
    }

    private static unsafe void SetThreadLimit(Func<ulong, ulong> limitOf)
    {
        if (Interop.GetLimit(ProcessesOfUser, out Interop.ResourceLimit limit) != 0)
        {
            throw new InvalidOperationException("getrlimit failed.");
        }

        limit.Current = limitOf(limit.Maximum);
        if (SetLimit(ProcessesOfUser, &limit) != 0)
        {
            throw new InvalidOperationException("setrlimit failed.");
        }
    }

    [LibraryImport("libc", EntryPoint = "setrlimit")]
    private static unsafe partial int SetLimit(int resource, Interop.ResourceLimit* limit);

    private string UseUpDescriptors(int keep)
    {
        try
        {
            while (true)
            {
                _files.Add(File.OpenRead("/dev/null"));
            }
        }
        catch (IOException)
        {
            foreach (FileStream file in _files.TakeLast(keep))
            {
                file.Dispose();
            }

            return "ok";
        }
    }
}
