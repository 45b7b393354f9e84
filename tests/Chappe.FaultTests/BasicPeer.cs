using System.Diagnostics;
using Chappe.FaultPeer;

namespace Chappe.FaultTests;

/// <summary>The C program that speaks only the basic level, compiled once.</summary>
internal static class BasicPeer
{
    public const int OrderlyEnd = 15;

    /// <summary>How many files the basic responders of these tests have.</summary>
    public const int Files = 8;

    /// <summary>Has <see cref="Scene.ExchangeHundredAsync"/> ask for what these responders have.</summary>
    public static readonly string HundredOptions = $"files={Files}";

    private static readonly Lazy<string?> Compiled = new(Compile);

    private static readonly Lazy<string> Served = new(WriteFiles);

    /// <summary>Skips the test without a C compiler; not under CI.</summary>
    public static void Require() =>
        Assert.SkipWhen(Compiled.Value is null && Environment.GetEnvironmentVariable("CI") != "true", "There is no C compiler (cc) to build the basic peer with.");

    public static PeerProcess StartResponder(Scene scene, string options = "") =>
        Start(scene, $"client --channel {scene.Channel} --unlink-on-exit no {options} {Served.Value}");

    public static PeerProcess Start(Scene scene, string arguments) =>
        scene.Add(new PeerProcess(
            Compiled.Value ?? throw new InvalidOperationException("There is no C compiler (cc)."),
            arguments.Split(' ', StringSplitOptions.RemoveEmptyEntries)));

    /// <summary>The line that the basic requester prints of a right answer.</summary>
    public static string RightLine(string name)
    {
        byte[] payload = Payload.Of(name);
        return $"{name} {payload.Length} 0 0 0 {Payload.HashOf(payload):x16}";
    }

    /// <summary>A hundred right exchanges of a responder of ours with a basic requester, and the end of both.</summary>
    public static async Task ExchangeWithARequesterAsync(Scene scene, PeerProcess responder)
    {
        string[] names = [.. Enumerable.Range(0, Files).Select(i => Payload.NameOf("hundred", i))];
        PeerProcess requester = Start(scene, $"server --channel {scene.Channel} --timeout 30 --repeat 13 {string.Join(' ', names)}");
        foreach (string name in names.SelectMany(name => Enumerable.Repeat(name, 13)))
        {
            Assert.Equal(RightLine(name), await requester.HearAsync("hundred"));
        }

        Assert.Equal(0, await requester.EndAsync());
        await responder.AskAsync("close", "closed");
        scene.AssertNothingIsLeft();
    }

    private static string? Compile()
    {
        string program = Path.Combine(AppContext.BaseDirectory, "basic-peer");
        try
        {
            string[] arguments = ["-std=c11", "-O2", "-pthread", Path.Combine(AppContext.BaseDirectory, "basic.c"), "-o", program, "-lrt"];
            using Process compiler = Process.Start("cc", arguments);
            compiler.WaitForExit();
            return compiler.ExitCode == 0 ? program : null;
        }
        catch (System.ComponentModel.Win32Exception)
        {
            return null;
        }
    }

    private static string WriteFiles()
    {
        string directory = Directory.CreateDirectory(Path.Combine(AppContext.BaseDirectory, "served")).FullName;
        string[] names = ["first-777", "wanted-98765", "lost-99000", "after-6000", "first-of-the-next-70000"];
        foreach (string name in names.Concat(Enumerable.Range(0, Files).Select(i => Payload.NameOf("hundred", i))))
        {
            File.WriteAllBytes(Path.Combine(directory, name), Payload.Of(name));
        }

        return directory;
    }
}
