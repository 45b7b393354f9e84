namespace Chappe.Exchange;

/// <summary>The four words that stand in HEAD with a response.</summary>
/// <param name="Length">The payload's length in bytes.</param>
/// <param name="Width">The image's width in pixels, 0 for what is no image.</param>
/// <param name="Height">The image's height in pixels, 0 for what is no image.</param>
/// <param name="Channels">Samples per pixel, 0 for what is no image.</param>
public readonly record struct ResponseHeader(long Length, long Width = 0, long Height = 0, long Channels = 0);
