using System.Globalization;

namespace Chappe.Benchmarks;

internal sealed record Options
{
    public const string Usage =
        """
        Chappe.Benchmarks [options]

          --rounds N            interleaved rounds of each work, 5 or more (7)
          --quick               shorter samples and fewer sizes: for trying it out
          --all                 gRPC, HTTP and NetMQ too, and payloads of 1 GiB
          --only FILTER         only the work whose name contains this
          --chappe PATH         the published chappe whose start-up is measured
          --known-missing LIST  names of bars that are known not to be built yet, with commas between
          --charts DIRECTORY    draw performance-latency.svg and performance-throughput.svg there
          --json                one JSON object on standard output

        It exits with 1 if a bar does not hold.
        """;

    public int Rounds { get; init; } = 7;

    public bool IsQuick { get; init; }

    public bool IsAll { get; init; }

    public bool IsJson { get; init; }

    public string? Only { get; init; }

    public string? Chappe { get; init; }

    public string? Charts { get; init; }

    public IReadOnlyList<string> KnownMissing { get; init; } = [];

    public bool Wants(string name) => Only is null || name.Contains(Only, StringComparison.OrdinalIgnoreCase);

    /// <exception cref="ArgumentException">It is wrong usage; the message says what.</exception>
    public static Options Parse(ReadOnlySpan<string> arguments)
    {
        var options = new Options();
        while (!arguments.IsEmpty)
        {
            string name = arguments[0];
            arguments = arguments[1..];
            options = name switch
            {
                "--quick" => options with { IsQuick = true, Rounds = 5 },
                "--all" => options with { IsAll = true },
                "--json" => options with { IsJson = true },
                "--rounds" => options with { Rounds = int.Parse(Value(name, ref arguments), CultureInfo.InvariantCulture) },
                "--only" => options with { Only = Value(name, ref arguments) },
                "--chappe" => options with { Chappe = Path.GetFullPath(Value(name, ref arguments)) },
                "--charts" => options with { Charts = Value(name, ref arguments) },
                "--known-missing" => options with { KnownMissing = Value(name, ref arguments).Split(',') },
                _ => throw new ArgumentException($"There is no option '{name}'."),
            };
        }

        return options.Rounds >= 5 ? options : throw new ArgumentException("--rounds must be 5 or more: fewer say nothing about the spread.");
    }

    private static string Value(string name, ref ReadOnlySpan<string> arguments)
    {
        if (arguments.IsEmpty)
        {
            throw new ArgumentException($"{name} needs a value.");
        }

        string value = arguments[0];
        arguments = arguments[1..];
        return value;
    }
}
