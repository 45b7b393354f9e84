/* A client of the extended level. It creates and unlinks nothing, and serves until it dies. */

/* What an attempt to attach would find whole now. */
#define attachable (ctrl != 0 && ctl[ctrl].state != CLOSED && ctl[ctrl].generation != 0 && whole(ctrl) && \
                    (ctl[ctrl].client == 0 || ctl[ctrl].client == me))

#define released \
    if_mine(ctl[c].client); if_mine(data[my[DATA]].user); if_mine(head[my[HEAD]].user); clients--

proctype Client(byte me)
{
    byte c;                 /* the CTRL whose lock it has */
    byte generation, incarnation, t, next;
    byte my[4];

    /* Clients of the two levels do not overlap: see "What cannot be held". */
end_start:
    atomic { basics == 0 -> clients++ }

look:
    /*
     * It looks every 50 ms. A look in vain changes nothing, so it is enough to let it wait until it would not be in vain, and let it
     * look too early now and then.
     */
end_look:
    if
    :: atomic { attachable -> next = ctrl }
    :: atomic { early > 0 && ctrl != 0 -> early--; next = ctrl }
    dying
    fi;
    if
    :: c != 0 && c != next -> step(ctl[c].client = 0; c = next)
    :: else -> c = next
    fi;
    next = 0;
    step(when(ctl[c].state == CLOSED || ctrl != c, goto leaves));
    step(
        if
        :: ctl[c].client == 0 -> ctl[c].client = me
        :: ctl[c].client == me
        :: else -> c = 0; goto look             /* stands by */
        fi);
    passage {
        step(generation = ctl[c].generation; when(generation == 0, goto leaves));
        step(my[REQ] = name[REQ]);
        step(my[RES] = name[RES]);
        step(my[DATA] = name[DATA]);
        step(my[HEAD] = name[HEAD]);
        step(
            if
            :: my[REQ] == 0 || my[RES] == 0 || my[DATA] == 0 || my[HEAD] == 0 ||
               my[REQ] != ctl[c].inode[REQ] || my[RES] != ctl[c].inode[RES] ||
               my[DATA] != ctl[c].inode[DATA] || my[HEAD] != ctl[c].inode[HEAD] -> goto leaves
            :: else
            fi);
        step(when(ctl[c].generation != generation, goto leaves));
        step(incarnations++; incarnation = incarnations; ctl[c].incarnation = incarnation);
    };

serve:
    step(t = ctl[c].ticket; when(t == 0 || t == ctl[c].taken, t = 0; goto idle));
#ifndef NO_GENERATION_CHECK
    step(when(ctl[c].generation != generation, t = 0; goto look));
#endif
#ifdef TAKEN_BEFORE_TAKER
    step(ctl[c].taken = t);
    step(ctl[c].taker = incarnation);
#else
    step(ctl[c].taker = incarnation);
#ifdef REREAD_BEFORE_TAKING
    step(when(ctl[c].ticket != t, t = 0; goto serve));
    step(ctl[c].taken = t);
#else
    step(ctl[c].taken = t);
#endif
#endif
    /* A full barrier stands here: the other half is in the server's withdrawal. */
#if !defined(NO_REREAD) && !defined(REREAD_BEFORE_TAKING)
    step(when(ctl[c].ticket != t, ctl[c].cancelled = true; goto finish));
#endif
#ifndef IGNORE_CHANGED_WORDS
    /* Words 1 to 3 of HEAD are not UINT64_MAX: a basic client had this request before us. */
    step(when(head[my[HEAD]].what != NAME, ctl[c].cancelled = true; goto finish));
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
    step(ctl[c].cancelled = false);
finish:
    step(ctl[c].done = t; t = 0);
    step(post(res[my[RES]]); ring);
    goto serve;

idle:
end_idle:
    if
    :: atomic { req[my[REQ]] > 0 -> req[my[REQ]]-- }
    :: atomic { ctl[c].state == CLOSED || ctrl != c -> goto leaves }
#ifndef IDLE_IGNORES_GENERATION
    :: atomic { ctl[c].generation != generation -> goto look }
#endif
    dying
    fi;
    goto serve;

leaves:
    step(
        when(ctl[c].client == me, ctl[c].client = 0);
        c = 0; generation = 0; incarnation = 0; my[REQ] = 0; my[RES] = 0; my[DATA] = 0; my[HEAD] = 0);
    goto look;

dies:
    atomic {
        c = 0; generation = 0; incarnation = 0; t = 0; next = 0; my[REQ] = 0; my[RES] = 0; my[DATA] = 0; my[HEAD] = 0
    }
}

#undef released
