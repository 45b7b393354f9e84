namespace Chappe.Tool;

/// <summary>Reports each exchange when it is over.</summary>
internal interface IExchangeOutput
{
    void Write(ExchangeRecord exchange);
}
