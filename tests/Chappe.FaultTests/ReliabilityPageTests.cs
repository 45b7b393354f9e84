using System.Reflection;
using System.Text.RegularExpressions;
using Chappe.Exchange;

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

    /// <summary>A step that is new has to be given an occasion, whose deaths and stops are tested.</summary>
    [Fact]
    public void Every_step_of_the_protocol_belongs_to_an_occasion()
    {
        IEnumerable<string> occasions = typeof(Steps).GetFields().Where(field => field.FieldType == typeof(string[])).SelectMany(field => (string[])field.GetValue(null)!);
        Assert.Empty(Enum.GetNames<Step>().Except(occasions));
    }

    [GeneratedRegex("`([A-Z][a-z]*_[A-Za-z_]+)`")]
    private static partial Regex TestName();
}
