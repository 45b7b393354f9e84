namespace Chappe.Images;

/// <summary>What an <see cref="ImageDirectory"/> sends of an image: the file or its pixels.</summary>
public enum SendPreference
{
    /// <summary>The file's own bytes to a requester of the extended level unless it asks for pixels; pixels to a requester of the basic level, which expects them.</summary>
    Auto,

    /// <summary>Always the file's own bytes.</summary>
    File,

    /// <summary>Always pixels, of whatever is an image.</summary>
    Pixels,
}
