using System.Globalization;

namespace Chappe.Benchmarks;

/// <summary>What is done in one exchange.</summary>
internal enum WorkKind : byte
{
    /// <summary>8 bytes there, 8 bytes back.</summary>
    Exchange = 1,

    /// <summary>The payload is handed over and not read; where the transport allows it, not even written again.</summary>
    HandedOver,

    /// <summary>The payload is written from a warm private buffer, and summed by the reader.</summary>
    Written,

    /// <summary>The payload is a file in the page cache, and summed by the reader.</summary>
    File,

    /// <summary>The payload is the pixels of a JPEG, and not read.</summary>
    Pixels,

    /// <summary>The payload is what the answering process has allocated: see <see cref="AllocatedBytes"/>.</summary>
    Allocated,
}

/// <summary>One piece of work, the same for every contender.</summary>
internal readonly record struct Work(WorkKind Kind, long Size)
{
    public const long Kilobyte = 1 << 10;
    public const long Megabyte = 1 << 20;
    public const long Gigabyte = 1 << 30;

    /// <summary>1920 × 1080 pixels of three bytes.</summary>
    public const long Frame = 1920 * 1080 * 3;

    public static readonly Work Exchange = new(WorkKind.Exchange, sizeof(ulong));

    public bool IsRead => Kind is WorkKind.Written or WorkKind.File;

    public string Name => Kind switch
    {
        WorkKind.Exchange => "exchange 8 B",
        WorkKind.HandedOver => $"handed over {SizeName}",
        WorkKind.Written => $"written and read {SizeName}",
        WorkKind.File => $"file read {SizeName}",
        WorkKind.Pixels => "JPEG of 12 megapixels as pixels",
        _ => Kind.ToString(),
    };

    public string SizeName => Size switch
    {
        Frame => "6.2 MB",
        >= 1 << 30 => Invariant($"{Size >> 30} GiB"),
        >= Megabyte => Invariant($"{Size >> 20} MiB"),
        >= Kilobyte => Invariant($"{Size >> 10} KiB"),
        _ => Invariant($"{Size} B"),
    };

    /// <summary>Both in one word, as it crosses to the other process.</summary>
    public ulong Word => ((ulong)Kind << 56) | (ulong)Size;

    public static Work FromWord(ulong word) => new((WorkKind)(word >> 56), (long)(word & ((1UL << 56) - 1)));

    private static string Invariant(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
