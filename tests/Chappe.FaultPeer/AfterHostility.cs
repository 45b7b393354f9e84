using Chappe.Exchange;

namespace Chappe.FaultPeer;

/// <summary>What must still hold: a hundred exchanges with a peer that keeps to the protocol.</summary>
internal static class AfterHostility
{
    internal static void Exchange(Requester requester, string channel)
    {
        using var end = new CancellationTokenSource();
        var responder = new Thread(() => Serve(channel, end.Token));
        responder.Start();
        ExchangeHundred(requester);
        end.Cancel();
        responder.Join();
    }

    internal static void ExchangeHundred(Requester requester)
    {
        for (int i = 0; i < 100; i++)
        {
            string name = Payload.NameOf("after", i);
            using Response response = requester.Request(name, new RequestOptions { Timeout = TimeSpan.FromSeconds(30) });
            if (!Payload.IsRight(name, response.Span))
            {
                Output.Say($"after {i} wrong");
                return;
            }
        }

        Output.Say("after 100 right");
    }

    internal static void Serve(string channel, CancellationToken end)
    {
        try
        {
            using Responder responder = Responder.Open(channel, cancellationToken: end);
            while (true)
            {
                using Request request = responder.Receive(end);
                Answer(request);
            }
        }
        catch (OperationCanceledException)
        {
            // That was all.
        }
    }

    internal static void Answer(Request request)
    {
        int length = Payload.LengthOf(request.NameBytes);
        Payload.Fill(request.NameBytes, request.GetSpan(length), 0);
        request.Complete(new ResponseHeader(length, 0, 0, 0));
    }
}
