namespace Chappe.Posix.Peer;

internal sealed class SegmentCommands
{
    private readonly Dictionary<string, SharedMemory> _open = [];
    private readonly List<SegmentLock> _locks = [];

    internal string Run(string verb, string[] words)
    {
        string name = words[0];
        switch (verb)
        {
            case "create":
                _open[name] = SharedMemory.Create(name, words[1].Long(), Options.Parse(words[2..]));
                return "ok";
            case "open":
                _open[name] = SharedMemory.OpenExisting(name, Options.Parse(words[1..]));
                return "ok";
            case "open-or-create":
                _open[name] = SharedMemory.OpenOrCreate(name, words[1].Long(), Options.Parse(words[2..]));
                return "ok";
            case "delete":
                return SharedMemory.Delete(name).ToString();
            case "ensure":
                _open[name].EnsureLength(words[1].Long());
                return "ok";
            case "grow-blindly":
                // As when another process takes the room between the look at what is free and the growth.
                using (var file = File.OpenHandle($"/dev/shm{name}", FileMode.Open, FileAccess.ReadWrite, FileShare.ReadWrite))
                {
                    SegmentGrowth.Grow(file, name, FileStatus.Of(file), words[1].Long(), available: long.MaxValue);
                }

                return "ok";
            case "length":
                return $"{_open[name].Length}";
            case "max":
                return $"{_open[name].MaxLength}";
            case "get":
                return $"{_open[name].GetSpan(words[1].Long(), 1)[0]}";
            case "put":
                _open[name].GetSpan(words[1].Long(), 1)[0] = (byte)words[2].Integer();
                return "ok";
            case "fill":
                _open[name].GetSpan(0, words[1].Integer()).Fill((byte)words[2].Integer());
                return "ok";
            case "write":
                _open[name].Write(words[1].Long(), new byte[words[2].Integer()]);
                return "ok";
            case "lock":
                if (_open[name].TryLock(words[1].Long()) is not { } taken)
                {
                    return "False";
                }

                _locks.Add(taken);
                return "True";
            default:
                throw new ArgumentException(verb);
        }
    }
}
