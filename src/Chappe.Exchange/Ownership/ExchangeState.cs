using System.Runtime.CompilerServices;

namespace Chappe.Exchange;

/// <summary>
/// The state of an exchange and its number, in one word. A transition on behalf of an earlier exchange therefore fails, on any thread. The state also keeps the
/// memory of its owner mapped while an exchange is in progress.
/// </summary>
/// <typeparam name="TState">An enum of bytes with at most eight values; 0 is the state between two exchanges.</typeparam>
/// <param name="lifetime">The owner's lifetime, of which the exchange is a user.</param>
/// <param name="retired">The last state, after the owner is disposed and no exchange is in progress.</param>
internal struct ExchangeState<TState>(Lifetime lifetime, TState retired)
    where TState : unmanaged, Enum
{
    private const int StateBits = 3;
    private const ulong StateMask = (1 << StateBits) - 1;

    private ulong _word;

    internal TState Current => StateIn(Volatile.Read(ref _word));

    /// <summary>The number of the exchange that is in progress, or of the last one.</summary>
    internal ulong Number => Volatile.Read(ref _word) >> StateBits;

    internal bool IsAt(ulong number, TState state) => Volatile.Read(ref _word) == Pack(number, state);

    /// <summary>Whether the exchange is in one of two states. The state is read once.</summary>
    internal bool IsAt(ulong number, TState state, TState otherState)
    {
        ulong word = Volatile.Read(ref _word);
        return word == Pack(number, state) || word == Pack(number, otherState);
    }

    /// <summary>Begins the next exchange.</summary>
    /// <returns>False if an exchange is in progress, or the owner is disposed.</returns>
    internal bool TryBegin(TState first)
    {
        ulong word = Volatile.Read(ref _word);
        while ((word & StateMask) == 0)
        {
            ulong seen = Interlocked.CompareExchange(ref _word, Pack((word >> StateBits) + 1, first), word);
            if (seen == word)
            {
                if (lifetime.HasEnded)
                {
                    End();
                    return false;
                }

                return true;
            }

            word = seen;
        }

        return false;
    }

    /// <summary>Ends the exchange, in whatever state it is.</summary>
    internal void End()
    {
        Move(default);
        if (lifetime.HasEnded)
        {
            Retire();
        }
    }

    /// <summary>The owner is disposed: no exchange begins from now on. One that is in progress retires when it ends.</summary>
    internal void Retire()
    {
        if (TryMove(Number, default, retired))
        {
            lifetime.Leave();
        }
    }

    /// <summary>Makes a transition that several threads may attempt. Only one of them succeeds.</summary>
    /// <returns>False if the current exchange has another number or another state.</returns>
    internal bool TryMove(ulong number, TState from, TState to)
    {
        ulong expected = Pack(number, from);
        return Interlocked.CompareExchange(ref _word, Pack(number, to), expected) == expected;
    }

    /// <summary>Makes a transition that no other thread attempts at the same time.</summary>
    internal void Move(TState to) => Volatile.Write(ref _word, Pack(Number, to));

    private static ulong Pack(ulong number, TState state) => (number << StateBits) | Unsafe.BitCast<TState, byte>(state);

    private static TState StateIn(ulong word) => Unsafe.BitCast<byte, TState>((byte)(word & StateMask));
}
