using System.Text;
using CsCheck;

namespace Chappe.Posix.Tests;

public class NameTests
{
    private const string Parameter = "name";

    [Theory]
    [InlineData("")]
    [InlineData("/")]
    [InlineData("//frames")]
    [InlineData("/a/b")]
    [InlineData("a/")]
    [InlineData(".")]
    [InlineData("/..")]
    [InlineData("/a\0b")]
    public void What_is_no_name_is_refused_everywhere_before_libc_sees_it(string name)
    {
        Assert.Throws<ArgumentException>(Parameter, () => NamedSemaphore.Create(name));
        Assert.Throws<ArgumentException>(Parameter, () => NamedSemaphore.OpenExisting(name));
        Assert.Throws<ArgumentException>(Parameter, () => NamedSemaphore.OpenOrCreate(name));
        Assert.Throws<ArgumentException>(Parameter, () => NamedSemaphore.TryOpenExisting(name, out _));
        Assert.Throws<ArgumentException>(Parameter, () => NamedSemaphore.Delete(name));
        Assert.Throws<ArgumentException>(Parameter, () => NamedSemaphore.TryGetStatus(name, out _));
        Assert.Throws<ArgumentException>(Parameter, () => SharedMemory.Create(name, 1));
        Assert.Throws<ArgumentException>(Parameter, () => SharedMemory.OpenExisting(name));
        Assert.Throws<ArgumentException>(Parameter, () => SharedMemory.OpenOrCreate(name, 1));
        Assert.Throws<ArgumentException>(Parameter, () => SharedMemory.TryOpenExisting(name, out _));
        Assert.Throws<ArgumentException>(Parameter, () => SharedMemory.Delete(name));
        Assert.Throws<ArgumentException>(Parameter, () => SharedMemory.TryGetStatus(name, out _));
        using var unnamed = SharedMemory.CreateUnnamed("/unnamed", 1);
        Assert.Throws<ArgumentException>(Parameter, () => unnamed.Publish(name));
    }

    [Fact]
    public void Half_a_surrogate_pair_is_refused_since_it_would_become_another_name()
    {
        // No InlineData: an attribute's text is UTF-8, which cannot say it.
        string name = TestName.RunPrefix + "\ud83d";
        Assert.Throws<ArgumentException>(Parameter, () => NamedSemaphore.Create(name));
        Assert.Throws<ArgumentException>(Parameter, () => SharedMemory.Create(name, 1));
    }

    [Fact]
    public void The_longest_names_work_and_one_byte_more_is_refused()
    {
        using var name = new TestName();
        string longest = name.Value.PadRight(1 + 251, 'x');
        NamedSemaphore.Create(longest).Dispose();
        Assert.True(NamedSemaphore.Delete(longest));
        Assert.Throws<ArgumentException>(Parameter, () => NamedSemaphore.Create(longest + "x"));

        longest = name.Value.PadRight(1 + 255, 'x');
        SharedMemory.Create(longest, 1).Dispose();
        SharedMemory.OpenExisting(longest).Dispose();
        Assert.True(SharedMemory.Delete(longest));
        Assert.Throws<ArgumentException>(Parameter, () => SharedMemory.Create(longest + "x", 1));
    }

    [Fact]
    public void A_name_in_any_script_works()
    {
        using var name = new TestName();
        string accented = name + "-sémaphore-信号-🚦";
        using var made = NamedSemaphore.Create(accented, 1);
        using var opened = NamedSemaphore.OpenExisting(accented);
        Assert.True(opened.TryWait());
        Assert.True(NamedSemaphore.Delete(accented));
    }

    [Fact]
    public void A_name_is_accepted_if_and_only_if_it_is_one_file_name_of_at_most_so_many_bytes() =>
        Gen.String.Sample(name =>
        {
            string bare = name.StartsWith('/') ? name[1..] : name;
            bool isGood = bare is not ("" or "." or "..")
                && bare.AsSpan().IndexOfAny('/', '\0') < 0
                && IsText(bare)
                && Encoding.UTF8.GetByteCount(bare) <= 255;
            return isGood ? PosixName.ForSegment(name) == "/" + bare : Throws(() => PosixName.ForSegment(name));
        });

    [Fact]
    public void Names_near_the_limit_are_counted_in_bytes_with_the_prefix_of_semaphores() =>
        Gen.Select(Gen.Int[60, 130], Gen.OneOf("a", "é", "信", "🚦")).Sample((count, character) =>
        {
            string name = string.Concat(Enumerable.Repeat(character, count));
            int bytes = Encoding.UTF8.GetByteCount(name);
            return Throws(() => PosixName.ForSemaphore(name)) == (bytes > 251) && Throws(() => PosixName.ForSegment(name)) == (bytes > 255);
        });

    private static bool IsText(string text)
    {
        for (int i = 0; i < text.Length; i++)
        {
            if (char.IsSurrogate(text[i]) && (i + 1 == text.Length || !char.IsSurrogatePair(text[i], text[++i])))
            {
                return false;
            }
        }

        return true;
    }

    private static bool Throws(Func<string> action)
    {
        try
        {
            action();
            return false;
        }
        catch (ArgumentException)
        {
            return true;
        }
    }
}
