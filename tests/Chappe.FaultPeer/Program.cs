using System.Runtime.CompilerServices;
using Chappe.FaultPeer;

// A peer that tests drive line by line over its standard input. It starts without a role, so that a test can keep some ready.
[assembly: DisableRuntimeMarshalling]

Output.Say("ready");
ServerRole? server = null;
ClientRole? client = null;
while (Console.ReadLine() is { } line)
{
    var words = new Words(line);
    switch (words.Verb)
    {
        case "fault":
            Fault.Arm(words[0], words.Number("passing", 1), words[1]);
            Output.Say("armed");
            break;
        case "server":
            server = ServerRole.TryCreate(words);
            break;
        case "client":
            client = new ClientRole(words);
            break;
        case "ask":
            server!.Ask(words);
            break;
        case "go":
            client!.Go();
            break;
        case "many":
            server!.AskMany(words);
            break;
        case "rounds":
            server!.AskInRounds(words);
            break;
        case "traffic":
            server!.StartTraffic();
            break;
        case "progress":
            server!.SayProgress();
            break;
        case "end-traffic":
            server!.EndTraffic();
            break;
        case "fuzz-server":
            new FuzzedServer(words).Run();
            break;
        case "fuzz-client":
            using (var fuzzed = new FuzzedClient(words))
            {
                fuzzed.Run();
            }

            break;
        case "reset":
            server!.Reset();
            break;
        case "close":
            server?.Close();
            client?.Close();
            break;
        default:
            Output.Say($"error unknown verb {words.Verb}");
            return 64;
    }
}

return 0;
