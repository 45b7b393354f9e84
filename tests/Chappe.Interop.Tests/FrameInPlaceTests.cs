using System.Globalization;
using System.Numerics.Tensors;
using System.Runtime.CompilerServices;
using Chappe.Exchange;
using Chappe.Tensors;

namespace Chappe.Interop.Tests;

/// <summary>A camera's frame, from the memory that a program in C wrote it to.</summary>
public sealed class FrameInPlaceTests
{
    private const int Width = 1920, Height = 1080, Channels = 3;
    private const string Name = "frame 1";

    /// <summary>What numpy shows has to lie in the mapping of DATA itself: of /dev/shm, whatever name the file had when it was opened.</summary>
    private const string PythonRequester =
        """
        import hashlib, sys
        sys.path.insert(0, sys.argv[1])
        import chappe
        with chappe.Server(sys.argv[2]) as requester:
            print("open", flush=True)
            with requester.ask(sys.argv[3], timeout=60) as response:
                frame = response.array()
                address = frame.__array_interface__["data"][0]
                with open("/proc/self/maps") as maps:
                    inside = any("/dev/shm/" in line and int(line.split("-")[0], 16) <= address and address + frame.nbytes <= int(line.split("-")[1].split()[0], 16) for line in maps)
                print("array", frame.shape, frame.dtype, frame.strides, "in-place" if inside else "copied", hashlib.sha256(frame).hexdigest(), flush=True)
                del frame
        """;

    [Fact]
    public async Task A_frame_that_C_wrote_is_a_tensor_span_in_place()
    {
        using var scene = new Scene();
        using Requester requester = Requester.Create(scene.Channel);
        ResponderPeer responder = scene.StartResponder("C", string.Create(CultureInfo.InvariantCulture, $"--frame {Width}x{Height}x{Channels}"));
        using (Response response = await requester.RequestAsync(Name, TestContext.Current.CancellationToken))
        {
            AssertFrameInPlace(response);
        }

        await responder.CloseAsync();
    }

    [Fact]
    public async Task A_frame_that_C_wrote_is_a_numpy_array_in_Python_in_place()
    {
        string? python = await NumpyAsync();
        Assert.False(python is null && Environment.GetEnvironmentVariable("CI") == "true", "CI must have a Python with numpy (python3-numpy).");
        Assert.SkipWhen(python is null, "There is no Python with numpy.");

        using var scene = new Scene();
        using var requester = new PeerProcess([python, "-c", PythonRequester, Programs.Source("python"), scene.Channel, Name]);
        await requester.HearAsync("open");
        ResponderPeer responder = scene.StartResponder("C", string.Create(CultureInfo.InvariantCulture, $"--frame {Width}x{Height}x{Channels}"));
        byte[] frame = AnswerTests.FrameOf(Name, Width * Height * Channels);
        string hash = Convert.ToHexStringLower(System.Security.Cryptography.SHA256.HashData(frame));
        Assert.Equal($"array ({Height}, {Width}, {Channels}) uint8 ({Width * Channels}, {Channels}, 1) in-place {hash}", await requester.HearAsync("array"));
        Assert.Equal(0, await requester.EndAsync());
        await responder.CloseAsync();
        Assert.Empty(scene.Names());
    }

    private static void AssertFrameInPlace(Response response)
    {
        ReadOnlyTensorSpan<byte> tensor = response.AsTensor<byte>();
        Assert.Equal([Height, Width, Channels], tensor.Lengths.ToArray());
        Assert.True(Unsafe.AreSame(in tensor[0, 0, 0], in response.Span[0]), "The tensor's first element is not where the payload begins.");
        byte[] frame = AnswerTests.FrameOf(Name, Width * Height * Channels);
        Assert.True(response.Span.SequenceEqual(frame));
        Assert.Equal(frame[(((500 * Width) + 600) * Channels) + 2], tensor[500, 600, 2]);
    }

    private static async Task<string?> NumpyAsync()
    {
        foreach (string python in (string[])["python3", "/usr/bin/python3"])
        {
            if (File.Exists(python) || Programs.HasCommand(python))
            {
                using var look = new PeerProcess([python, "-c", "import numpy"]);
                if (await look.EndAsync() == 0)
                {
                    return python;
                }
            }
        }

        return null;
    }
}
