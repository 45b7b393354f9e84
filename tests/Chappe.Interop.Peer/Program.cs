using System.Runtime.CompilerServices;
using Chappe.Interop.Peer;

// Chappe with the command line of the peers in other languages: see peers/c/client.c and peers/c/server.c.
[assembly: DisableRuntimeMarshalling]

Fault.Arm();
return args switch
{
    ["server", _, ..] => Server.Run(args[1], args[2..]),
    ["client", _, _, ..] => Client.Run(args[1], args[2], args[3..]),
    _ => 64,
};
