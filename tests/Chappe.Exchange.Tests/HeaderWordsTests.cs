using CsCheck;

namespace Chappe.Exchange.Tests;

public sealed class HeaderWordsTests
{
    /// <summary>What goes wrong once in a hundred thousand is to go wrong here and now.</summary>
    private const int Iterations = 100_000;

    /// <summary>Small numbers, and those around which 64 bits wrap.</summary>
    private static readonly Gen<ulong> Word = Gen.Frequency(
        (4, Gen.ULong[0, 5]),
        (2, Gen.ULong),
        (1, Gen.OneOf(ulong.MaxValue, ulong.MaxValue - 1, 1UL << 63, (1UL << 63) - 1, 1UL << 32, (1UL << 32) - 1, 1UL << 22)));

    private static readonly Gen<HeaderWords> Words = Gen.Select(Word, Word, Word, Word, Gen.Bool, MakeWords);

    [Fact]
    public void A_basic_answer_is_nothing_or_packed_pixels_and_none_of_its_words_is_untouched() =>
        Words.Sample(words =>
        {
            UInt128 pixels = (UInt128)words.Width * words.Height;
            bool isTouched = words.Width != ulong.MaxValue && words.Height != ulong.MaxValue && words.Channels != ulong.MaxValue;
            bool isNoImage = words is { Width: 0, Height: 0, Channels: 0 };
            bool isPacked = pixels <= ulong.MaxValue && pixels * words.Channels == words.Bytes;
            Assert.Equal(isTouched && (isNoImage || isPacked), words.LooksLikeBasicAnswer());
        }, iter: Iterations);

    [Fact]
    public void A_request_never_looks_like_an_answer() =>
        Gen.Int[0, 4096].Sample(length => Assert.False(HeaderWords.ForRequest(length).LooksLikeBasicAnswer()));

    [Fact]
    public void A_header_that_is_sent_is_the_header_that_arrives() =>
        Gen.Select(Gen.Long[0, long.MaxValue], Gen.Long[0, long.MaxValue], Gen.Long[0, long.MaxValue], Gen.Long[0, long.MaxValue])
            .Sample((length, width, height, channels) =>
            {
                var header = new ResponseHeader(length, width, height, channels);
                Assert.True(HeaderWords.For(header).TryToHeader(out ResponseHeader arrived));
                Assert.Equal(header, arrived);
            });

    [Fact]
    public void Words_that_nothing_can_count_with_are_no_header() =>
        Words.Sample(words =>
        {
            bool expected = new[] { words.Bytes, words.Width, words.Height, words.Channels }.All(word => word <= long.MaxValue);
            Assert.Equal(expected, words.TryToHeader(out _));
        }, iter: Iterations);

    /// <summary>Half of them with the bytes that the dimensions ask for, modulo 2^64.</summary>
    private static HeaderWords MakeWords(ulong bytes, ulong width, ulong height, ulong channels, bool isConsistent) =>
        new() { Bytes = isConsistent ? unchecked(width * height * channels) : bytes, Width = width, Height = height, Channels = channels };
}
