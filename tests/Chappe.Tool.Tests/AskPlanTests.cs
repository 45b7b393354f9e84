namespace Chappe.Tool.Tests;

public class AskPlanTests
{
    private static readonly string[] Names = ["apple", "ball", "car", "dog", "egg"];

    [Fact]
    public void Names_are_asked_for_once_each_in_order() =>
        Assert.Equal(Names, Plan(Names).Choose(Names));

    [Fact]
    public void A_count_larger_than_the_names_starts_again_from_the_first() =>
        Assert.Equal(["apple", "ball", "apple"], (Plan(["apple", "ball"]) with { Count = 3 }).Choose(["apple", "ball"]));

    [Fact]
    public void A_count_smaller_than_the_names_stops_early() =>
        Assert.Equal(["apple", "ball"], (Plan(Names) with { Count = 2 }).Choose(Names));

    [Fact]
    public void Without_names_ten_of_the_list_are_picked() =>
        Assert.Equal(10, Plan([]).Choose(Names).Count());

    [Fact]
    public void A_seed_makes_the_choice_repeatable()
    {
        AskPlan plan = Plan(Names) with { Random = true, Count = 100, Seed = 7 };

        Assert.Equal(plan.Choose(Names), plan.Choose(Names));
        Assert.NotEqual(plan.Choose(Names), (plan with { Seed = 8 }).Choose(Names));
    }

    [Fact]
    public void The_choice_of_a_seed_stays_the_same_from_version_to_version() =>
        Assert.Equal("ball apple dog egg car egg dog", string.Join(' ', (Plan([]) with { Seed = 1, Count = 7 }).Choose(Names)));

    [Fact]
    public void No_name_comes_again_before_all_have_come()
    {
        string[] chosen = [.. (Plan(Names) with { Random = true, Count = 50 }).Choose(Names)];

        Assert.All(chosen.Chunk(Names.Length), round => Assert.Equal(Names, round.Order()));
    }

    private static AskPlan Plan(IReadOnlyList<string> names) => new() { Channel = "test", Names = names, Destination = new ReceivedFiles("received") };
}
