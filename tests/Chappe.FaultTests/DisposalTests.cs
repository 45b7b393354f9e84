using System.Diagnostics;
using Chappe.Exchange;

namespace Chappe.FaultTests;

/// <summary>A side that is disposed on one thread while another moves it to other objects, on which nothing was disposed yet.</summary>
public sealed class DisposalTests
{
    private static readonly ResponderOptions Options = new() { Timeout = Scene.BoundWithStart };

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_responder_that_is_disposed_while_it_attaches_ends_its_receive_and_leaves_the_channel_to_the_next(bool synchronously)
    {
        using var scene = new Scene();
        PeerProcess first = await scene.RequesterAsync();
        using Responder responder = Responder.Open(scene.Channel, Options, TestContext.Current.CancellationToken);
        await first.AskAsync("close", "closed");
        Held held = Receive(responder, Step.AttachOpened, synchronously);
        PeerProcess requester = await scene.RequesterAsync();
        await AssertEndsAsync(held, responder, scene, requester);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_responder_that_is_disposed_while_it_follows_its_requester_ends_its_receive_and_leaves_the_channel_to_the_next(bool synchronously)
    {
        using var scene = new Scene();
        PeerProcess requester = await scene.RequesterAsync();
        using Responder responder = Responder.Open(scene.Channel, Options, TestContext.Current.CancellationToken);
        Held held = Receive(responder, Step.FollowOpened, synchronously);
        await requester.AskAsync("reset", "reset");
        await AssertEndsAsync(held, responder, scene, requester);
    }

    [Fact]
    public async Task Of_many_responders_that_are_disposed_just_after_a_reset_none_goes_on_waiting()
    {
        const int Rounds = 1_500;
        const int MostMicroseconds = 400;
        using var scene = new Scene();
        using Requester requester = Requester.Create(scene.Channel);
        for (int i = 0; i < Rounds; i++)
        {
            using Responder responder = Responder.Open(scene.Channel, Options, TestContext.Current.CancellationToken);
            Task receiving = Receive(responder, synchronously: false);
            requester.Reset();
            long start = Stopwatch.GetTimestamp();
            SpinWait.SpinUntil(() => Stopwatch.GetElapsedTime(start) > TimeSpan.FromMicroseconds(i % MostMicroseconds));
            responder.Dispose();
            await AssertIsDisposedAsync(receiving);
        }

        Assert.False(requester.IsResponderAttached);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_requester_that_is_disposed_while_it_moves_ends_its_request_and_leaves_nothing(bool synchronously)
    {
        using var scene = new Scene();
        using Requester requester = Requester.Create(scene.Channel);
        File.Delete($"/dev/shm/SEG_{scene.Channel}_HEAD");
        var held = new Held(Step.HomeStateWritten);
        held.Waiting = Task.Run(
            async () =>
            {
                FaultHook.Reached = held.Pass;
                (synchronously ? requester.Request("anything") : await requester.RequestAsync("anything")).Dispose();
            },
            TestContext.Current.CancellationToken);
        await held.ReachedAsync();

        // It waits for the other thread to be done with the home.
        Task disposing = Task.Run(requester.Dispose, TestContext.Current.CancellationToken);
        await Scene.UntilAsync(() => Record.Exception(() => requester.IsResponderAttached) is ObjectDisposedException);
        held.GoOn();
        await AssertIsDisposedAsync(held.Waiting);
        await disposing.WaitAsync(Scene.BoundWithStart, TestContext.Current.CancellationToken);
        scene.AssertNothingIsLeft();
    }

    private static Held Receive(Responder responder, Step step, bool synchronously)
    {
        var held = new Held(step);
        held.Waiting = Task.Run(() =>
        {
            FaultHook.Reached = held.Pass;
            return Receive(responder, synchronously);
        });
        return held;
    }

    private static Task<Request> Receive(Responder responder, bool synchronously) =>
        synchronously ? Task.Run(() => responder.Receive(CancellationToken.None)) : responder.ReceiveAsync(CancellationToken.None).AsTask();

    private static async Task AssertEndsAsync(Held held, Responder responder, Scene scene, PeerProcess requester)
    {
        await held.ReachedAsync();
        responder.Dispose();
        held.GoOn();
        await AssertIsDisposedAsync(held.Waiting);
        PeerProcess next = await scene.ResponderAsync();
        await Scene.ExchangeHundredAsync(requester);
        await scene.EndAsync(requester, next);
    }

    private static Task<ObjectDisposedException> AssertIsDisposedAsync(Task waiting) =>
        Assert.ThrowsAsync<ObjectDisposedException>(() => waiting.WaitAsync(Scene.BoundWithStart, TestContext.Current.CancellationToken));

    /// <summary>A thread that is held at the first passing of a step until it may go on.</summary>
    private sealed class Held(Step step)
    {
        private readonly TaskCompletionSource _reached = new();
        private readonly TaskCompletionSource _goOn = new();

        internal Task Waiting { get; set; } = Task.CompletedTask;

        internal void Pass(Step passed)
        {
            if (passed == step && _reached.TrySetResult())
            {
                _goOn.Task.Wait(TimeSpan.FromSeconds(60));
            }
        }

        internal Task ReachedAsync() => _reached.Task.WaitAsync(TimeSpan.FromSeconds(60));

        internal void GoOn() => _goOn.SetResult();
    }
}
