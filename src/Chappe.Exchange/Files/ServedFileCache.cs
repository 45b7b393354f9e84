using Chappe.Posix;

namespace Chappe.Exchange;

/// <summary>
/// The files that were asked for last, open: a hot file costs a look at its name instead of a walk to it. One that was replaced, rewritten or removed is
/// opened anew, as device, inode, length and the times of the last changes tell.
/// </summary>
/// <remarks>
/// <para>A file that was removed keeps its room on the disk for as long as it is open here, so these are few.</para>
/// <para>
/// Only of what stands in the directory itself a look can tell that it is still in it. A folder on the way, or one that a link leads through, may have been
/// moved out and replaced by a link, and the file at the end does not show it: such names are walked each time.
/// </para>
/// </remarks>
internal sealed class ServedFileCache(ConfinedDirectory directory) : IDisposable
{
    private const int Capacity = 16;

    private readonly Lock _gate = new();

    /// <summary>The one that was asked for last stands last.</summary>
    private readonly List<ServedFile> _files = [];

    /// <summary>The file that a name stood for and still does; null if it has to be opened.</summary>
    internal ServedFile? Find(ReadOnlySpan<char> name)
    {
        lock (_gate)
        {
            int at = _files.Count - 1;
            while (at >= 0 && !name.SequenceEqual(_files[at].Name))
            {
                at--;
            }

            if (at < 0)
            {
                return null;
            }

            ServedFile file = _files[at];
            _files.RemoveAt(at);
            if (!directory.TryGetStatus(file.Name, out FileStatus status) || !file.IsUntouched(status))
            {
                file.StopKeeping();
                return null;
            }

            _files.Add(file);
            file.AddUser();
            return file;
        }
    }

    /// <summary>Keeps a file open after whoever has it is done.</summary>
    internal void Keep(ServedFile file)
    {
        if (file.Name.Contains('/'))
        {
            return;
        }

        lock (_gate)
        {
            if (_files.Count == Capacity)
            {
                _files[0].StopKeeping();
                _files.RemoveAt(0);
            }

            file.Keep();
            _files.Add(file);
        }
    }

    public void Dispose()
    {
        lock (_gate)
        {
            foreach (ServedFile file in _files)
            {
                file.StopKeeping();
            }

            _files.Clear();
        }
    }
}
