namespace Chappe.Benchmarks;

internal enum Verdict
{
    Holds,
    DoesNotHold,
    NotBuilt,
    NotMeasured,
}

/// <summary>A promise about speed, checked against what one run has measured.</summary>
/// <param name="Name">As <c>--known-missing</c> takes it.</param>
/// <param name="Promise">In words.</param>
/// <param name="IsAtMost">Whether less is better.</param>
/// <param name="Limit">The number that is kept to.</param>
/// <param name="Unit">Of the number.</param>
/// <param name="Measure">The number of one run; null if it was not measured.</param>
/// <param name="IsBuilt">False while what it is about does not exist.</param>
internal sealed record Bar(string Name, string Promise, bool IsAtMost, double Limit, string Unit, Func<Results, double?> Measure, bool IsBuilt = true)
{
    public Verdict Judge(Results results) =>
        !IsBuilt ? Verdict.NotBuilt
        : Measure(results) is not { } measured ? Verdict.NotMeasured
        : (IsAtMost ? measured <= Limit : measured >= Limit) ? Verdict.Holds
        : Verdict.DoesNotHold;
}
