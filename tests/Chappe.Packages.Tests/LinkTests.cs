namespace Chappe.Packages.Tests;

/// <summary>Every link of the pages to a file of the repository, or to an anchor in a page, leads there. What is elsewhere is not asked for.</summary>
public sealed class LinkTests
{
    [Fact]
    public void Every_link_into_the_repository_leads_to_a_file_and_an_anchor()
    {
        var tree = new LinkedTree(Repository.Root, Repository.Url);
        Assert.True(tree.Pages.Count > 10, "The pages were not found.");
        Assert.True(tree.Pages.Values.Sum(page => page.Links.Count) > 50, "The links were not found.");
        Assert.Empty(tree.BrokenLinks());
    }

    [Fact]
    public void Links_that_lead_nowhere_are_found()
    {
        string directory = Directory.CreateTempSubdirectory("chappe-links-").FullName;
        string root = Path.Combine(directory, "repository");
        try
        {
            Directory.CreateDirectory(Path.Combine(root, "docs"));
            File.WriteAllText(Path.Combine(root, "docs", "guide.md"), "# C, C++ and `Python`\n\n## Twice\n\n## Twice\n\n<a id=\"by-hand\"></a>\n\n[up](../README.md#start)\n");
            File.WriteAllText(Path.Combine(root, "README.md"), """
                # Start
                [file](docs/guide.md) [folder](docs/) [anchor](#start) [anchors](docs/guide.md#c-c-and-python), [twice](docs/guide.md#twice-1), [here](docs/guide.md#by-hand)
                [page](https://forge.example/us/it/blob/main/docs/guide.md#twice) ![elsewhere](https://example.com/nothing.png) `[code](nothing.md)`
                [1](docs/gone.md) ![2](gone.png) [3](#gone) [4](docs/guide.md#gone) [5](Docs/guide.md) [6](../outside.md) [7](/docs/guide.md)
                [8](https://forge.example/us/it/blob/main/docs/gone.md) [9](https://forge.example/us/it/blob/main/docs/guide.md#gone) [10](https://forge.example/us/it/blob/old/docs/guide.md)
                [11][reference] <img src="gone.svg">

                [reference]: docs/gone.txt
                """);
            File.WriteAllText(Path.Combine(directory, "outside.md"), "");
            Assert.Equal(
                [
                    "README.md:4: docs/gone.md", "README.md:4: gone.png", "README.md:4: #gone", "README.md:4: docs/guide.md#gone", "README.md:4: Docs/guide.md",
                    "README.md:4: ../outside.md", "README.md:4: /docs/guide.md",
                    "README.md:5: https://forge.example/us/it/blob/main/docs/gone.md", "README.md:5: https://forge.example/us/it/blob/main/docs/guide.md#gone",
                    "README.md:5: https://forge.example/us/it/blob/old/docs/guide.md",
                    "README.md:6: docs/gone.txt", "README.md:1: gone.svg",
                ],
                new LinkedTree(root, "https://forge.example/us/it").BrokenLinks().Select(link => $"{link}"));
        }
        finally
        {
            Directory.Delete(directory, recursive: true);
        }
    }
}
