namespace Chappe.Exchange;

/// <summary>The four values in HEAD that accompany a response.</summary>
/// <param name="Length">The payload's length in bytes.</param>
/// <param name="Width">The image's width in pixels; 0 if the payload is not an image.</param>
/// <param name="Height">The image's height in pixels; 0 if the payload is not an image.</param>
/// <param name="Channels">The number of samples per pixel; 0 if the payload is not an image.</param>
public readonly record struct ResponseHeader(long Length, long Width = 0, long Height = 0, long Channels = 0);
