namespace Chappe.Exchange;

/// <summary>Whether the peer is trusted not to change a payload while this process uses it.</summary>
public enum PeerTrust
{
    /// <summary>
    /// The peer does not truncate or rewrite a payload in use. Payloads are used in place, without a copy. All values from the peer are still checked.
    /// </summary>
    Trusted = 0,

    /// <summary>
    /// The peer may be hostile. Payloads are copied to and from a private buffer with <c>pread</c> and <c>pwrite</c>, so a peer that truncates or rewrites
    /// one can neither end this process nor change data after it was checked. The price is one copy.
    /// </summary>
    Untrusted = 1,
}
