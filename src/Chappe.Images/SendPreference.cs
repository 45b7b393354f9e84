namespace Chappe.Images;

/// <summary>What an <see cref="ImageDirectory"/> sends for an image.</summary>
public enum SendPreference
{
    /// <summary>The file to a requester of the extended level, unless it asks for pixels. Pixels to a requester of the basic level, which expects them.</summary>
    Auto,

    /// <summary>Always the file.</summary>
    File,

    /// <summary>Pixels of every image.</summary>
    Pixels,
}
