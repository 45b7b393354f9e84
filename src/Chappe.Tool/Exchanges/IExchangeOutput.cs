namespace Chappe.Tool;

/// <summary>Where each exchange is reported, as soon as it is over.</summary>
internal interface IExchangeOutput
{
    void Write(ExchangeRecord exchange);
}
