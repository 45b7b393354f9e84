/*
 * A server: it is born or adopts, asks its requests one after the other, and ends.
 * It must come to its end: a wait that nothing can end any more is an invalid end state.
 */

/* Requests may time out or be cancelled at any moment, but not without limit, as long as a client lives that should answer. */
#ifdef BASIC_CLIENTS_ANSWER
#define in_vain (clients == 0 && basics == 0)
#else
#define in_vain (clients == 0)
#endif
#define deadline (timeouts > 0 || in_vain)
#define spend_deadline if :: in_vain :: else -> timeouts-- fi

#define released \
    if_mine(ctl[c].server); if_mine(owner); \
    if_mine(data[ctl[c].inode[DATA]].user); if_mine(head[ctl[c].inode[HEAD]].user)

proctype Server(byte me)
{
    byte c;                 /* its CTRL */
    byte t;                 /* the ticket of the request that it is at */
    byte left = REQUESTS;
    byte owed;              /* outstanding: an extended client took it */
    bool posted;            /* outstanding: a basic client may post RES for it */
    byte old;               /* the REQ of the home that it leaves */
    byte taken, what, k, i;
    bool mine, done;
    bool last;              /* what is unlinked is not made anew */
    bool again;             /* it was another's end; its own life has not begun */

birth:
    /* CTRL is made without a name, filled and locked; only then it gets its name. */
    step(
        if
        :: ctrl == 0 ->
            ctrls++;
            assert(ctrls <= CTRLS);
            c = ctrls;
            ctl[c].state = BUILDING;
#ifndef LOCK_AFTER_LINK
            ctl[c].server = me;
#endif
            ctrl = c;
            assert(owner == 0);
            owner = me
        :: else -> goto adopt
        fi);
#ifdef LOCK_AFTER_LINK
    step(when(ctl[c].server != 0, owner = 0; c = 0; goto dies) ; ctl[c].server = me);
#endif
    goto home;

adopt:
    step(c = ctrl; when(c == 0, goto birth));
    step(when(ctl[c].server != 0, c = 0; goto dies); ctl[c].server = me);
    step(
#ifndef NO_NAME_CHECK
        if
        :: ctrl != c -> ctl[c].server = 0; c = 0; goto birth
        :: else ->
        fi;
#endif
        assert(owner == 0);
        owner = me);
    step(
        if
        :: ctl[c].state == CLOSED ->
#ifdef LEAVE_CLOSED
            owner = 0; ctl[c].server = 0; c = 0; goto birth
#else
            /* Its owner died in its end. Finish that, then start over. */
            last = true; again = true; k = HEAD; goto unlinking
#endif
        :: ctl[c].state == BUILDING -> goto rehome
        :: else
        fi);
    step(when(!whole(c), goto rehome));
    step(t = ctl[c].ticket; taken = ctl[c].taken);
    step(
        done = (ctl[c].done == t);
        mine = (ctl[c].done != taken));     /* something taken is unfinished */
    step(
        mine = mine && living(c);
        if
#ifdef FORGET_ASKED
        :: !mine && (t == 0 || done) -> t = 0
#else
        :: !mine && t != 0 && done -> t = 0
        :: !mine && t == 0 && !ctl[c].asked
#endif
        :: mine && taken == t && t != 0 && !done -> owed = t; t = 0; mine = false; taken = 0; goto ready
        :: else -> goto rehome
        fi;
        taken = 0; done = false);
    step(drain(req[ctl[c].inode[REQ]]));
    step(drain(res[ctl[c].inode[RES]]));
    goto ready;

rehome:
    step(ctl[c].ticket = 0; t = 0; taken = 0; done = false; mine = false; owed = 0; posted = false; what = 0);
    step(
        ctl[c].state = BUILDING;
        ctl[c].asked = 0;
        /* One that adopts can only open the old REQ by its name. */
        old = (name[REQ] == ctl[c].inode[REQ] -> name[REQ] : 0);
        k = HEAD);

unlinking:
    passage {
        do
        :: step(mine = (name[k] != 0 && name[k] == ctl[c].inode[k]));
            if
            :: mine -> step(name[k] = 0; mine = false)
            :: else
            fi;
            if
            :: k == REQ -> break
            :: else -> k--
            fi
        od;
    };
    if
    :: last -> goto ending
    :: else
    fi;

home:
    passage {
        k = REQ;
        do
        :: k <= RES ->
            /* Opened if it exists: a basic client may have made it. */
            step(
                if
                :: name[k] == 0 -> made[k]++; assert(made[k] < INODES); name[k] = made[k]
                :: else
                fi;
                i = name[k]);
            step(
                if
                :: k == REQ -> drain(req[i])
                :: else -> drain(res[i])
                fi;
                ctl[c].inode[k] = i; i = 0; k++)
        :: k > RES && k <= HEAD ->
            step(made[k]++; assert(made[k] < INODES); ctl[c].inode[k] = made[k]);
            step(
                if
                :: name[k] != 0 -> k = 0; goto close    /* somebody else's */
                :: else -> name[k] = ctl[c].inode[k]; k++
                fi)
        :: else -> k = 0; break
        od;
        step(ctl[c].generation++);
        step(ctl[c].state = OPEN);
    };
    if
    :: old != 0 -> step(post(req[old]); old = 0)
    :: else
    fi;

ready:
    if
    :: left == 0 -> goto close
    :: else
    fi;

    /* Nothing is written into HEAD and DATA while something is outstanding. */
    if
    :: owed != 0 ->
        if
#ifdef NO_WAIT_FOR_OWED
        :: atomic { true -> owed = 0 }
#endif
        :: atomic { ctl[c].done == owed || !living(c) -> owed = 0; ctl[c].asked = 0 }
        :: atomic { !whole(c) -> goto rehome }
        :: atomic { deadline -> spend_deadline; left--; goto ready }
        dying
        fi
    :: posted ->
        if
        :: atomic { res[ctl[c].inode[RES]] > 0 -> res[ctl[c].inode[RES]]--; posted = false; ctl[c].asked = 0 }
        :: atomic { ctl[c].client != 0 -> goto rehome }
#ifndef IGNORE_NAMES_WHILE_OWED
        :: atomic { !whole(c) -> goto rehome }
#endif
        :: atomic { deadline -> spend_deadline; left--; goto ready }
        dying
        fi
    :: else
    fi;

ask:
#ifndef KEEP_SURPLUS_TOKENS
    step(drain(req[ctl[c].inode[REQ]]));
#endif
    step(
#ifdef TICKETS_START_AT_1
        t = left;
#else
        tickets++; t = tickets;
#endif
        enter(data[ctl[c].inode[DATA]]); enter(head[ctl[c].inode[HEAD]]);
        data[ctl[c].inode[DATA]].ticket = t; data[ctl[c].inode[DATA]].what = TORN;
        head[ctl[c].inode[HEAD]].ticket = t; head[ctl[c].inode[HEAD]].what = TORN);
    step(
        data[ctl[c].inode[DATA]].what = NAME; head[ctl[c].inode[HEAD]].what = NAME;
        leave(data[ctl[c].inode[DATA]]); leave(head[ctl[c].inode[HEAD]]));
    step(drain(res[ctl[c].inode[RES]]); rung_out; ctl[c].asked = 1);
    step(ctl[c].ticket = t);
    step(post(req[ctl[c].inode[REQ]]));

waiting:
    if
    :: atomic { ctl[c].done == t -> goto answered }
    :: atomic { res[ctl[c].inode[RES]] > 0 -> res[ctl[c].inode[RES]]--; goto woken }
    :: atomic { ctl[c].taken == t && ctl[c].done != t && !living(c) -> goto ask }        /* lost with its taker */
    :: atomic { !whole(c) -> goto vanished }
    :: atomic { deadline -> spend_deadline; goto withdraw }
    dying
    fi;

woken:
    /* A post. Without news in CTRL it is a basic client's answer, or a stray. */
    step(when(ctl[c].done == t, goto answered));
    step(what = head[ctl[c].inode[HEAD]].what; when(what == NAME, rung_out));
    if
    :: what == NAME -> what = 0; goto waiting
    :: else -> what = 0
    fi;
#ifdef ANY_POST_IS_AN_ANSWER
    goto answered;
#endif
#ifndef BASIC_TEST_WITHOUT_TAKEN
    step(when(ctl[c].taken == t, goto waiting));
#endif
    /* It is one. An extended client that comes in between sees by HEAD that it is late, but the next request has to wait for it. */
    step(ctl[c].ticket = 0);
#ifndef ACCEPT_WITHOUT_WITHDRAWING
    step(when(ctl[c].taken == t, owed = t));
#endif
    goto answered;

vanished:
    step(
        if
        :: ctl[c].done == t -> goto answered
        :: else -> goto rehome
        fi);

answered:
#ifndef KEEP_SURPLUS_TOKENS
    /* An extended client may have taken the ticket without its token. It must not wake a basic one that comes later. */
    step(drain(req[ctl[c].inode[REQ]]));
#endif
    /* Cancelled, though it stands: the taker found HEAD changed by a basic client, which may be at work still. */
    step(when(ctl[c].done == t && ctl[c].cancelled && ctl[c].ticket == t, goto rehome));
    step(
        enter(head[ctl[c].inode[HEAD]]); enter(data[ctl[c].inode[DATA]]);
        assert(head[ctl[c].inode[HEAD]].what == ANSWER && head[ctl[c].inode[HEAD]].ticket == t);
        assert(data[ctl[c].inode[DATA]].what == ANSWER && data[ctl[c].inode[DATA]].ticket == t);
        head[ctl[c].inode[HEAD]].what = ACCEPTED; data[ctl[c].inode[DATA]].what = ACCEPTED);
    /* The caller reads the response in place until it disposes it. */
    step(leave(head[ctl[c].inode[HEAD]]); leave(data[ctl[c].inode[DATA]]); ctl[c].asked = (owed != 0); left--; t = 0);
    goto ready;

withdraw:
    /* The one half of the pair that needs a full barrier between its write and its read; the other is in the client. */
#ifdef READ_BEFORE_WITHDRAWING
    step(left--; when(ctl[c].taken == t, owed = t); t = 0);
    step(ctl[c].ticket = 0);
#else
    step(ctl[c].ticket = 0);
    step(left--; when(ctl[c].taken == t, owed = t); t = 0);
#endif
    /* Nobody will take its token any more, if it is still there. */
    step(
        if
        :: owed != 0 ->
#ifndef KEEP_SURPLUS_TOKENS
            drain(req[ctl[c].inode[REQ]]);
#endif
            goto ready
        :: owed == 0 && req[ctl[c].inode[REQ]] > 0 -> req[ctl[c].inode[REQ]]--; ctl[c].asked = 0; goto ready
        :: else
        fi);
    /* Nobody took it, and its token is gone. If no extended client can have had it, a basic one has, and posts RES some time. */
    step(
        if
        :: ctl[c].client == 0 -> posted = true
        :: else -> ctl[c].asked = 0
        fi);
    goto ready;

close:
    step(ctl[c].ticket = 0; owed = 0; posted = false);
    step(ctl[c].state = CLOSED; last = true; k = HEAD; goto unlinking);

ending:
#ifdef UNLOCK_BEFORE_UNLINK
    step(ctl[c].server = 0);
#endif
    step(mine = (ctrl == c));
    step(when(mine, ctrl = 0; owner = 0); mine = false);
    step(post(req[ctl[c].inode[REQ]]));
    step(ctl[c].server = 0);
    if
    :: again -> last = false; again = false; c = 0; goto birth
    :: else
    fi;
    atomic { released };

dies:
    atomic {
        c = 0; t = 0; left = 0; owed = 0; posted = false; old = 0; taken = 0; what = 0; k = 0; i = 0; mine = false; done = false; last = false; again = false
    }
}

#undef released
