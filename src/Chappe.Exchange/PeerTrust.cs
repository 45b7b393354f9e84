namespace Chappe.Exchange;

/// <summary>What the other side is trusted with.</summary>
public enum PeerTrust
{
    /// <summary>
    /// Not to truncate or rewrite a payload while it is used: payloads are used in place, without a copy. Everything it says is checked all the same.
    /// </summary>
    Trusted = 0,

    /// <summary>
    /// With nothing: payloads cross by <c>pread</c> and <c>pwrite</c> and a private buffer, so that one that is truncated or rewritten in mid-read can
    /// neither end this process nor change what was checked. It costs a copy.
    /// </summary>
    Untrusted = 1,
}
