namespace Chappe.Exchange;

/// <summary>A private copy of the request that a responder has taken. A responder reuses one object for all requests.</summary>
internal sealed class TakenRequest
{
    private readonly byte[] _name = new byte[Limits.NameLength];
    private int _nameLength;

    internal ReadOnlySpan<byte> Name => _name.AsSpan(0, _nameLength);

    internal RequestKind Kind { get; set; }

    /// <summary>Whether the requester accepts a streamed payload.</summary>
    internal bool MayStream { get; set; }

    /// <summary>Copies the name from DATA.</summary>
    /// <param name="home">The home that carries the request.</param>
    /// <param name="allowsNone">Whether the name may be empty.</param>
    /// <param name="trust">Whether the requester is trusted not to truncate DATA during the copy.</param>
    /// <param name="lengthMayHaveChanged">Whether to query the length of DATA.</param>
    /// <returns>False if the length in HEAD is invalid, or DATA is shorter.</returns>
    internal bool TryCopyName(Home home, bool allowsNone, PeerTrust trust, bool lengthMayHaveChanged)
    {
        ulong length = home.Words.Bytes;
        if (length > Limits.NameLength || (length == 0 && !allowsNone))
        {
            return false;
        }

        _nameLength = (int)length;
        if (trust == PeerTrust.Untrusted)
        {
            return home.Data.Read(0, _name.AsSpan(0, _nameLength)) == _nameLength;
        }

        if (lengthMayHaveChanged || _nameLength > home.Data.KnownLength)
        {
            _ = home.Data.GetStatus();
        }

        if (_nameLength > home.Data.KnownLength)
        {
            return false;
        }

        home.Data.GetSpan(0, _nameLength).CopyTo(_name);
        return true;
    }
}
