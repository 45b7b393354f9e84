namespace Chappe.Exchange;

/// <summary>Maps file name extensions to media types and back.</summary>
internal static class MediaTypes
{
    /// <summary><see cref="ToExtension"/> returns the first extension of a media type.</summary>
    private static readonly (string Extension, string MediaType)[] Known =
    [
        (".jpg", "image/jpeg"), (".jpeg", "image/jpeg"), (".jpe", "image/jpeg"),
        (".png", "image/png"),
        (".webp", "image/webp"),
        (".gif", "image/gif"),
        (".tif", "image/tiff"), (".tiff", "image/tiff"),
        (".avif", "image/avif"),
        (".heic", "image/heic"), (".heif", "image/heif"),
        (".jxl", "image/jxl"),
        (".jp2", "image/jp2"),
        (".svg", "image/svg+xml"),
        (".bmp", "image/bmp"),
        (".ico", "image/vnd.microsoft.icon"),
        (".ppm", "image/x-portable-pixmap"), (".pgm", "image/x-portable-graymap"), (".pfm", "image/x-portable-floatmap"),
        (".hdr", "image/vnd.radiance"),
        (".exr", "image/x-exr"),
        (".mp4", "video/mp4"), (".webm", "video/webm"), (".mkv", "video/x-matroska"),
        (".mp3", "audio/mpeg"), (".wav", "audio/wav"), (".flac", "audio/flac"), (".ogg", "audio/ogg"),
        (".pdf", "application/pdf"),
        (".json", "application/json"),
        (".xml", "application/xml"),
        (".zip", "application/zip"), (".gz", "application/gzip"), (".tar", "application/x-tar"), (".zst", "application/zstd"),
        (".npy", "application/x-npy"),
        (".parquet", "application/vnd.apache.parquet"),
        (".wasm", "application/wasm"),
        (".js", "text/javascript"),
        (".html", "text/html"), (".htm", "text/html"),
        (".css", "text/css"),
        (".csv", "text/csv"),
        (".md", "text/markdown"),
        (".txt", "text/plain"),
        (".bin", "application/octet-stream"),
    ];

    private static readonly Dictionary<string, string> ByExtension =
        Known.ToDictionary(pair => pair.Extension, pair => pair.MediaType, StringComparer.OrdinalIgnoreCase);

    private static readonly Dictionary<string, string> ByMediaType =
        Known.GroupBy(pair => pair.MediaType).ToDictionary(group => group.Key, group => group.First().Extension, StringComparer.OrdinalIgnoreCase);

    /// <summary>Returns the media type for the extension of a file name, such as <c>image/jpeg</c> for <c>apple.jpg</c>; null if it is unknown.</summary>
    public static string? FromName(string name) => ByExtension.GetValueOrDefault(Path.GetExtension(name));

    /// <summary>Returns the usual extension for a media type, with its dot, such as <c>.jpg</c> for <c>image/jpeg</c>; null if it is unknown.</summary>
    public static string? ToExtension(string mediaType) => ByMediaType.GetValueOrDefault(mediaType);
}
