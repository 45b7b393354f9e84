namespace Chappe.Exchange;

/// <summary>What a payload is.</summary>
public enum PayloadKind
{
    /// <summary>Nothing was sent.</summary>
    None = 0,

    /// <summary>The bytes of a file as they are stored.</summary>
    File = 1,

    /// <summary>Decoded pixels: rows packed, top first.</summary>
    Pixels = 2,

    /// <summary>Names, each in UTF-8 and ended by a NUL byte.</summary>
    List = 3,

    /// <summary>Bytes that a program made.</summary>
    Bytes = 4,

    /// <summary>No payload: the request failed, and the status says how.</summary>
    Error = 5,
}
