namespace Chappe.Exchange;

/// <summary>A request that a responder has taken, copied out of shared memory. One object serves all requests of a responder.</summary>
internal sealed class TakenRequest
{
    private readonly byte[] _name = new byte[Limits.NameLength];
    private int _nameLength;

    internal ReadOnlySpan<byte> Name => _name.AsSpan(0, _nameLength);

    internal RequestKind Kind { get; set; }

    /// <summary>Whether the requester reads a payload while it is written.</summary>
    internal bool MayStream { get; set; }

    /// <summary>Copies the name from DATA; false if HEAD gives it a length that it cannot have, or that DATA does not have.</summary>
    /// <param name="home">Where the request is.</param>
    /// <param name="allowsNone">Whether the request needs no name.</param>
    /// <param name="trust">Whether DATA keeps its length while it is read.</param>
    /// <param name="lengthMayHaveChanged">Whether the length of DATA has to be looked up.</param>
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
