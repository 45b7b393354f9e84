using Chappe.Posix;

namespace Chappe.Exchange;

/// <summary>
/// Keeps the most recently requested files open, so that a repeated request costs one stat instead of resolving the path. Device, inode, length and the times of
/// the last changes reveal a file that was replaced, rewritten or removed, which is then opened again.
/// </summary>
/// <remarks>
/// <para>An open file that was removed still occupies disk space, so the capacity is small.</para>
/// <para>
/// Only files directly in the directory are kept. For a longer path, stat cannot reveal that a folder on the way was moved out of the directory and replaced by a
/// link, so such paths are resolved each time.
/// </para>
/// </remarks>
internal sealed class ServedFileCache(ConfinedDirectory directory) : IDisposable
{
    private const int Capacity = 16;

    private readonly Lock _gate = new();

    /// <summary>In the order of their last requests, the most recent last.</summary>
    private readonly List<ServedFile> _files = [];

    /// <summary>Returns the open file with this name; null if the file must be opened.</summary>
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

    /// <summary>Keeps a file open after its user has disposed it.</summary>
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
