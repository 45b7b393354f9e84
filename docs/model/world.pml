/* What the kernel keeps: names, inodes, tokens, locks. And how a process dies. */

/* The four names of a home, in the order in which they are made. */
#define REQ  0
#define RES  1
#define DATA 2
#define HEAD 3

/* A name leads to an inode, or to none (0). An inode outlives its name as long as somebody has it open. */
byte ctrl;
byte name[4];

/* Inodes are numbered from 1 for each name, and never used twice. */
#define INODES (HOMES + 1)
byte made[4];
byte ctrls;

byte req[INODES];
byte res[INODES];

/* What stands in HEAD or DATA. It is not bytes but the ticket they were written for. */
#define EMPTY    0
#define TORN     1  /* somebody is, or was, in the middle of writing */
#define NAME     2  /* a request's name, or HEAD with its length and three words of UINT64_MAX */
#define ZEROED   3  /* HEAD after a basic responder's first look: words 1 to 3 are 0 */
#define ANSWER   4
#define ACCEPTED 5  /* an answer that the requester handed to its caller already */

typedef segment {
    byte user;      /* the process that reads or writes it now */
    byte ticket;
    byte what
}
segment data[INODES];
segment head[INODES];

/* CTRL. The fields are those of docs/protocol.md and ControlPage.cs. */
#define BUILDING 1
#define OPEN     2
#define CLOSED   3

typedef control {
    byte requester;    /* who has the lock on byte 0 */
    byte responder;    /* who has the lock on byte 1 */
    byte generation;
    byte ticket;
    byte pending;
    byte state;
    byte inode[4];
    byte incarnation;
    byte taker;
    byte taken;
    byte done;
    bool handed_back    /* status cancelled with kind 0 */
}
control ctl[CTRLS + 1];

byte tickets;       /* unique across owners: each starts at a random number */
byte incarnations;

/* What may still go wrong. */
byte crashes  = CRASHES;
byte timeouts = TIMEOUTS;
byte resets   = RESETS;
byte strays   = STRAYS;
byte unlinks  = UNLINKS;
byte removals = REMOVALS;
byte foreign  = FOREIGN;
byte early    = EARLY;
byte exits    = EXITS;  /* of basic responders */

/* What no process knows, for the assertions and for the limits of what is checked. */
byte owner;         /* the requester that owns the channel's name */
byte requesters = REQUESTERS; /* those that are alive */
byte responders;       /* living responders of the extended level */
byte basics;        /* living responders of the basic level */
byte alien;         /* the HEAD that a basic requester made */

#if BASICS > 0
byte standing;      /* the ticket of the request that was posted and is neither accepted nor withdrawn */
bool rung;          /* an extended responder posted RES, and the requester may still take it for news */
#define stand(t) standing = t
#define ring     rung = true
#define rung_out rung = false
#else
#define stand(t) skip
#define ring     skip
#define rung_out skip
#endif

/* The kernel's part of a death, or of an exit: locks are released, memory stays as it is. Index 0 is nobody's. */
#define if_mine(field) field = (field == me -> 0 : field)

/*
 * A step is what nobody can interrupt: one access to what others can see, and what its process does alone before the next one.
 * Instead of any step the process may die. A step whose first statement is a condition waits for it.
 */
#define dying :: atomic { crashes > 0 -> d_step { crashes--; released; }; goto dies }
#define step(...) if :: atomic { __VA_ARGS__ } dying fi

/* Long passages that others can see but seldom meet are one step where a check is about something else. They may still be cut by a death. */
#ifdef COARSE
#define passage atomic
#else
#define passage
#endif

#define when(condition, ...) if :: condition -> __VA_ARGS__ :: else fi

#define post(tokens)  if :: tokens < 3 -> tokens++ :: else fi
#define drain(tokens) tokens = 0

/* The names lead to what CTRL says. */
#define whole(c) (name[REQ] == ctl[c].inode[REQ] && name[RES] == ctl[c].inode[RES] && \
                  name[DATA] == ctl[c].inode[DATA] && name[HEAD] == ctl[c].inode[HEAD])

/* OwnedChannel.HomeStands; and Responder.IsOpen. */
#define stands(c)  (ctrl == c && whole(c))
#define is_open(c) (ctrl == c && ctl[c].state != CLOSED)

/*
 * ControlSegment.IsTakerAlive, read in one step. The code reads the lock, then `taker`, then `incarnation`. `taker` does not change while somebody
 * asks; a lock that is free and an incarnation that is another say "dead" for good. So what the code finds is what stood at the first or the last read.
 */
#define living(c) (ctl[c].responder != 0 && TAKER_IS_INCARNATION(c))
#ifdef NO_INCARNATION
#define TAKER_IS_INCARNATION(c) true
#else
#define TAKER_IS_INCARNATION(c) (ctl[c].taker == ctl[c].incarnation)
#endif

/* Between enter and leave a segment belongs to one process. This is the assertion that no two sides are ever in it. */
#define enter(segment) assert(segment.user == 0); segment.user = me
#define leave(segment) segment.user = 0
