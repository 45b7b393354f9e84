using System.Text;
using System.Text.Json;
using Chappe.Exchange;

namespace Chappe.Tool.Tests;

public class JsonOutputTests
{
    [Fact]
    public void An_exchange_that_went_well_has_these_properties_in_this_order() => Assert.Equal(
        """{"name":"apple","ok":true,"status":"ok","bytes":12,"width":2,"height":2,"channels":3,"kind":"file","mediaType":"image/jpeg","microseconds":35,"file":"received/apple.jpg"}""" + "\n",
        Write(new ExchangeRecord("apple", true, "ok", 12, 2, 2, 3, "file", "image/jpeg", 35, "received/apple.jpg", null)));

    [Fact]
    public void One_that_failed_has_a_message_last() => Assert.Equal(
        """{"name":"nope","ok":false,"status":"not-found","bytes":0,"width":0,"height":0,"channels":0,"kind":"error","mediaType":null,"microseconds":7,"file":null,"message":"There is no nope."}""" + "\n",
        Write(ExchangeRecord.Failed("nope", "not-found", "There is no nope.", TimeSpan.FromMicroseconds(7))));

    [Fact]
    public void A_name_with_a_line_break_stays_on_one_line_and_comes_back_as_it_was()
    {
        string line = Write(ExchangeRecord.Failed("a\nb \"é\" \u001b", "timeout", "", TimeSpan.Zero));

        Assert.Equal(line.Length - 1, line.IndexOf('\n', StringComparison.Ordinal));
        using JsonDocument parsed = JsonDocument.Parse(line);
        Assert.Equal("a\nb \"é\" \u001b", parsed.RootElement.GetProperty("name").GetString());
    }

    [Fact]
    public void Invisible_characters_of_a_name_are_escaped_and_come_back_as_they_were()
    {
        const string Name = "a\u202eb\u2066 \U000E0041 می\u200cخواهم";

        string line = Write(ExchangeRecord.Failed(Name, "timeout", "", TimeSpan.Zero));

        Assert.StartsWith("""{"name":"a\u202Eb\u2066 \uDB40\uDC41 می""", line, StringComparison.Ordinal);
        using JsonDocument parsed = JsonDocument.Parse(line);
        Assert.Equal(Name, parsed.RootElement.GetProperty("name").GetString());
    }

    [Fact]
    public void Every_status_has_a_name_of_its_own_in_lower_case()
    {
        string[] names = [.. Enum.GetValues<ResponseStatus>().Select(StatusText.Of)];

        Assert.Equal(names.Length, names.Distinct().Count());
        Assert.All(names, name => Assert.Matches("^[a-z]+(-[a-z]+)*$", name));
    }

    [Fact]
    public void What_a_responder_served_is_written_in_the_same_shape()
    {
        var served = new ServedRequest("apple", ResponseStatus.Ok, null, new ResponseHeader(12, 2, 2, 3), PayloadKind.Pixels, null, ExchangeLevel.Basic, TimeSpan.FromMicroseconds(9.6));

        Assert.Equal(
            """{"name":"apple","ok":true,"status":"ok","bytes":12,"width":2,"height":2,"channels":3,"kind":"pixels","mediaType":null,"microseconds":10,"file":null}""" + "\n",
            Write(ExchangeRecord.Served(served)));
    }

    private static string Write(ExchangeRecord exchange)
    {
        using var stream = new MemoryStream();
        new JsonOutput(stream).Write(exchange);
        return Encoding.UTF8.GetString(stream.ToArray());
    }
}
