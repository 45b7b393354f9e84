using Chappe.Exchange;

namespace Chappe.FaultTests;

/// <summary>What happens at the steps that one test passes itself, on whichever threads: other tests of this process pass them undisturbed.</summary>
internal static class FaultHook
{
    private static readonly AsyncLocal<Action<Step>?> Current = new();

    static FaultHook() => FaultPoint.Reached = step => Current.Value?.Invoke(step);

    /// <summary>Set for what the caller does, and for what that starts.</summary>
    internal static Action<Step>? Reached
    {
        set => Current.Value = value;
    }
}
