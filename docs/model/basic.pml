/* A basic responder, modelled on the existing programs: it creates semaphores, answers without tickets, and unlinks all names when it exits. */

/* An extended responder has taken the current request, or the requester may still find that responder's post. */
#define between_levels (rung || standing != 0 && ctl[ctrl].taken == standing)

#define released if_mine(data[my[DATA]].user); if_mine(head[my[HEAD]].user); basics--

proctype Basic(byte me)
{
    byte asked, k;
    byte my[4];

    /*
     * Responders of the two levels do not overlap, and a basic one does not start while an extended one has the current request: see
     * "What the protocol cannot guarantee". It may start before any requester, and after an extended responder died.
     */
end_start:
    atomic { responders == 0 && basics == 0 && !between_levels -> basics++ }

    passage {
        do
        :: k <= RES ->
            step(
                when(name[k] == 0, made[k]++; assert(made[k] < INODES); name[k] = made[k]);
                my[k] = name[k]; k++)
        :: else -> break
        od
    };
end_poll:
    if
    :: atomic { name[HEAD] != 0 && name[DATA] != 0 -> my[HEAD] = name[HEAD] }
    :: atomic { exits > 0 -> exits--; goto leaves }
    dying
    fi;
    /*
     * It may now have the semaphores of one home and the segments of the next, and cannot find out. Such a responder is lost. It leaves here, so
     * that a token that it would take is not counted as a fault of the protocol.
     */
    step(
        my[DATA] = name[DATA];
        if
        :: ctrl == 0 || !whole(ctrl) || my[REQ] != name[REQ] || my[RES] != name[RES] ||
           my[DATA] != name[DATA] || my[HEAD] != name[HEAD] -> goto leaves
        :: else
        fi);

end_wait:
    if
    :: atomic { req[my[REQ]] > 0 -> req[my[REQ]]-- }
    :: atomic { exits > 0 -> exits--; goto leaves }
    dying
    fi;
    /* Its first look truncates HEAD to 8 bytes. Until its post it may write at any time. */
    step(
        enter(head[my[HEAD]]); enter(data[my[DATA]]);
        head[my[HEAD]].what = ZEROED;
        asked = data[my[DATA]].ticket);
    step(head[my[HEAD]].ticket = asked; head[my[HEAD]].what = ANSWER; data[my[DATA]].what = TORN);
    if
    :: atomic { exits > 0 -> exits--; leave(head[my[HEAD]]); leave(data[my[DATA]]); goto leaves }
    :: true
    fi;
    step(
        data[my[DATA]].ticket = asked; data[my[DATA]].what = ANSWER;
        leave(head[my[HEAD]]); leave(data[my[DATA]]); asked = 0);
    step(post(res[my[RES]]));
    goto end_wait;

leaves:
    k = REQ;
    passage {
        do
        :: k <= HEAD -> step(name[k] = 0; k++)
        :: else -> break
        od
    };
    atomic { released };

dies:
    atomic {
        asked = 0; k = 0; my[REQ] = 0; my[RES] = 0; my[DATA] = 0; my[HEAD] = 0
    }
}

#undef released
