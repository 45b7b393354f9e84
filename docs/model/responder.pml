/* An extended responder (ChannelSearch, ExtendedAttachment, ResponderExchange). It creates and unlinks nothing, and serves until it dies. */

/* A basic requester's HEAD is beside a CTRL whose owner is dead. The responder serves that requester at the basic level, which is not modelled. */
#define beside_dead_requester(c) (ctl[c].requester == 0 && name[HEAD] != 0 && name[HEAD] != ctl[c].inode[HEAD])

#define released \
    if_mine(ctl[c].responder); if_mine(data[my[DATA]].user); if_mine(head[my[HEAD]].user); responders--

proctype Responder(byte me)
{
    byte c;                 /* the CTRL that it examines, or is attached to */
    byte generation, incarnation, t;
    byte my[4];             /* the home that it is attached to */
    byte next, found[4];    /* the home that it is opening, and its generation */

    /* Responders of the two levels do not overlap: see "What the protocol cannot guarantee". */
end_start:
    atomic { basics == 0 -> responders++ }

    /*
     * It looks every 50 ms. A look that finds nothing changes nothing, so in the model it waits until it would find something. `early` lets it look
     * before that now and then.
     */
end_try_attach:
    if
    :: atomic { ctrl != 0 && is_open(ctrl) && ctl[ctrl].responder == 0 && !beside_dead_requester(ctrl) -> c = ctrl }
    :: atomic { early > 0 && ctrl != 0 -> early--; c = ctrl }
    dying
    fi;
    step(when(!is_open(c), c = 0; goto end_try_attach));
    step(
        if
        :: ctl[c].responder == 0 -> ctl[c].responder = me
        :: else -> c = 0; goto end_try_attach       /* stands by */
        fi);
#ifndef LATE_INCARNATION
    step(incarnations++; incarnation = incarnations; ctl[c].incarnation = incarnation);
#endif

    /* It holds the lock, and keeps it while there is no home. */
end_try_extended:
    if
    :: atomic { ctl[c].generation != 0 && whole(c) }
    :: atomic { early > 0 -> early-- }
    :: atomic { !is_open(c) || beside_dead_requester(c) -> goto detach }
    dying
    fi;

try_open_home:
    passage {
        step(next = ctl[c].generation; when(next == 0, goto no_home));
        step(found[HEAD] = name[HEAD]);
        step(found[DATA] = name[DATA]);
        step(found[REQ] = name[REQ]);
        step(found[RES] = name[RES]);
        step(
            when(found[REQ] == 0 || found[RES] == 0 || found[DATA] == 0 || found[HEAD] == 0 ||
                 found[REQ] != ctl[c].inode[REQ] || found[RES] != ctl[c].inode[RES] ||
                 found[DATA] != ctl[c].inode[DATA] || found[HEAD] != ctl[c].inode[HEAD], goto no_home));
        step(
            when(ctl[c].generation != next, goto no_home);
            generation = next; next = 0;
            my[REQ] = found[REQ]; my[RES] = found[RES]; my[DATA] = found[DATA]; my[HEAD] = found[HEAD];
            found[REQ] = 0; found[RES] = 0; found[DATA] = 0; found[HEAD] = 0)
    };
#ifdef LATE_INCARNATION
    step(when(incarnation == 0, incarnations++; incarnation = incarnations; ctl[c].incarnation = incarnation));
#endif
#ifdef WAIT_FOR_A_POST
    goto end_idle;
#endif

try_take:
    step(t = ctl[c].ticket);
#ifndef NO_GENERATION_CHECK
    step(when(ctl[c].generation != generation, t = 0; goto try_open_home));
#endif
#ifdef TAKEN_BEFORE_TAKER
    step(when(t == 0 || t == ctl[c].taken, t = 0; goto end_idle); ctl[c].taken = t);
    step(ctl[c].taker = incarnation);
#else
    step(when(t == 0 || t == ctl[c].taken, t = 0; goto end_idle); ctl[c].taker = incarnation);
#ifdef REREAD_BEFORE_TAKING
    step(when(ctl[c].ticket != t, t = 0; goto try_take));
#endif
    step(ctl[c].taken = t);
#endif
    /* The code has a full barrier here. Its counterpart is in the requester's withdrawal. */
#if !defined(NO_REREAD) && !defined(REREAD_BEFORE_TAKING)
    step(when(ctl[c].ticket != t, goto hand_back));
#endif
#ifndef IGNORE_CHANGED_WORDS
    /* Words 1 to 3 of HEAD are not UINT64_MAX: a basic responder already has this request. */
    step(when(head[my[HEAD]].what != NAME, goto hand_back));
#endif
    step(
        enter(data[my[DATA]]); enter(head[my[HEAD]]);
        assert(head[my[HEAD]].what == NAME && head[my[HEAD]].ticket == t);
        assert(data[my[DATA]].what == NAME && data[my[DATA]].ticket == t);
        data[my[DATA]].what = TORN);
    step(data[my[DATA]].what = ANSWER; head[my[HEAD]].what = TORN);
#ifdef DONE_BEFORE_HEAD
    step(ctl[c].done = t);
#endif
    step(head[my[HEAD]].what = ANSWER; leave(data[my[DATA]]); leave(head[my[HEAD]]));
    step(ctl[c].handed_back = false);
    goto post_done;

hand_back:
    step(ctl[c].handed_back = true);

post_done:
    step(ctl[c].done = t; t = 0);
    step(post(res[my[RES]]); ring);
    goto try_take;

end_idle:
    if
    :: atomic { req[my[REQ]] > 0 -> req[my[REQ]]-- }
#ifndef WAIT_FOR_A_POST
    :: atomic { ctl[c].generation == generation && ctl[c].ticket != 0 && ctl[c].ticket != ctl[c].taken }
#endif
#ifndef IDLE_IGNORES_GENERATION
    /* It follows its requester, and keeps its old home until the new one is complete. */
    :: atomic { ctl[c].generation != generation && whole(c) -> goto try_open_home }
#endif
#ifndef IDLE_NEVER_LEAVES
    :: atomic { !is_open(c) -> goto detach }
    :: atomic { ctl[c].requester == 0 && name[HEAD] != ctl[c].inode[HEAD] -> goto detach }
#endif
    dying
    fi;
    goto try_take;

no_home:
    atomic {
        next = 0; found[REQ] = 0; found[RES] = 0; found[DATA] = 0; found[HEAD] = 0;
        if
        :: my[HEAD] != 0 -> goto end_idle
        :: else -> goto end_try_extended
        fi
    };

detach:
    step(
        ctl[c].responder = 0;
        c = 0; generation = 0; incarnation = 0; my[REQ] = 0; my[RES] = 0; my[DATA] = 0; my[HEAD] = 0);
    goto end_try_attach;

dies:
    atomic {
        c = 0; generation = 0; incarnation = 0; t = 0; next = 0;
        my[REQ] = 0; my[RES] = 0; my[DATA] = 0; my[HEAD] = 0;
        found[REQ] = 0; found[RES] = 0; found[DATA] = 0; found[HEAD] = 0
    }
}

#undef released
