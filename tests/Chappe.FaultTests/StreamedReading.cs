using System.Buffers;
using Chappe.Exchange;
using Chappe.FaultPeer;

namespace Chappe.FaultTests;

/// <summary>The ways to read a response.</summary>
public enum Reading
{
    Stream,
    StreamAsync,
    Copy,
    Pieces,
    Span,
    Memory,
    Sequence,
    Pointer,
}

/// <summary>A requester in the test's own process that reads along, and a responder that writes piece by piece in another.</summary>
internal static class StreamedReading
{
    public const string Name = "big-8388608";

    /// <summary>Where a responder that was told to pause does.</summary>
    public const int Pause = 16 * StreamedAnswer.PieceLength;

    public static readonly RequestOptions Streamed = new() { Streams = true };

    public static readonly string Pausing = $"stream=1 pause-at={Pause}";

    public static Requester Own(Scene scene, PeerTrust trust = PeerTrust.Trusted) =>
        Requester.Create(scene.Channel, new RequesterOptions { Timeout = TimeSpan.FromSeconds(60), Trust = trust });

    public static void AssertRight(Response response, string name = Name, Reading reading = Reading.Stream) =>
        Assert.True(Payload.IsRight(name, Read(response, reading)), $"'{name}' by {reading} is wrong.");

    public static byte[] Read(Response response, Reading reading)
    {
        byte[] payload = new byte[response.Length];
        using Stream stream = response.AsStream();
        switch (reading)
        {
            case Reading.Stream:
                stream.ReadExactly(payload);
                Assert.Equal(-1, stream.ReadByte());
                break;

            case Reading.Copy:
                stream.CopyTo(new MemoryStream(payload));
                break;

            case Reading.Pieces:
                for (int offset = 0; offset < payload.Length; offset += 10_000)
                {
                    response.GetSpan(offset, Math.Min(10_000, payload.Length - offset)).CopyTo(payload.AsSpan(offset));
                }

                break;

            case Reading.Span:
                response.Span.CopyTo(payload);
                break;

            case Reading.Memory:
                response.Memory.CopyTo(payload);
                break;

            case Reading.Sequence:
                response.AsSequence().CopyTo(payload);
                break;

            case Reading.Pointer:
                unsafe
                {
                    new ReadOnlySpan<byte>(response.GetPointer(), payload.Length).CopyTo(payload);
                }

                break;

            default:
                throw new ArgumentOutOfRangeException(nameof(reading), reading, "This one waits: see ReadAsync.");
        }

        return payload;
    }

    public static async Task<byte[]> ReadAsync(Response response)
    {
        byte[] payload = new byte[response.Length];
        await using Stream stream = response.AsStream();
        await stream.ReadExactlyAsync(payload);
        Assert.Equal(0, await stream.ReadAsync(new byte[1]));
        return payload;
    }

    /// <summary>Exchanges after a fault, streamed and whole: each byte is right.</summary>
    public static async Task AssertGoesOnAsync(Requester requester)
    {
        for (int i = 0; i < 100; i++)
        {
            string name = Payload.NameOf("after", i);
            using Response response = await requester.RequestAsync(name, new RequestOptions { Streams = i % 2 == 0 });
            Assert.True(Payload.IsRight(name, response.Span), $"'{name}' is wrong.");
        }
    }

    public static async Task EndAsync(Scene scene, Requester requester, params PeerProcess[] responders)
    {
        await AssertGoesOnAsync(requester);
        requester.Dispose();
        foreach (PeerProcess responder in responders)
        {
            await responder.AskAsync("close", "closed");
        }

        scene.AssertNothingIsLeft();
    }
}
