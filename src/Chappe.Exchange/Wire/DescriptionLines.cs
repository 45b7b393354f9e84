namespace Chappe.Exchange;

/// <summary>The fields of CTRL that describe a payload.</summary>
internal static unsafe class DescriptionLines
{
    internal static void Write(ref ControlPage page, in PayloadDescription description)
    {
        page.ElementType = (uint)description.ElementType;
        page.PixelFormat = (uint)description.PixelFormat;
        page.Rank = (uint)description.Rank;
        for (int i = 0; i < PayloadDescription.MaxRank; i++)
        {
            page.Shape[i] = i < description.Rank ? (ulong)description.Shape[i] : 0;
            page.Strides[i] = i < description.Rank ? description.Strides[i] : 0;
        }
    }

    /// <summary>Whether every element that shape and strides can address is inside the payload.</summary>
    internal static bool Fits(in PayloadDescription description, long length)
    {
        if (description.IsUnspecified)
        {
            return true;
        }

        ReadOnlySpan<long> shape = ((ReadOnlySpan<long>)description.Shape)[..description.Rank];
        if (shape.ContainsAnyInRange(long.MinValue, -1))
        {
            return false;
        }

        if (shape.Contains(0))
        {
            return true;
        }

        Int128 lowest = 0, highest = PayloadDescription.SizeOf(description.ElementType);
        if (highest > length)
        {
            return false;
        }

        for (int i = 0; i < shape.Length; i++)
        {
            // A product of two 64-bit numbers fits into 128 bits, but the sum of eight does not, so the bounds are checked after each. Neither bound ever moves back.
            Int128 reach = (Int128)(shape[i] - 1) * description.Strides[i];
            lowest += reach < 0 ? reach : 0;
            highest += reach > 0 ? reach : 0;
            if (lowest < 0 || highest > length)
            {
                return false;
            }
        }

        return true;
    }

    internal static PayloadDescription Read(in ControlPage page)
    {
        // Each field is read once, because the responder may overwrite it during the checks.
        uint elementType = page.ElementType, pixelFormat = page.PixelFormat, rank = page.Rank;
        if (rank > PayloadDescription.MaxRank || elementType > (uint)ElementType.Boolean || pixelFormat > (uint)PixelFormat.Bgra)
        {
            throw new ProtocolException($"The responder's description of its payload has unknown values: element type {elementType}, pixel format {pixelFormat}, rank {rank}.");
        }

        var description = new PayloadDescription
        {
            ElementType = (ElementType)elementType,
            PixelFormat = (PixelFormat)pixelFormat,
            Rank = (int)rank,
        };

        for (int i = 0; i < description.Rank; i++)
        {
            description.Shape[i] = (long)page.Shape[i];
            description.Strides[i] = page.Strides[i];
        }

        return description;
    }
}
