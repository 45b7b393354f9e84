using System.Diagnostics;
using System.Globalization;
using System.Reflection;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Text.RegularExpressions;
using Chappe.Posix;

namespace Chappe.Exchange.Tests;

/// <summary>CTRL is described three times: by the table in docs/protocol.md, by <see cref="ControlPage"/>, and by what a program in C finds there.</summary>
public sealed partial class LayoutTests : ExchangeTest
{
    /// <summary>Where the table says it in the words of the protocol and the code in those of .NET.</summary>
    private static readonly Dictionary<string, string> NamesInCode = new()
    {
        ["length"] = nameof(ControlPage.PageLength),
        ["asked at"] = nameof(ControlPage.AskedAtMilliseconds),
        ["requester pid"] = nameof(ControlPage.RequesterProcessId),
        ["responder pid"] = nameof(ControlPage.ResponderProcessId),
        ["HEAD inode"] = nameof(ControlPage.HeaderInode),
        ["DATA inode"] = nameof(ControlPage.DataInode),
        ["REQ inode"] = nameof(ControlPage.RequestsInode),
        ["RES inode"] = nameof(ControlPage.ResponsesInode),
    };

    private static readonly Field[] Documented = [.. ReadTable()];

    [Fact]
    public unsafe void The_table_in_the_documentation_is_the_layout_in_the_code()
    {
        IEnumerable<(int Offset, string Type, string Name)> code = typeof(ControlPage)
            .GetFields(BindingFlags.Instance | BindingFlags.NonPublic)
            .Select(field => (field.GetCustomAttribute<FieldOffsetAttribute>()!.Value, TypeOf(field), field.Name.ToUpperInvariant()));

        Assert.Equal(Documented.Select(field => (field.Offset, field.Type, field.NameInCode.ToUpperInvariant())), code);
        Assert.Equal(4096, sizeof(ControlPage));
    }

    [Fact]
    public void No_line_of_64_bytes_has_two_writers()
    {
        foreach (IGrouping<int, Field> line in Documented.GroupBy(field => field.Offset / 64))
        {
            // What is written at birth, and the generation beside it, is the requester's.
            Assert.Single(line.Select(field => field.Writer == "birth" ? "requester" : field.Writer).Distinct());
        }
    }

    [Fact]
    public async Task A_program_in_C_written_from_the_table_finds_there_what_it_says()
    {
        string program = CompileReader();
        Requester requester = Own();
        Dictionary<string, string> idle = ReadAsC(program);
        Assert.Equal("67 72 65 80 80 69 0 0", idle["magic"]);
        Assert.Equal("1", idle["version"]);
        Assert.Equal("4096", idle["length"]);
        Assert.Equal("1", idle["generation"]);
        Assert.Equal("0", idle["ticket"]);
        Assert.Equal("2", idle["state"]);
        Assert.Equal($"{Environment.ProcessId}", idle["requester pid"]);
        Assert.Equal(InodeOf($"SEG_{Channel}_HEAD"), idle["HEAD inode"]);
        Assert.Equal(InodeOf($"SEG_{Channel}_DATA"), idle["DATA inode"]);
        Assert.Equal(InodeOf($"sem.SEM_{Channel}_REQ"), idle["REQ inode"]);
        Assert.Equal(InodeOf($"sem.SEM_{Channel}_RES"), idle["RES inode"]);

        ChappePeer responder = await StartResponderAsync();
        ValueTask<Response> answer = requester.RequestAsync("hold 10 1", new RequestOptions { Kind = RequestKind.File });
        await responder.WaitForLineAsync("holding");
        Dictionary<string, string> taken = ReadAsC(program);
        Assert.NotEqual("0", taken["ticket"]);
        Assert.Equal(taken["ticket"], taken["pending"]);
        Assert.Equal(taken["ticket"], taken["taken"]);
        Assert.NotEqual(taken["ticket"], taken["done"]);
        Assert.NotEqual("0", taken["incarnation"]);
        Assert.Equal(taken["incarnation"], taken["taker"]);
        Assert.Equal("1", taken["wants"]);
        Assert.Equal($"{responder.Id}", taken["responder pid"]);

        responder.Tell("go");
        (await answer).Dispose();
        Assert.Equal(taken["ticket"], ReadAsC(program)["done"]);

        requester.Request("tensor").Dispose();
        Dictionary<string, string> described = ReadAsC(program);
        Assert.Equal("0", described["status"]);
        Assert.Equal("4", described["kind"]);
        Assert.Equal("1", described["has description"]);
        Assert.Equal("10", described["element type"]);
        Assert.Equal("2", described["rank"]);
        Assert.Equal("3 5 0 0 0 0 0 0", described["shape"]);
        Assert.Equal("20 4 0 0 0 0 0 0", described["strides"]);
        Assert.Equal("application/x-tensor", Text(described, "media type"));

        Assert.Throws<RequestFailedException>(() => requester.Request("fail Ambiguous which?"));
        Dictionary<string, string> failed = ReadAsC(program);
        Assert.Equal("3", failed["status"]);
        Assert.Equal("5", failed["kind"]);
        Assert.Equal("0", failed["has description"]);
        Assert.Equal("which?", Text(failed, "message"));
    }

    private static IEnumerable<Field> ReadTable()
    {
        string page = File.ReadAllText(Path.Combine(AppContext.BaseDirectory, "protocol.md"));
        string section = page[page.IndexOf("## Layout of CTRL", StringComparison.Ordinal)..page.IndexOf("### Status", StringComparison.Ordinal)];
        return Row().Matches(section).Select(row => new Field(
            int.Parse(row.Groups["offset"].Value, CultureInfo.InvariantCulture),
            row.Groups["type"].Value,
            row.Groups["name"].Value,
            row.Groups["writer"].Value));
    }

    [GeneratedRegex(@"^\| (?<offset>\d+) \| (?<type>[ui]\d+(\[\d+\])?) \| (?<name>[\w ]+) \| (?<writer>\w+) \|", RegexOptions.Multiline)]
    private static partial Regex Row();

    /// <summary>The type as the table writes it.</summary>
    private static string TypeOf(FieldInfo field)
    {
        if (field.Name == nameof(ControlPage.Magic))
        {
            // Read as one word: eight bytes, whatever the order of bytes in a word.
            return "u8[8]";
        }

        FixedBufferAttribute? array = field.GetCustomAttribute<FixedBufferAttribute>();
        Type type = array?.ElementType ?? field.FieldType;
        string sign = type == typeof(long) ? "i" : "u";
        return $"{sign}{Marshal.SizeOf(type) * 8}{(array is null ? "" : $"[{array.Length}]")}";
    }

    /// <summary>A struct with the table's fields in their natural alignment and explicit bytes between them: a compiler that would put one elsewhere refuses.</summary>
    private string CompileReader()
    {
        var fields = new List<string>();
        var checks = new List<string>();
        var prints = new List<string>();
        int end = 0;
        foreach (Field field in Documented.Append(new Field(ControlPage.Length, "u8", "", "")))
        {
            if (field.Offset > end)
            {
                fields.Add($"uint8_t reserved_{end}[{field.Offset - end}];");
            }

            if (field.Name.Length > 0)
            {
                fields.Add($"{field.TypeInC} {field.NameInC}{field.Dimension};");
                checks.Add($"_Static_assert(offsetof(struct control, {field.NameInC}) == {field.Offset}, \"{field.Name}\");");
                prints.Add($"printf(\"{field.Name}\\t\"); for (size_t i = 0; i < {field.Count}; i++) "
                    + $"printf(i ? \" %\" PRId64 : \"%\" PRId64, (int64_t)((const {field.TypeInC} *)&control->{field.NameInC})[i]); puts(\"\");");
            }

            end = field.Offset + (field.Size * field.Count);
        }

        string source = Directory["control.c"];
        File.WriteAllText(source, $$"""
            #define _POSIX_C_SOURCE 200809L
            #include <fcntl.h>
            #include <inttypes.h>
            #include <stddef.h>
            #include <stdio.h>
            #include <sys/mman.h>
            struct control {
                {{string.Join("\n    ", fields)}}
            };
            {{string.Join("\n", checks)}}
            _Static_assert(sizeof(struct control) == {{ControlPage.Length}}, "length");
            int main(int count, char **words) {
                int segment = count == 2 ? shm_open(words[1], O_RDONLY, 0) : -1;
                const struct control *control = mmap(NULL, sizeof *control, PROT_READ, MAP_SHARED, segment, 0);
                if (control == MAP_FAILED)
                    return 1;
                {{string.Join("\n    ", prints)}}
            }
            """);
        return CProgram.Compile(source);
    }

    private Dictionary<string, string> ReadAsC(string program)
    {
        using Process process = Process.Start(new ProcessStartInfo(program, [$"/SEG_{Channel}_CTRL"]) { RedirectStandardOutput = true })!;
        string output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        Assert.Equal(0, process.ExitCode);
        return output.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => line.Split('\t')).ToDictionary(words => words[0], words => words[1]);
    }

    private static string InodeOf(string name)
    {
        using Microsoft.Win32.SafeHandles.SafeFileHandle file = File.OpenHandle($"/dev/shm/{name}");
        return $"{FileStatus.Of(file).Inode}";
    }

    private static string Text(Dictionary<string, string> values, string name) => string.Concat(
        values[name].Split(' ').Take(int.Parse(values[$"{name} length"], CultureInfo.InvariantCulture)).Select(value => (char)int.Parse(value, CultureInfo.InvariantCulture)));

    private sealed record Field(int Offset, string Type, string Name, string Writer)
    {
        internal string NameInCode => NamesInCode.GetValueOrDefault(Name, Name.Replace(" ", "", StringComparison.Ordinal));

        internal string NameInC => Name.Replace(' ', '_');

        internal string TypeInC => Type[0] == 'u' ? $"uint{Size * 8}_t" : $"int{Size * 8}_t";

        internal string Dimension => Type.Contains('[', StringComparison.Ordinal) ? $"[{Count}]" : "";

        internal int Size => int.Parse(Type[1..].Split('[')[0], CultureInfo.InvariantCulture) / 8;

        internal int Count => Type.Contains('[', StringComparison.Ordinal) ? int.Parse(Type.Split('[')[1].TrimEnd(']'), CultureInfo.InvariantCulture) : 1;
    }
}
