using Microsoft.Win32.SafeHandles;

namespace Chappe.Posix;

/// <summary>A sem_t opened by this process. Every call on it holds a reference, so it is never closed during a wait.</summary>
internal sealed class SemaphoreHandle : SafeHandleZeroOrMinusOneIsInvalid
{
    public SemaphoreHandle()
        : base(ownsHandle: true)
    {
    }

    protected override bool ReleaseHandle() => Interop.SemaphoreClose(handle) == 0;
}
