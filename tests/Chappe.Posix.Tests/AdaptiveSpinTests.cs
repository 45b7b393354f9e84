namespace Chappe.Posix.Tests;

public sealed class AdaptiveSpinTests : IDisposable
{
    private static readonly TimeSpan Budget = TimeSpan.FromMilliseconds(100);

    /// <summary>
    /// Long after the end of the budget. A wait whose deadline comes before that end is no miss, and a busy machine may take the processor away between
    /// the moment that fixes the deadline and the beginning of the spin.
    /// </summary>
    private static readonly TimeSpan Patience = 4 * Budget;

    private readonly TestName _name = new();
    private readonly NamedSemaphore _semaphore;

    public AdaptiveSpinTests()
    {
        Machine.Require(Environment.ProcessorCount > 1, "with one processor nothing spins");
        _semaphore = NamedSemaphore.Create(_name);
        _semaphore.SpinBudget = Budget;
    }

    [Fact]
    public void Waits_without_time_are_no_misses_so_polling_ends_no_spinning()
    {
        for (int i = 0; i < 100; i++)
        {
            Assert.False(_semaphore.Wait(TimeSpan.Zero));
        }

        Assert.True(Spins());
    }

    [Fact]
    public void Four_misses_end_the_spinning_until_a_probe_succeeds()
    {
        for (int i = 0; i < 4; i++)
        {
            Assert.False(_semaphore.Wait(Patience));
        }

        // One wait of sixteen probes.
        Assert.Equal(1, Enumerable.Range(0, 16).Count(_ => Spins()));
    }

    [Fact]
    public async Task A_spin_on_a_word_ends_when_the_word_changes_or_the_semaphore_has_one()
    {
        var spin = new AdaptiveSpin { Budget = TimeSpan.FromSeconds(60) };
        ulong[] word = [7];
        Assert.True(spin.UntilChanged(ref word[0], 6, _semaphore, CancellationToken.None));

        Task<bool> changing = Task.Run(() => spin.UntilChanged(ref word[0], 7, _semaphore, CancellationToken.None));
        Volatile.Write(ref word[0], 8);
        Assert.True(await changing);

        Task<bool> posting = Task.Run(() => spin.UntilChanged(ref word[0], 8, _semaphore, CancellationToken.None));
        _semaphore.Release();
        Assert.True(await posting);
        Assert.True(_semaphore.TryWait());
    }

    [Fact]
    public void A_spin_on_a_word_ends_with_its_budget_with_a_token_or_before_it_begins()
    {
        ulong word = 7;
        Assert.False(new AdaptiveSpin { Budget = Budget }.UntilChanged(ref word, 7, _semaphore, CancellationToken.None));
        Assert.False(new AdaptiveSpin { Budget = TimeSpan.FromSeconds(60) }.UntilChanged(ref word, 7, _semaphore, new CancellationToken(canceled: true)));
        Assert.False(new AdaptiveSpin { Budget = TimeSpan.Zero }.UntilChanged(ref word, 6, _semaphore, CancellationToken.None));
    }

    public void Dispose()
    {
        _semaphore?.Dispose();
        _name.Dispose();
    }

    /// <summary>A wait that spins uses the processor, less on a busy machine than time passes. A wait that blocks uses a few microseconds.</summary>
    private bool Spins()
    {
        TimeSpan before = Machine.ThreadTime();
        Assert.False(_semaphore.Wait(Patience));
        return Machine.ThreadTime() - before > Budget / 100;
    }
}
