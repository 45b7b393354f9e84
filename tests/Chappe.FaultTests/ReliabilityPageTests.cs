using System.Reflection;
using System.Text.RegularExpressions;

namespace Chappe.FaultTests;

/// <summary>docs/reliability.md names the test that proves each row.</summary>
public sealed partial class ReliabilityPageTests
{
    [Fact]
    public void Every_test_that_the_page_names_exists_and_every_test_of_a_fault_is_named_there()
    {
        string page = File.ReadAllText(Path.Combine(AppContext.BaseDirectory, "reliability.md"));
        HashSet<string> named = [.. TestName().Matches(page).Select(match => match.Groups[1].Value)];
        HashSet<string> tests =
        [
            .. typeof(ReliabilityPageTests).Assembly.GetTypes()
                .Where(type => type != typeof(ReliabilityPageTests))
                .SelectMany(type => type.GetMethods())
                .Where(method => method.GetCustomAttribute<FactAttribute>() is not null)
                .Select(method => method.Name),
        ];
        Assert.Empty(named.Except(tests));
        Assert.Empty(tests.Except(named));
    }

    [GeneratedRegex("`([A-Z][a-z]*_[A-Za-z_]+)`")]
    private static partial Regex TestName();
}
