using System.Globalization;
using Chappe.Benchmarks.Rpc;
using Google.Protobuf;
using Grpc.Core;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Chappe.Benchmarks;

/// <summary>The other side of <see cref="WebContender"/>.</summary>
internal static class WebPeer
{
    public static void Run(string[] arguments)
    {
        bool isGrpc = arguments[0] == "grpc";
        WebApplicationBuilder builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.ListenUnixSocket(
            arguments[1], listen => listen.Protocols = isGrpc ? HttpProtocols.Http2 : HttpProtocols.Http1));
        builder.Services.AddSingleton(new AnswerBuffer(arguments[2]));
        if (isGrpc)
        {
            builder.Services.AddGrpc(grpc => grpc.MaxSendMessageSize = null);
        }

        using WebApplication application = builder.Build();
        if (isGrpc)
        {
            application.MapGrpcService<AnswersService>();
        }
        else
        {
            application.Map("/{word}", AnswerAsync);
        }

        application.Start();
        Peer.SayReady();
        application.WaitForShutdown();
    }

    private static async Task AnswerAsync(HttpContext context)
    {
        ReadOnlyMemory<byte> payload = PayloadOf(context.RequestServices.GetRequiredService<AnswerBuffer>(), ulong.Parse((string)context.Request.RouteValues["word"]!, CultureInfo.InvariantCulture));
        context.Response.ContentLength = payload.Length;
        await context.Response.Body.WriteAsync(payload, context.RequestAborted);
    }

    private static ReadOnlyMemory<byte> PayloadOf(AnswerBuffer answers, ulong word) => answers.Of(Work.FromWord(word))[AnswerBuffer.LengthSize..];

    private sealed class AnswersService(AnswerBuffer answers) : Answers.AnswersBase
    {
        public override Task<Answer> Ask(Question request, ServerCallContext context) =>
            Task.FromResult(new Answer { Payload = UnsafeByteOperations.UnsafeWrap(PayloadOf(answers, request.Work)) });
    }
}
