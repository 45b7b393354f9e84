namespace Chappe.Exchange;

/// <summary>What a request asks for. A responder of the basic level does not receive it.</summary>
public enum RequestKind
{
    /// <summary>The responder's preference.</summary>
    Any = 0,

    /// <summary>The file's bytes, as stored.</summary>
    File = 1,

    /// <summary>The decoded pixels of an image.</summary>
    Pixels = 2,

    /// <summary>The list of names that the responder serves.</summary>
    List = 3,
}
