namespace Chappe.Exchange;

/// <summary>Which four files a home is made of.</summary>
internal readonly record struct HomeInodes(ulong Header, ulong Data, ulong Requests, ulong Responses)
{
    /// <summary>As CTRL says, which any process of the channel may write.</summary>
    internal static HomeInodes In(in ControlPage page) => new(page.HeaderInode, page.DataInode, page.RequestsInode, page.ResponsesInode);

    internal void WriteTo(ref ControlPage page) =>
        (page.HeaderInode, page.DataInode, page.RequestsInode, page.ResponsesInode) = (Header, Data, Requests, Responses);
}
