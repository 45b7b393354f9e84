using Microsoft.Win32.SafeHandles;

namespace Chappe.Posix;

/// <summary>
/// The path that leads to an open file, also to one without a name (proc_pid_fd(5)). It holds the descriptor meanwhile: were it closed, its number
/// could already be another file's.
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
