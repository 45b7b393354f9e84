using Chappe.Exchange.Peer;

// The second process of a test: it does what each line of its input says, and prints a line for each thing that happens. Words are parted by tabs,
// since names hold spaces. When its input ends it lets go of everything in good order; killed, it does not.
await using var requester = new RequesterCommands();
await using var responder = new ResponderCommands();

Console.WriteLine("ready");
while (await Console.In.ReadLineAsync() is { } line)
{
    string[] words = line.Split('\t');
    try
    {
        if (!requester.Run(words[0], words[1..]) && !responder.Run(words[0], words[1..]))
        {
            throw new ArgumentException($"There is no command {words[0]}.");
        }
    }
#pragma warning disable CA1031 // The test is told of every exception.
    catch (Exception exception)
#pragma warning restore CA1031
    {
        Console.WriteLine(Line.Of(exception));
    }
}
