using Chappe.Posix;

namespace Chappe.Exchange.Tests;

/// <summary>A channel of which the catalog is asked, and nothing of it left afterwards.</summary>
public abstract class CatalogTest : IDisposable
{
    protected ChannelName Channel { get; } = $"catalog-test-{Guid.NewGuid():N}";

    protected ChannelSnapshot Listed => Assert.Single(ChannelCatalog.List(), channel => channel.Channel.Name == Channel.Name);

    protected IEnumerable<string> FilesLeft => Directory.EnumerateFileSystemEntries("/dev/shm").Where(path => path.Contains(Channel.Name, StringComparison.Ordinal));

    public void Dispose()
    {
        foreach (string path in FilesLeft.ToArray())
        {
            if (Directory.Exists(path) && new FileInfo(path).LinkTarget is null)
            {
                Directory.Delete(path);
            }
            else
            {
                File.Delete(path);
            }
        }

        GC.SuppressFinalize(this);
    }

    protected static string PathOf(string segment) => $"/dev/shm{segment}";

    protected static string PathOfSemaphore(string semaphore) => $"/dev/shm/sem.{semaphore[1..]}";

    /// <summary>A requester that took the channel and died: its locks are gone, all else stands.</summary>
    protected void LeaveADeadRequestersChannel() => OwnedChannel.Acquire(Channel, new RequesterOptions()).Dispose();

    /// <summary>What a requester of the basic level makes.</summary>
    protected void MakeABasicChannel()
    {
        MakeSemaphores();
        SharedMemory.Create(Channel.HeaderSegment, 32).Dispose();
        SharedMemory.Create(Channel.DataSegment, 5).Dispose();
    }

    protected void MakeSemaphores()
    {
        NamedSemaphore.Create(Channel.RequestSemaphore).Dispose();
        NamedSemaphore.Create(Channel.ResponseSemaphore, 2).Dispose();
    }

    /// <summary>A responder that answers every request with its own name.</summary>
    protected async Task AnswerAsync(CancellationToken cancellationToken)
    {
        try
        {
            await using Responder responder = await Responder.OpenAsync(Channel, null, cancellationToken);
            while (true)
            {
                using Request request = await responder.ReceiveAsync(cancellationToken);
                int length = request.Name.Length;
                System.Text.Encoding.ASCII.GetBytes(request.Name, request.GetSpan(length));
                request.Complete(new ResponseHeader(length));
            }
        }
        catch (OperationCanceledException)
        {
            // The test is over.
        }
    }

    protected static async Task UntilAsync(Func<bool> condition)
    {
        for (int attempt = 0; !condition(); attempt++)
        {
            Assert.True(attempt < 500, "It did not come to be within 10 s.");
            await Task.Delay(20, TestContext.Current.CancellationToken);
        }
    }
}
