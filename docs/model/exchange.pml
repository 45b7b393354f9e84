/* The exchange of docs/protocol.md. `check` runs it in several sizes: see README.md. */

#ifndef REQUESTERS
#define REQUESTERS 1
#endif
#ifndef RESPONDERS
#define RESPONDERS 1
#endif
#ifndef BASICS
#define BASICS 0
#endif
#ifndef REQUESTS
#define REQUESTS 2
#endif
#ifndef CRASHES
#define CRASHES 0
#endif
#ifndef TIMEOUTS
#define TIMEOUTS 0
#endif
#ifndef RESETS
#define RESETS 0
#endif
#ifndef STRAYS
#define STRAYS 0
#endif
#ifndef UNLINKS
#define UNLINKS 0
#endif
#ifndef REMOVALS
#define REMOVALS 0
#endif
#ifndef FOREIGN
#define FOREIGN 0
#endif
#ifndef EARLY
#define EARLY 0
#endif
#ifndef EXITS
#define EXITS BASICS
#endif
#ifndef HOMES
#define HOMES 3
#endif
#ifndef CTRLS
#define CTRLS 2
#endif

#include "world.pml"
#include "requester.pml"
#include "responder.pml"
#if BASICS > 0
#include "basic.pml"
#endif

/* Processes that belong to neither side: they post the semaphores, unlink names, and act as the basic requester that makes a HEAD of its own. */
proctype Outsider()
{
end:
    do
    :: atomic { strays > 0 && name[REQ] != 0 -> strays--; post(req[name[REQ]]) }
    :: atomic { strays > 0 && name[RES] != 0 -> strays--; post(res[name[RES]]) }
    :: atomic { unlinks > 0 && name[REQ] != 0 -> unlinks--; name[REQ] = 0 }
    :: atomic { unlinks > 0 && name[RES] != 0 -> unlinks--; name[RES] = 0 }
    :: atomic { unlinks > 0 && name[DATA] != 0 -> unlinks--; name[DATA] = 0 }
    :: atomic { unlinks > 0 && name[HEAD] != 0 -> unlinks--; name[HEAD] = 0 }
    :: atomic { removals > 0 && ctrl != 0 -> removals--; ctrl = 0; owner = 0 }
    :: atomic {
        foreign > 0 && name[HEAD] == 0 -> foreign--; made[HEAD]++; assert(made[HEAD] < INODES); name[HEAD] = made[HEAD]; alien = made[HEAD]
    }
    od
}

init
{
    byte i;
    atomic {
        i = 1;
        do
        :: i <= REQUESTERS -> run Requester(i); i++
        :: i > REQUESTERS && i <= REQUESTERS + RESPONDERS -> run Responder(i); i++
        :: else -> break
        od;
#if BASICS > 0
        do
        :: i <= REQUESTERS + RESPONDERS + BASICS -> run Basic(i); i++
        :: else -> break
        od;
#endif
#if STRAYS > 0 || UNLINKS > 0 || REMOVALS > 0 || FOREIGN > 0
        run Outsider();
#endif
        i = 0
    }
}
