using System.Text;
using CsCheck;

namespace Chappe.Exchange.Tests;

public sealed class NameListTests
{
    [Fact]
    public void The_names_that_are_sent_are_the_names_that_arrive() =>
        Gen.Char["a /\n.\u00e4\u65e5"].Array[0, 6].Select(characters => new string(characters)).List[0, 20]
            .Sample(names => Assert.Equal(names, NameList.Parse(NameList.Format(names))), iter: 10_000);

    [Fact]
    public void Any_bytes_are_names_or_a_protocol_error() =>
        Gen.Byte[0, 255].Array[0, 50].Sample(bytes =>
        {
            if (bytes.Length > 0 && bytes[^1] != 0)
            {
                Assert.Throws<ProtocolException>(() => NameList.Parse(bytes));
            }
            else
            {
                Assert.Equal(bytes.Count(value => value == 0), NameList.Parse(bytes).Count);
            }
        }, iter: 10_000);

    [Fact]
    public void Each_name_is_ended_by_a_NUL_byte() => Assert.Equal(Encoding.UTF8.GetBytes("a\0\0é\0"), NameList.Format(["a", "", "é"]));
}
