namespace Chappe.Exchange;

/// <summary>The kind of a payload.</summary>
public enum PayloadKind
{
    /// <summary>There is no payload.</summary>
    None = 0,

    /// <summary>A file's bytes, as stored.</summary>
    File = 1,

    /// <summary>Decoded pixels: rows packed, top first.</summary>
    Pixels = 2,

    /// <summary>A list of names in UTF-8, each terminated by a NUL byte.</summary>
    List = 3,

    /// <summary>Bytes of any other kind.</summary>
    Bytes = 4,

    /// <summary>There is no payload: the request failed with a status.</summary>
    Error = 5,
}
