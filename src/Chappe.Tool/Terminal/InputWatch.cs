namespace Chappe.Tool;

/// <summary>A token that the end of standard input cancels, too.</summary>
internal sealed class InputWatch : IDisposable
{
    private readonly CancellationTokenSource _source;

    public InputWatch(CancellationToken cancellationToken)
    {
        _source = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        new Thread(ReadToEnd) { IsBackground = true, Name = "input" }.Start();
    }

    public CancellationToken Token => _source.Token;

    public bool Ended { get; private set; }

    public void Dispose() => _source.Dispose();

    private void ReadToEnd()
    {
        Console.OpenStandardInput().CopyTo(Stream.Null);
        Ended = true;
        try
        {
            _source.Cancel();
        }
        catch (ObjectDisposedException)
        {
            // The program is already ending.
        }
    }
}
