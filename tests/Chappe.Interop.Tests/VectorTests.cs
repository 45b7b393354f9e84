using System.Text.Json;

namespace Chappe.Interop.Tests;

/// <summary>What stands in shared memory after a step of a scripted exchange, byte by byte: tests/vectors, whose README tells the format.</summary>
public sealed class VectorTests : IDisposable
{
    private static readonly string Vectors = Path.Combine(AppContext.BaseDirectory, "vectors");

    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("chappe-interop-folder-");

    public static TheoryData<string, string> Exchanges =>
        new(Directory.EnumerateFiles(Vectors, "*.json").Select(file => Path.GetFileNameWithoutExtension(file)!).Order()
            .SelectMany(vector => Language.Each.Select(language => (vector, language))));

    public void Dispose() => _folder.Delete(recursive: true);

    [Theory]
    [MemberData(nameof(Exchanges))]
    public async Task The_bytes_in_shared_memory_are_those_of_the_vector(string vector, string language)
    {
        using JsonDocument document = JsonDocument.Parse(await File.ReadAllTextAsync(Path.Combine(Vectors, vector + ".json"), TestContext.Current.CancellationToken));
        JsonElement script = document.RootElement;
        JsonElement[] steps = [.. script.GetProperty("steps").EnumerateArray()];
        foreach (JsonProperty file in script.GetProperty("files").EnumerateObject())
        {
            await File.WriteAllBytesAsync(Path.Combine(_folder.FullName, file.Name), Bytes(file.Value), TestContext.Current.CancellationToken);
        }

        using var scene = new Scene();
        RequesterPeer requester = scene.StartRequester(language, Arguments(script, "requester"), stopAt: StopOf(steps, "requester"));
        await requester.HearAsync("open");
        Dictionary<string, string> values = (await scene.InodesAsync()).ToDictionary(
            inode => $"<inode of {inode.Key[(inode.Key.LastIndexOf('_') + 1)..]}>",
            inode => Convert.ToHexStringLower(BitConverter.GetBytes(inode.Value)));
        values["<requester pid>"] = Convert.ToHexStringLower(BitConverter.GetBytes(requester.Id));
        foreach (JsonElement step in steps)
        {
            bool isRequesters = step.GetProperty("stops").GetString() == "requester";
            PeerProcess stopped = isRequesters
                ? requester
                : scene.StartResponder(language, Arguments(script, "responder"), stopAt: StopOf(steps, "responder"), folder: _folder.FullName);
            await stopped.StopAsync();
            values.TryAdd(isRequesters ? "<requester pid>" : "<responder pid>", Convert.ToHexStringLower(BitConverter.GetBytes(stopped.Id)));
            Check(scene, step, values);
        }
    }

    private static void Check(Scene scene, JsonElement step, Dictionary<string, string> values)
    {
        string after = step.GetProperty("after").GetString()!;
        foreach (string segment in (string[])["HEAD", "DATA"])
        {
            string expected = step.GetProperty(segment).GetString()!;
            Assert.Equal($"{after}: {segment} {expected}", $"{after}: {segment} {Hex(Read(scene, segment), 0, expected.Length / 2)}");
        }

        byte[] control = Read(scene, "CTRL");
        foreach (JsonElement field in step.GetProperty("CTRL").EnumerateArray())
        {
            string name = field.GetProperty("field").GetString()!, value = field.GetProperty("value").GetString()!;
            bool isNamed = value[0] == '<';
            string actual = Hex(control, field.GetProperty("offset").GetInt32(), isNamed ? field.GetProperty("length").GetInt32() : value.Length / 2);

            // What varies has a name, and wherever the name stands the bytes are the same.
            string expected = !isNamed ? value : values.TryAdd(value, actual) ? actual : values[value];
            Assert.Equal($"{after}: {name} {expected}", $"{after}: {name} {actual}");
        }
    }

    private static byte[] Read(Scene scene, string segment) => File.ReadAllBytes($"/dev/shm/SEG_{scene.Channel}_{segment}");

    private static string Hex(byte[] bytes, int offset, int length) => Convert.ToHexStringLower(bytes, offset, length);

    private static byte[] Bytes(JsonElement hex) => Convert.FromHexString(hex.GetString()!);

    private static string Arguments(JsonElement script, string role) => string.Join(' ', script.GetProperty(role).EnumerateArray().Select(word => word.GetString()));

    private static string? StopOf(JsonElement[] steps, string role) =>
        steps.Where(step => step.GetProperty("stops").GetString() == role).Select(step => step.GetProperty("at").GetString()).SingleOrDefault();
}
