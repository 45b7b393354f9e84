using Microsoft.Win32.SafeHandles;

namespace Chappe.Posix;

/// <summary>A sem_t in this process. Whoever is inside a call on it holds a reference, so it is never closed under a waiter.</summary>
internal sealed class SemaphoreHandle : SafeHandleZeroOrMinusOneIsInvalid
{
    public SemaphoreHandle()
        : base(ownsHandle: true)
    {
    }

    protected override bool ReleaseHandle() => Interop.SemaphoreClose(handle) == 0;
}
