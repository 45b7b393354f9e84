namespace Chappe.Exchange;

/// <summary>What a request asks for. Only a responder of the extended level can see it.</summary>
public enum RequestKind
{
    /// <summary>Whatever the responder prefers to send.</summary>
    Any = 0,

    /// <summary>The bytes of the file as they are stored.</summary>
    File = 1,

    /// <summary>The decoded pixels of an image.</summary>
    Pixels = 2,

    /// <summary>The names that the responder serves.</summary>
    List = 3,
}
