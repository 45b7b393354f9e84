using Microsoft.Win32.SafeHandles;

namespace Chappe.Posix;

/// <summary>
/// The path of an open file in /proc, which exists even if the file has no name (proc_pid_fd(5)). This object keeps the descriptor open: the number of
/// a closed descriptor could already refer to another file.
/// </summary>
internal readonly ref struct DescriptorPath
{
    private readonly SafeFileHandle _file;

    internal DescriptorPath(SafeFileHandle file)
    {
        bool added = false;
        _file = file;
        _file.DangerousAddRef(ref added);
        Value = $"/proc/self/fd/{_file.DangerousGetHandle()}";
    }

    internal string Value { get; }

    public void Dispose() => _file.DangerousRelease();
}
