using System.Runtime.CompilerServices;
using Chappe.FaultPeer;

// A peer that tests drive line by line over its standard input. It starts without a role, so that a test can keep some ready.
[assembly: DisableRuntimeMarshalling]

Output.Say("ready");
RequesterRole? requester = null;
ResponderRole? responder = null;
while (Console.ReadLine() is { } line)
{
    var words = new Words(line);
    switch (words.Verb)
    {
        case "fault":
            Fault.Arm(words[0], words.Number("passing", 1), words[1]);
            Output.Say("armed");
            break;
        case "requester":
            requester = RequesterRole.TryCreate(words);
            break;
        case "responder":
            responder = new ResponderRole(words);
            break;
        case "ask":
            requester!.Ask(words);
            break;
        case "go":
            responder!.Go();
            break;
        case "many":
            requester!.AskMany(words);
            break;
        case "rounds":
            requester!.AskInRounds(words);
            break;
        case "traffic":
            requester!.StartTraffic();
            break;
        case "progress":
            requester!.SayProgress();
            break;
        case "end-traffic":
            requester!.EndTraffic();
            break;
        case "fuzz-requester":
            new FuzzedRequester(words).Run();
            break;
        case "fuzz-responder":
            using (var fuzzed = new FuzzedResponder(words))
            {
                fuzzed.Run();
            }

            break;
        case "reset":
            requester!.Reset();
            break;
        case "close":
            requester?.Close();
            responder?.Close();
            break;
        default:
            Output.Say($"error unknown verb {words.Verb}");
            return 64;
    }
}

return 0;
