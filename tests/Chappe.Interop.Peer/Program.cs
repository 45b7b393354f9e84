using System.Runtime.CompilerServices;
using Chappe.Interop.Peer;

// Chappe with the command line of the peers in other languages: see peers/c/responder.c and peers/c/requester.c.
[assembly: DisableRuntimeMarshalling]

Fault.Arm();
return args switch
{
    ["requester", _, ..] => RequesterRole.Run(args[1], args[2..]),
    ["responder", _, _, ..] => ResponderRole.Run(args[1], args[2], args[3..]),
    _ => 64,
};
