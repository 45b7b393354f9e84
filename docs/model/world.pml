/* What the kernel keeps (names, inodes, tokens, locks), and how a process dies. */

/* The four names of a home, in the order in which they are made. */
#define REQ  0
#define RES  1
#define DATA 2
#define HEAD 3

/* A name refers to an inode, or to none (0). An inode outlives its name as long as a process has it open. */
byte ctrl;
byte name[4];

/* Inodes are numbered from 1 for each name, and are never reused. */
#define INODES (HOMES + 1)
byte made[4];
byte ctrls;

byte req[INODES];
byte res[INODES];

/* The content of HEAD or DATA: its kind, and the ticket that it was written for. Bytes are not modelled. */
#define EMPTY    0
#define TORN     1  /* a process is writing it, or died while writing it */
#define NAME     2  /* a request's name, or HEAD with its length and three words of UINT64_MAX */
#define ZEROED   3  /* HEAD after a basic responder's first look: words 1 to 3 are 0 */
#define ANSWER   4
#define ACCEPTED 5  /* an answer that the requester has already given to its caller */

typedef segment {
    byte user;      /* the process that is reading or writing it */
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
    byte requester;    /* the process that holds the lock on byte 0 */
    byte responder;    /* the process that holds the lock on byte 1 */
    byte generation;
    byte ticket;
    byte pending;
    byte state;
    byte inode[4];
    byte incarnation;
    byte taker;
    byte taken;
    byte done;
    bool handed_back    /* the status is cancelled and the kind 0 */
}
control ctl[CTRLS + 1];

byte tickets;       /* unique across owners: each starts at a random number */
byte incarnations;

/* The faults that may still happen. */
byte crashes  = CRASHES;
byte timeouts = TIMEOUTS;
byte resets   = RESETS;
byte strays   = STRAYS;
byte unlinks  = UNLINKS;
byte removals = REMOVALS;
byte foreign  = FOREIGN;
byte early    = EARLY;
byte exits    = EXITS;  /* of basic responders */

/* State that no process can see. Assertions use it, and it limits what is checked. */
byte owner;         /* the requester that owns the channel's name */
byte requesters = REQUESTERS; /* living requesters */
byte responders;       /* living extended responders */
byte basics;        /* living basic responders */
byte alien;         /* the HEAD that a basic requester made */

#if BASICS > 0
byte standing;      /* the ticket of the current request: posted, and neither accepted nor withdrawn */
bool rung;          /* an extended responder posted RES, and the requester may still take that post for news */
#define stand(t) standing = t
#define ring     rung = true
#define rung_out rung = false
#else
#define stand(t) skip
#define ring     skip
#define rung_out skip
#endif

/* The kernel's part of a death or an exit: it releases locks and leaves memory as it is. Index 0 belongs to no process. */
#define if_mine(field) field = (field == me -> 0 : field)

/*
 * A step is atomic: one access to shared state, and the local work of its process up to the next one.
 * A process may die instead of taking a step. A step whose first statement is a condition waits for that condition.
 */
#define dying :: atomic { crashes > 0 -> d_step { crashes--; released; }; goto dies }
#define step(...) if :: atomic { __VA_ARGS__ } dying fi

/* With COARSE, a long passage whose inner steps seldom matter to other processes is one step. A death may still interrupt it. */
#ifdef COARSE
#define passage atomic
#else
#define passage
#endif

#define when(condition, ...) if :: condition -> __VA_ARGS__ :: else fi

#define post(tokens)  if :: tokens < 3 -> tokens++ :: else fi
#define drain(tokens) tokens = 0

/* The names refer to the inodes that CTRL records. */
#define whole(c) (name[REQ] == ctl[c].inode[REQ] && name[RES] == ctl[c].inode[RES] && \
                  name[DATA] == ctl[c].inode[DATA] && name[HEAD] == ctl[c].inode[HEAD])

/* OwnedChannel.IsHomeIntact and ControlSegment.IsOpen. */
#define intact(c)  (ctrl == c && whole(c))
#define is_open(c) (ctrl == c && ctl[c].state != CLOSED)

/*
 * ControlSegment.IsTakerAlive, read in one step. The code reads the lock, then `taker`, then `incarnation`. `taker` does not change while a requester
 * looks. A free lock, and a different incarnation, each mean "dead" for good. So the code finds the state as of its first or its last read.
 */
#define living(c) (ctl[c].responder != 0 && TAKER_IS_INCARNATION(c))
#ifdef NO_INCARNATION
#define TAKER_IS_INCARNATION(c) true
#else
#define TAKER_IS_INCARNATION(c) (ctl[c].taker == ctl[c].incarnation)
#endif

/* Between enter and leave a segment belongs to one process. This assertion fails if two sides are ever in it. */
#define enter(segment) assert(segment.user == 0); segment.user = me
#define leave(segment) segment.user = 0
