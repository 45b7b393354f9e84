using System.IO.Compression;
using System.Runtime.InteropServices;
using System.Text.RegularExpressions;
using System.Xml.Linq;

namespace Chappe.Packages.Tests;

/// <summary>What `dotnet pack` makes is what an empty project can use.</summary>
public sealed partial class PackageTests(PackedPackages packages) : IClassFixture<PackedPackages>
{
    private static readonly string[] Libraries = ["Chappe.Exchange", "Chappe.Images", "Chappe.Posix", "Chappe.Tensors"];

    [Fact]
    public void Every_package_has_what_a_reader_looks_for()
    {
        string[] expected = [.. Libraries, "Chappe.Tool"];
        string[] made = [.. Directory.GetFiles(packages.Folder, "*.nupkg").Select(path => Path.GetFileName(path).Replace($".{packages.Version}.nupkg", "", StringComparison.Ordinal)).Order()];
        Assert.Equal(expected, made);
        foreach (string id in expected)
        {
            using ZipArchive package = ZipFile.OpenRead(Path.Combine(packages.Folder, $"{id}.{packages.Version}.nupkg"));
            XElement metadata = Metadata(package);
            Assert.Equal("MIT", Value(metadata, "license"));
            Assert.Equal("README.md", Value(metadata, "readme"));
            Assert.Equal("icon.png", Value(metadata, "icon"));
            Assert.NotEmpty(Value(metadata, "description"));
            Assert.All(["README.md", "icon.png", "LICENSE"], file => Assert.NotNull(package.GetEntry(file)));
            Assert.Equal(id is "Chappe.Images" or "Chappe.Tool", package.GetEntry("THIRD-PARTY-NOTICES.md") is not null);
            Assert.DoesNotContain(package.Entries, entry => entry.Name.EndsWith(".pdb", StringComparison.Ordinal) && id != "Chappe.Tool");
        }
    }

    /// <remarks>A package's README is shown where the repository's files are not: all that it links to has a full address.</remarks>
    [Fact]
    public void Every_package_has_a_README_of_its_own_and_the_addresses_of_the_project()
    {
        var texts = new HashSet<string>();
        foreach (string id in (string[])[.. Libraries, "Chappe.Tool"])
        {
            using ZipArchive package = ZipFile.OpenRead(Path.Combine(packages.Folder, $"{id}.{packages.Version}.nupkg"));
            XElement metadata = Metadata(package);
            Assert.Equal(Repository.Url, Value(metadata, "projectUrl"));
            XElement repository = metadata.Elements().Single(element => element.Name.LocalName == "repository");
            Assert.Equal(("git", Repository.Url), (repository.Attribute("type")?.Value, repository.Attribute("url")?.Value));

            using var reader = new StreamReader(package.GetEntry("README.md")!.Open());
            string text = reader.ReadToEnd();
            Assert.Equal(File.ReadAllText(Path.Combine(Repository.Root, "src", id, "README.md")), text);
            Assert.True(texts.Add(text), $"{id} has the README of another package.");

            IReadOnlyList<Link> links = new MarkdownPage($"{id}/README.md", text).Links;
            Assert.Contains(links, link => link.Target.StartsWith($"{Repository.Url}/", StringComparison.Ordinal));
            Assert.All(links, link => Assert.StartsWith("https://", link.Target, StringComparison.Ordinal));
            Assert.All(links.Where(link => IntoRepository().IsMatch(link.Target)), link => Assert.StartsWith($"{Repository.Url}/", $"{link.Target}/", StringComparison.Ordinal));
        }
    }

    [Fact]
    public void The_symbols_of_every_library_are_beside_it()
    {
        foreach (string id in Libraries)
        {
            using ZipArchive symbols = ZipFile.OpenRead(Path.Combine(packages.Folder, $"{id}.{packages.Version}.snupkg"));
            Assert.Contains(symbols.Entries, entry => entry.FullName == $"lib/net10.0/{id}.pdb");
            using ZipArchive package = ZipFile.OpenRead(Path.Combine(packages.Folder, $"{id}.{packages.Version}.nupkg"));
            Assert.Contains(package.Entries, entry => entry.FullName == $"lib/net10.0/{id}.xml");
        }
    }

    [Theory]
    [InlineData("Chappe.Posix")]
    [InlineData("Chappe.Exchange", "Chappe.Posix")]
    [InlineData("Chappe.Tensors", "Chappe.Exchange", "System.Numerics.Tensors")]
    public void A_package_depends_on_nothing_else(string id, params string[] expected)
    {
        using ZipArchive package = ZipFile.OpenRead(Path.Combine(packages.Folder, $"{id}.{packages.Version}.nupkg"));
        Assert.Equal(expected, Metadata(package).Descendants().Where(element => element.Name.LocalName == "dependency").Select(element => element.Attribute("id")!.Value).Order());
    }

    [Theory]
    [InlineData("just in time", "build")]
    [InlineData("trimmed", "publish", "--self-contained", "-p:PublishTrimmed=true")]
    [InlineData("native", "publish", "-p:PublishAot=true")]
    public async Task An_empty_project_exchanges_a_tensor_and_an_image(string how, string verb, params string[] options)
    {
        if (how == "native")
        {
            Command.SkipWithout("cc", "/usr/include/zlib.h");
        }

        string directory = packages.MakeDirectory(how);
        File.Copy(Path.Combine(AppContext.BaseDirectory, "Consumer", "Consumer.csproj.txt"), Path.Combine(directory, "Consumer.csproj"));
        File.Copy(Path.Combine(AppContext.BaseDirectory, "Consumer", "Program.cs.txt"), Path.Combine(directory, "Program.cs"));
        string platform = $"linux-{RuntimeInformation.ProcessArchitecture.ToString().ToLowerInvariant()}";
        string[] target = verb == "publish" ? ["-r", platform] : [];
        string output = await Command.RunAsync(
            directory, "dotnet", [verb, "-c", "Release", "-o", "out", $"-p:ChappeVersion={packages.Version}", "-warnaserror", .. target, .. options]);
        Assert.DoesNotContain("warning IL", output, StringComparison.Ordinal);

        string program = Path.Combine(directory, "out", "Consumer");
        string channel = $"chappe-packages-{Guid.NewGuid():N}";
        Task<string> responder = Command.RunAsync(directory, program, "responder", channel);
        Assert.Equal("tensor 20 × 30: 300\nimage 64 × 48 × 3: 200\n", await Command.RunAsync(directory, program, "requester", channel));
        Assert.Equal("", await responder);
    }

    [Fact]
    public async Task The_tool_installs_and_plays_its_demo()
    {
        string directory = packages.MakeDirectory("tool");
        await Command.RunAsync(directory, "dotnet", "tool", "install", "Chappe.Tool", "--version", packages.Version, "--tool-path", "bin", "--configfile", "nuget.config", "--add-source", packages.Folder);
        string chappe = Path.Combine(directory, "bin", "chappe");
        Assert.StartsWith("0.1.0", await Command.RunAsync(directory, chappe, "--version"), StringComparison.Ordinal);
        await Command.RunAsync(directory, chappe, "demo", "--count", "2", "--out", "received");
        Assert.NotEmpty(Directory.GetFiles(Path.Combine(directory, "received")));
    }

    private static XElement Metadata(ZipArchive package)
    {
        using Stream stream = package.Entries.Single(entry => entry.FullName.EndsWith(".nuspec", StringComparison.Ordinal)).Open();
        return XDocument.Load(stream).Root!.Elements().Single(element => element.Name.LocalName == "metadata");
    }

    private static string Value(XElement metadata, string name) => metadata.Elements().Single(element => element.Name.LocalName == name).Value;

    /// <summary>The address of a repository of that name, whosever it is and wherever.</summary>
    [GeneratedRegex("^https://[^/]+/[^/]+/chappe(?![^/#?])", RegexOptions.IgnoreCase)]
    private static partial Regex IntoRepository();
}
