using System.Runtime.CompilerServices;

namespace Chappe.Exchange;

/// <summary>The type of one element of a tensor or one sample of an image. The values are part of the protocol.</summary>
public enum ElementType
{
    /// <summary>Not specified.</summary>
    None = 0,
    /// <summary>8 bits, unsigned.</summary>
    UInt8 = 1,
    /// <summary>8 bits, signed.</summary>
    Int8 = 2,
    /// <summary>16 bits, unsigned.</summary>
    UInt16 = 3,
    /// <summary>16 bits, signed.</summary>
    Int16 = 4,
    /// <summary>32 bits, unsigned.</summary>
    UInt32 = 5,
    /// <summary>32 bits, signed.</summary>
    Int32 = 6,
    /// <summary>64 bits, unsigned.</summary>
    UInt64 = 7,
    /// <summary>64 bits, signed.</summary>
    Int64 = 8,
    /// <summary>IEEE 754 binary16.</summary>
    Float16 = 9,
    /// <summary>IEEE 754 binary32.</summary>
    Float32 = 10,
    /// <summary>IEEE 754 binary64.</summary>
    Float64 = 11,
    /// <summary>bfloat16: the upper half of a binary32.</summary>
    BFloat16 = 12,
    /// <summary>One byte, 0 or 1.</summary>
    Boolean = 13,
}

/// <summary>The order of the samples of one pixel. The values are part of the protocol.</summary>
public enum PixelFormat
{
    /// <summary>Not specified, or not an image.</summary>
    None = 0,
    /// <summary>One sample: grey.</summary>
    Grey = 1,
    /// <summary>Two samples: grey, alpha (not premultiplied).</summary>
    GreyAlpha = 2,
    /// <summary>Three samples: red, green, blue.</summary>
    Rgb = 3,
    /// <summary>Four samples: red, green, blue, alpha (not premultiplied).</summary>
    Rgba = 4,
    /// <summary>Three samples: blue, green, red.</summary>
    Bgr = 5,
    /// <summary>Four samples: blue, green, red, alpha (not premultiplied).</summary>
    Bgra = 6,
}

/// <summary>Up to eight 64-bit numbers, one for each dimension of a tensor.</summary>
[InlineArray(PayloadDescription.MaxRank)]
public struct Dimensions
{
    private long _first;
}

/// <summary>Describes a payload as a tensor or an image, with its element type, shape and strides.</summary>
/// <remarks>An image is a tensor of rank 3: height, width, channels. A single number has rank 0 and an element type. The default value describes nothing.</remarks>
[System.Diagnostics.CodeAnalysis.SuppressMessage("Design", "CA1051", Justification = "An inline array behind a property could not be filled in place.")]
public struct PayloadDescription
{
    /// <summary>The most dimensions that a description can have.</summary>
    public const int MaxRank = 8;

    /// <summary>The type of one element.</summary>
    public ElementType ElementType { get; set; }

    /// <summary>For an image, the order of the samples of a pixel.</summary>
    public PixelFormat PixelFormat { get; set; }

    /// <summary>The number of dimensions, 0 to <see cref="MaxRank"/>.</summary>
    public int Rank { get; set; }

    /// <summary>The length of each dimension in elements, the outermost first.</summary>
    public Dimensions Shape;

    /// <summary>The distance from one element to the next along each dimension, in bytes.</summary>
    public Dimensions Strides;

    /// <summary>Describes an image whose rows are packed and whose top row is first.</summary>
    /// <param name="width">Width in pixels.</param>
    /// <param name="height">Height in pixels.</param>
    /// <param name="channels">Samples per pixel.</param>
    /// <param name="elementType">The type of one sample.</param>
    /// <param name="pixelFormat">The order of the samples.</param>
    public static PayloadDescription Image(long width, long height, int channels, ElementType elementType, PixelFormat pixelFormat)
    {
        var description = new PayloadDescription { ElementType = elementType, PixelFormat = pixelFormat, Rank = 3 };
        int sample = SizeOf(elementType);
        description.Shape[0] = height;
        description.Shape[1] = width;
        description.Shape[2] = channels;
        description.Strides[0] = checked(width * channels * sample);
        description.Strides[1] = (long)channels * sample;
        description.Strides[2] = sample;
        return description;
    }

    /// <summary>Describes a packed tensor in row-major order: elements along the last dimension are adjacent.</summary>
    /// <param name="elementType">The type of one element.</param>
    /// <param name="shape">The length of each dimension in elements, the outermost first; at most <see cref="MaxRank"/>. An empty shape describes a single number.</param>
    /// <exception cref="ArgumentException">There are too many dimensions, a length is negative, or the size in bytes exceeds <see cref="long.MaxValue"/>.</exception>
    public static PayloadDescription Tensor(ElementType elementType, params ReadOnlySpan<long> shape)
    {
        if (shape.Length > MaxRank)
        {
            throw new ArgumentException($"A tensor has at most {MaxRank} dimensions, but the shape has {shape.Length}.", nameof(shape));
        }

        var description = new PayloadDescription { ElementType = elementType, Rank = shape.Length };
        Int128 stride = SizeOf(elementType);
        for (int i = shape.Length - 1; i >= 0; i--)
        {
            description.Shape[i] = shape[i];
            description.Strides[i] = (long)stride;
            stride *= shape[i];
            if (shape[i] < 0 || stride > long.MaxValue)
            {
                throw new ArgumentException($"The shape {string.Join(" × ", shape.ToArray())} has a negative length or is too large for elements of type {elementType}.", nameof(shape));
            }
        }

        return description;
    }

    /// <summary>Whether the description is empty.</summary>
    internal readonly bool IsUnspecified => Rank == 0 && ElementType == ElementType.None;

    /// <summary>The size of one element in bytes; 0 for <see cref="ElementType.None"/>.</summary>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="elementType"/> is unknown.</exception>
    public static int SizeOf(ElementType elementType) => elementType switch
    {
        ElementType.None => 0,
        ElementType.UInt8 or ElementType.Int8 or ElementType.Boolean => 1,
        ElementType.UInt16 or ElementType.Int16 or ElementType.Float16 or ElementType.BFloat16 => 2,
        ElementType.UInt32 or ElementType.Int32 or ElementType.Float32 => 4,
        ElementType.UInt64 or ElementType.Int64 or ElementType.Float64 => 8,
        _ => throw new ArgumentOutOfRangeException(nameof(elementType), elementType, "Unknown element type."),
    };
}
