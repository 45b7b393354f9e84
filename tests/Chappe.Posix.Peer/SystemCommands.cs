using System.Diagnostics;

namespace Chappe.Posix.Peer;

internal sealed class SystemCommands
{
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
