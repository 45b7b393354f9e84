using System.Diagnostics;
using System.Text;
using Chappe.Posix;

namespace Chappe.Exchange.Tests;

public sealed class CatalogListTests : CatalogTest
{
    [Fact]
    public async Task A_living_requester_and_its_responder_are_shown_with_their_processes()
    {
        using var stop = new CancellationTokenSource();
        using Requester requester = Requester.Create(Channel);
        Assert.Equal(new PeerSnapshot(PeerLiveness.None, null), Listed.Responder);
        Task responder = AnswerAsync(stop.Token);
        requester.Request("hello", stop.Token).Dispose();

        ChannelSnapshot channel = Listed;

        Assert.Equal(ChannelLevel.Extended, channel.Level);
        Assert.Equal(new PeerSnapshot(PeerLiveness.Alive, Environment.ProcessId), channel.Requester);
        Assert.Equal(new PeerSnapshot(PeerLiveness.Alive, Environment.ProcessId), channel.Responder);
        Assert.Equal(1, channel.Generation);
        Assert.False(channel.IsRequestPending);
        Assert.InRange(channel.SinceLastRequest!.Value, TimeSpan.Zero, TimeSpan.FromMinutes(1));
        Assert.Null(channel.Remark);
        Assert.Equal(Enum.GetValues<ChannelObjectRole>(), channel.Objects.Select(item => item.Role));
        Assert.All(channel.Objects, item =>
        {
            Assert.True(item.IsRegularFile);
            Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, item.Mode);
            Assert.Equal(Accounts.CurrentUserId, item.OwnerUserId);
            Assert.Equal(item.Role is ChannelObjectRole.RequestSemaphore or ChannelObjectRole.ResponseSemaphore, item.Count is not null);
        });

        await stop.CancelAsync();
        await responder;
        Assert.Equal(PeerLiveness.Gone, Listed.Responder.Liveness);
    }

    [Fact]
    public async Task A_request_that_nobody_has_answered_is_pending()
    {
        using Requester requester = Requester.Create(Channel);
        using var stop = new CancellationTokenSource();
        Task<Response> request = requester.RequestAsync("hello", stop.Token).AsTask();

        Assert.True(Listed.IsRequestPending);
        Assert.Equal(1, Listed.Objects.Single(item => item.Role == ChannelObjectRole.RequestSemaphore).Count);

        await stop.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => request);
        Assert.Null(Listed.Remark);
    }

    [Fact]
    public void A_requester_that_died_is_gone()
    {
        LeaveADeadRequestersChannel();

        Assert.Equal(new PeerSnapshot(PeerLiveness.Gone, Environment.ProcessId), Listed.Requester);
    }

    [Fact]
    public void Nobody_can_tell_whether_a_basic_requester_lives()
    {
        MakeABasicChannel();

        ChannelSnapshot channel = Listed;

        Assert.Equal(ChannelLevel.Basic, channel.Level);
        Assert.Equal(default, channel.Requester);
        Assert.Equal(default, channel.Responder);
        Assert.Equal((null, null, null), (channel.Generation, channel.SinceLastRequest, channel.IsRequestPending));
        Assert.Equal([0, 2], channel.Objects.Select(item => item.Count).OfType<int>());
        Assert.Equal([32, 5], channel.Objects.Where(item => item.Count is null).Select(item => item.Length));
    }

    [Fact]
    public void Semaphores_alone_are_pieces()
    {
        MakeSemaphores();

        Assert.Equal(ChannelLevel.Pieces, Listed.Level);
    }

    [Fact]
    public void A_channel_of_given_names_is_found_by_those_who_know_them_and_not_listed()
    {
        string hidden = $"/chappe-{Channel.Name}";
        ChannelName channel = new(Channel.Name)
        {
            RequestSemaphore = hidden + "-q",
            ResponseSemaphore = hidden + "-s",
            HeaderSegment = hidden + "-h",
            DataSegment = hidden + "-d",
            ControlSegment = hidden + "-c",
        };
        using Requester requester = Requester.Create(channel);

        Assert.Equal(PeerLiveness.Alive, ChannelCatalog.Find(channel)!.Requester.Liveness);
        Assert.DoesNotContain(ChannelCatalog.List(), listed => listed.Channel.Name == Channel.Name);
        Assert.Null(ChannelCatalog.Find(Channel));
    }

    [Fact]
    public void What_is_no_channel_is_shown_as_far_as_it_can_be()
    {
        Directory.CreateDirectory(PathOf(Channel.ControlSegment));
        MakeFifo(PathOf(Channel.HeaderSegment));
        File.CreateSymbolicLink(PathOf(Channel.DataSegment), "/etc/passwd");
        File.WriteAllBytes(PathOfSemaphore(Channel.RequestSemaphore), []);
        File.WriteAllText($"/dev/shm/{Channel.Name}\n\u001b[2J_CTRL", "x");
        File.WriteAllText($"/dev/shm/SEG_{Channel.Name}\n\u001b[2J_CTRL", "x");

        ChannelSnapshot channel = Listed;

        Assert.Equal([true, false, false, false], channel.Objects.Select(item => item.IsRegularFile));
        Assert.All(channel.Objects, item => Assert.Null(item.Count));
        Assert.Contains("not a regular file", channel.Remark, StringComparison.Ordinal);
        Assert.Equal(PeerLiveness.Unknown, channel.Requester.Liveness);
    }

    [Fact]
    public void The_longest_name_that_fits_a_segment_is_listed_though_no_semaphore_could_have_it()
    {
        string stem = Channel.Name.PadRight(255 - "SEG__CTRL".Length, 'x');
        File.WriteAllText($"/dev/shm/SEG_{stem}_CTRL", "x");

        Assert.Single(Assert.Single(ChannelCatalog.List(), channel => channel.Channel.Name == stem).Objects);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(4095)]
    [InlineData(4097)]
    [InlineData(1L << 40)]
    public void A_control_segment_of_another_length_is_none(long length)
    {
        using (FileStream file = File.Create(PathOf(Channel.ControlSegment)))
        {
            file.SetLength(length);
        }

        Assert.Equal(ChannelLevel.Pieces, Listed.Level);
        Assert.Contains("not the control segment", Listed.Remark, StringComparison.Ordinal);
    }

    [Fact]
    public void A_control_segment_of_another_version_is_said_to_be_one()
    {
        LeaveADeadRequestersChannel();
        using (SharedMemory control = SharedMemory.OpenExisting(Channel.ControlSegment))
        {
            control.GetSpan(8, 1)[0] = 9;
        }

        Assert.Contains("version 9", Listed.Remark, StringComparison.Ordinal);
        Assert.Equal(PeerLiveness.Unknown, Listed.Requester.Liveness);
    }

    [Fact]
    public void Any_bytes_in_the_control_segment_make_a_snapshot()
    {
        LeaveADeadRequestersChannel();
        using SharedMemory control = SharedMemory.OpenExisting(Channel.ControlSegment);
        var random = new Random(3);
        for (int round = 0; round < 200; round++)
        {
            random.NextBytes(control.GetSpan(16, 4080));
            Assert.Equal(ChannelLevel.Extended, ChannelCatalog.Find(Channel)!.Level);
        }

        control.GetSpan(16, 4080).Fill(0xFF);
        Assert.Null(ChannelCatalog.Find(Channel)!.SinceLastRequest);
    }

    [Fact]
    public async Task Looking_all_the_time_disturbs_no_exchange()
    {
        using var stop = new CancellationTokenSource();
        using Requester requester = Requester.Create(Channel);
        Task responder = AnswerAsync(stop.Token);
        int looks = 0;
        Task looking = Task.Run(
            () =>
            {
                while (!stop.IsCancellationRequested)
                {
                    Assert.NotNull(ChannelCatalog.Find(Channel));
                    looks += ChannelCatalog.List().Count > 0 ? 1 : 0;
                }
            },
            TestContext.Current.CancellationToken);

        long start = Stopwatch.GetTimestamp();
        int exchanges = 0;
        while (Stopwatch.GetElapsedTime(start) < TimeSpan.FromSeconds(2) || looks < 20)
        {
            string name = $"file {exchanges++}";
            using Response response = requester.Request(name, stop.Token);
            Assert.Equal(name, Encoding.ASCII.GetString(response.Span));
        }

        await stop.CancelAsync();
        await Task.WhenAll(responder, looking);
        Assert.Equal(1, Listed.Generation);
    }

    [Fact]
    public void Looking_changes_nothing()
    {
        LeaveADeadRequestersChannel();
        (long, long)[] before = Stamps();

        for (int look = 0; look < 10; look++)
        {
            _ = Listed;
        }

        Assert.Equal(before, Stamps());

        (long, long)[] Stamps()
        {
            Assert.True(SharedMemory.TryGetStatus(Channel.ControlSegment, out FileStatus control));
            Assert.True(NamedSemaphore.TryGetStatus(Channel.RequestSemaphore, out FileStatus requests));
            return [(control.ModifiedNanoseconds, control.ChangedNanoseconds), (requests.ModifiedNanoseconds, requests.ChangedNanoseconds)];
        }
    }

    private static void MakeFifo(string path)
    {
        using var process = Process.Start("mkfifo", [path]);
        process.WaitForExit();
        Assert.Equal(0, process.ExitCode);
    }
}
