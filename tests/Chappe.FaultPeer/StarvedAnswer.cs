using System.Globalization;
using System.Runtime.InteropServices;
using Chappe.Exchange;

namespace Chappe.FaultPeer;

/// <summary>An answer for which there is room in /dev/shm and none in this process, sent all the same.</summary>
internal static partial class StarvedAnswer
{
    private const int Length = 64 << 20;

    /// <summary>For what else this process does meanwhile.</summary>
    private const int Spare = 16 << 20;

    /// <summary>RLIMIT_AS (sys/resource.h).</summary>
    private const int AddressSpace = 9;

    internal static void Send(Request request)
    {
        Exception failure = GetSpan(request);
        Output.SayError(failure, Output.Now);
        try
        {
            request.Complete(new ResponseHeader(Length, 0, 0, 0));
            Output.Say("sent");
        }
        catch (Exception exception)
        {
            Output.SayError(exception, Output.Now);
            throw failure;
        }
    }

    private static Exception GetSpan(Request request)
    {
        long pages = long.Parse(File.ReadAllText("/proc/self/statm").Split(' ')[0], CultureInfo.InvariantCulture);
        Check(GetLimit(AddressSpace, out Limit before));
        Limit tight = before with { Current = ((ulong)pages * (ulong)Environment.SystemPageSize) + Spare };
        Check(SetLimit(AddressSpace, tight));
        try
        {
            request.GetSpan(Length);
            return new InvalidOperationException("There was memory enough.");
        }
        catch (OutOfMemoryException exception)
        {
            return exception;
        }
        finally
        {
            Check(SetLimit(AddressSpace, before));
        }
    }

    private static void Check(int result)
    {
        if (result != 0)
        {
            throw new InvalidOperationException("The address space cannot be limited.");
        }
    }

    private record struct Limit(ulong Current, ulong Maximum);

    [LibraryImport("libc", EntryPoint = "getrlimit")]
    private static partial int GetLimit(int resource, out Limit limit);

    [LibraryImport("libc", EntryPoint = "setrlimit")]
    private static partial int SetLimit(int resource, in Limit limit);
}
