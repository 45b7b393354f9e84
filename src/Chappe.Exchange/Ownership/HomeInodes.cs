namespace Chappe.Exchange;

/// <summary>The inodes of the four objects of a home.</summary>
internal readonly record struct HomeInodes(ulong Header, ulong Data, ulong Requests, ulong Responses)
{
    /// <summary>The inodes that CTRL contains. Any process of the channel may have written them.</summary>
    internal static HomeInodes In(in ControlPage page) => new(page.HeaderInode, page.DataInode, page.RequestsInode, page.ResponsesInode);

    internal void WriteTo(ref ControlPage page) =>
        (page.HeaderInode, page.DataInode, page.RequestsInode, page.ResponsesInode) = (Header, Data, Requests, Responses);
}
