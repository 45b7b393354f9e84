/*
 * A requester (OwnedChannel, RequesterExchange, PostedRequest): it creates or adopts its channel, makes its requests one after the other, and ends.
 * It must reach its end: a wait that nothing can end is an invalid end state.
 */

/* A request may time out or be cancelled at any moment. While a responder lives that should answer, that happens a limited number of times. */
#ifdef BASIC_RESPONDERS_ANSWER
#define in_vain (responders == 0 && basics == 0)
#else
#define in_vain (responders == 0)
#endif
#define deadline (timeouts > 0 || in_vain)
#define spend_deadline if :: in_vain :: else -> timeouts-- fi

/* The answer to an earlier request that a responder may still write. */
#define NOTHING         0
#define EXTENDED_ANSWER 1
#define BASIC_ANSWER    2

#define its_data data[ctl[c].inode[DATA]]
#define its_head head[ctl[c].inode[HEAD]]
#define its_req  req[ctl[c].inode[REQ]]
#define its_res  res[ctl[c].inode[RES]]

/*
 * A name that stops an adopter belongs to a basic requester, or to another living requester that lost its CTRL. A dead owner leaves nothing that its
 * CTRL does not record.
 */
#define may_refuse assert(!adopting || name[HEAD] == alien || requesters > 1)

#define released \
    if_mine(ctl[c].requester); if_mine(ctl[former].requester); if_mine(owner); if_mine(its_data.user); if_mine(its_head.user); requesters--

proctype Requester(byte me)
{
    byte c;                 /* its CTRL */
    byte former;            /* the previous one, whose name was removed */
    byte t;                 /* its last ticket */
    byte left = REQUESTS;
    byte outstanding;
    byte old;               /* the REQ of the home that it is leaving */
    byte taken, what, k, i;
    bool found, nothing;
    bool adopting;          /* it owns the channel, but has no home yet */
    bool closing;           /* the home is unlinked, and not made anew */

acquire:
    step(c = ctrl; when(c != 0, goto adopt));

    /* Birth: CTRL is created without a name, filled and locked. Only then does it get its name. */
    step(found = (name[HEAD] != 0 || name[DATA] != 0));
    if
    :: found -> step(found = false; when(ctrl == 0, goto refused))
    :: else
    fi;
    step(
        if
        :: ctrl == 0 ->
            ctrls++; assert(ctrls <= CTRLS); c = ctrls;
            ctl[c].state = BUILDING;
#ifndef LOCK_AFTER_LINK
            ctl[c].requester = me;
#endif
            ctrl = c;
            assert(owner == 0); owner = me
        :: else -> goto acquire
        fi);
#ifdef LOCK_AFTER_LINK
    step(when(ctl[c].requester != 0, owner = 0; goto refused); ctl[c].requester = me);
#endif
    goto make_home;

adopt:
    step(when(ctl[c].requester != 0, goto in_use); ctl[c].requester = me);
    step(
#ifndef NO_NAME_CHECK
        when(ctrl != c, ctl[c].requester = 0; c = 0; goto acquire);
#endif
        assert(owner == 0); owner = me; adopting = true);
#ifdef LEAVE_CLOSED
    step(when(ctl[c].state == CLOSED, owner = 0; ctl[c].requester = 0; adopting = false; c = 0; goto acquire));
#endif
    step(taken = ctl[c].taken);
#ifdef FORGET_PENDING
    step(nothing = (ctl[c].ticket == 0 || ctl[c].ticket == ctl[c].done));
#else
    step(nothing = (ctl[c].pending == 0 || ctl[c].pending == ctl[c].done));
#endif
    step(found = (!nothing && ctl[c].pending == taken && living(c)));
    step(
#ifdef ADOPT_CLOSED
        when(ctl[c].state == BUILDING || !(nothing || found) || !whole(c), goto rehome);
#else
        when(ctl[c].state != OPEN || !(nothing || found) || !whole(c), goto rehome);
#endif
        when(found, outstanding = EXTENDED_ANSWER; t = taken);
        adopting = false; found = false; nothing = false; taken = 0);
    step(ctl[c].ticket = 0);
    step(drain(its_req); stand(0));
    step(drain(its_res); rung_out);
    goto ready;

in_use:
    step(when(is_open(c), goto refused));
    /* Its owner is ending. */
    if
    :: atomic { ctl[c].requester == 0 || ctrl != c -> c = 0; goto acquire }
    dying
    fi;

rehome:
    /* If CTRL has lost its name, a new one is born in its place. */
    step(
        if
        :: ctrl == c
        :: ctrl != c && ctrl == 0 ->
            ctrls++; assert(ctrls <= CTRLS); former = c; c = ctrls;
            ctl[c].state = BUILDING; ctl[c].requester = me;
#ifndef FORGET_THE_FORMER_HOME
            for (k : REQ .. HEAD) { ctl[c].inode[k] = ctl[former].inode[k] }
#endif
            ctrl = c;
            assert(owner == 0); owner = me
        :: else -> goto close
        fi);
    if
    :: former != 0 ->
        step(ctl[former].ticket = 0);
        step(ctl[former].state = CLOSED)
    :: else
    fi;
    step(ctl[c].ticket = 0; t = 0; taken = 0; what = 0; found = false; nothing = false; outstanding = NOTHING; stand(0));
#ifdef PENDING_BEFORE_BUILDING
    step(ctl[c].pending = 0);
    step(ctl[c].state = BUILDING);
#else
    step(ctl[c].state = BUILDING);
    step(ctl[c].pending = 0);
#endif
    /* An adopter has not opened the old REQ. */
    i = (former != 0 -> former : c);
    old = (adopting -> 0 : ctl[i].inode[REQ]);

unlink_home:
    k = HEAD;
    passage {
        do
        :: step(found = (name[k] != 0 && name[k] == ctl[i].inode[k]));
            if
            :: found -> step(name[k] = 0; found = false)
            :: else
            fi;
            if
            :: k == HEAD -> k = DATA
            :: k == DATA -> k = REQ
            :: k == REQ -> k = RES
            :: else -> k = 0; i = 0; break
            fi
        od
    };
    if
    :: closing -> goto end_channel
    :: former != 0 -> step(ctl[former].requester = 0; former = 0)
    :: else
    fi;

make_home:
    passage {
        k = REQ;
        do
        :: k <= RES ->
            /* Opened if it exists: a basic responder may have created it. */
            step(
                when(name[k] == 0, made[k]++; assert(made[k] < INODES); name[k] = made[k]);
                i = name[k]);
            step(
                if
                :: k == REQ -> drain(req[i])
                :: else -> drain(res[i]); rung_out
                fi);
            step(ctl[c].inode[k] = i; i = 0; k++)
        :: k > RES && k <= HEAD ->
#ifdef INODE_AFTER_NAME
            step(
                when(name[k] != 0, may_refuse; k = 0; goto not_ours);
                made[k]++; assert(made[k] < INODES); name[k] = made[k]);
            step(ctl[c].inode[k] = name[k]; k++)
#else
            step(made[k]++; assert(made[k] < INODES); ctl[c].inode[k] = made[k]);
            step(
                when(name[k] != 0, may_refuse; k = 0; goto not_ours);
                name[k] = ctl[c].inode[k]; k++)
#endif
        :: else -> k = 0; break
        od;
        step(ctl[c].generation++);
        step(ctl[c].state = OPEN; adopting = false)
    };
    if
    :: old != 0 -> step(post(req[old]); old = 0)
    :: else
    fi;

ready:
    /* Requester.Reset. */
    if
    :: atomic { resets > 0 -> resets--; goto rehome }
    :: true
    fi;
    if
    :: left == 0 -> goto close
    :: else
    fi;

    /* Nothing is written to HEAD and DATA while an answer is outstanding. */
    if
    :: outstanding == EXTENDED_ANSWER ->
        if
#ifdef NO_WAIT_FOR_OUTSTANDING
        :: atomic { true -> outstanding = NOTHING }
#endif
        :: atomic { ctl[c].done == t || !living(c) -> outstanding = NOTHING }
        :: atomic { deadline -> spend_deadline; left--; goto ready }
        dying
        fi
    :: outstanding == BASIC_ANSWER ->
        if
        :: atomic { its_res > 0 -> its_res--; outstanding = NOTHING }
        :: atomic { ctl[c].responder != 0 -> goto rehome }
#ifndef IGNORE_NAMES_WHILE_OUTSTANDING
        :: atomic { !intact(c) -> goto rehome }
#endif
        :: atomic { deadline -> spend_deadline; left--; goto ready }
        dying
        fi
    :: else
    fi;

    /* The code checks the names here unless the last answer was an extended one. In that case it finds out later that they are gone. */
    if
    :: atomic { !intact(c) -> goto rehome }
    :: true
    fi;

ask:
#ifndef KEEP_OLD_REQUEST_POSTS
    step(drain(its_req));
#endif
#ifdef KEEP_OLD_RESPONSE_POSTS
    step(rung_out);
#else
    step(drain(its_res); rung_out);
#endif
    step(
#ifdef TICKETS_START_AT_1
        t = left;
#else
        tickets++; t = tickets;
#endif
        enter(its_data); enter(its_head);
        its_data.ticket = t; its_data.what = TORN;
        its_head.ticket = t; its_head.what = TORN);
    step(its_data.what = NAME; its_head.what = NAME; leave(its_data); leave(its_head));
#ifdef PENDING_AFTER_TICKET
    step(ctl[c].ticket = t; stand(t));
    step(ctl[c].pending = t);
#else
    step(ctl[c].pending = t);
    step(ctl[c].ticket = t; stand(t));
#endif
    step(post(its_req));

waiting:
    if
    :: atomic { ctl[c].done == t -> goto answered }
    :: atomic { its_res > 0 -> its_res--; goto posted }
#ifdef DEATH_BEFORE_TAKEN
    :: atomic { !living(c) -> goto seems_lost }
#elif defined(DONE_BEFORE_DEATH)
    :: atomic { ctl[c].taken == t && ctl[c].done != t -> goto seems_lost }
#else
    :: atomic { ctl[c].taken == t && !living(c) -> goto lost }
#endif
    :: atomic { ctl[c].taken != t && !intact(c) -> goto vanished }
    :: atomic { deadline -> spend_deadline; left--; goto withdraw }
    dying
    fi;

#ifdef DEATH_BEFORE_TAKEN
seems_lost:
    step(when(ctl[c].taken != t, goto waiting));
#endif
#ifdef DONE_BEFORE_DEATH
seems_lost:
    step(when(living(c), goto waiting));
    assert(ctl[c].done != t);
    goto ask;
#endif

lost:
    /* Its taker died, but may have finished before. */
    step(when(ctl[c].done == t, goto answered));
    goto ask;

posted:
    /* A post. If CTRL has no news, it is a basic responder's answer or a stray. */
    step(when(ctl[c].done == t, goto answered));
#ifndef BASIC_TEST_WITHOUT_TAKEN
    step(when(ctl[c].taken == t, goto waiting));
#endif
    step(what = its_head.what; when(what == NAME, rung_out));
    if
    :: what == NAME -> what = 0;
#ifdef ANY_POST_IS_AN_ANSWER
        goto accept
#else
        goto waiting
#endif
    :: else -> what = 0
    fi;
#ifndef BASIC_TEST_WITHOUT_TAKEN
    step(when(ctl[c].taken == t, goto waiting));
#endif
    /* Accepting withdraws the request. An extended responder that took the ticket meanwhile sees from HEAD that it is late, and hands the request back. */
#ifndef ACCEPT_WITHOUT_WITHDRAWING
    step(ctl[c].ticket = 0);
#ifndef BASIC_TEST_WITHOUT_TAKEN
    step(when(ctl[c].taken == t, goto waiting));
#endif
#endif
    step(ctl[c].pending = 0);
    goto accept;

vanished:
    /* A basic responder that exits posts before it unlinks. */
    if
    :: its_res > 0 -> step(its_res--; goto posted)
    :: else -> goto rehome
    fi;

answered:
    /* The taker found HEAD changed by a basic responder, which may still be at work. */
    step(when(ctl[c].handed_back, goto rehome));

accept:
    step(
        enter(its_head); enter(its_data);
        assert(its_head.what == ANSWER && its_head.ticket == t);
        assert(its_data.what == ANSWER && its_data.ticket == t));
#ifdef KEEP_SURPLUS_TOKENS
    step(its_head.what = ACCEPTED; its_data.what = ACCEPTED; stand(0));
#else
    /* An extended responder may have taken the ticket without its token. That token must not wake a basic responder that comes later. */
    step(drain(its_req); its_head.what = ACCEPTED; its_data.what = ACCEPTED; stand(0));
#endif
    /* The caller reads the response in place until it disposes of it. */
    step(leave(its_head); leave(its_data); left--);
    goto ready;

withdraw:
    /* The code has a full barrier between this write and the read after it. Its counterpart is in the responder. */
#ifdef READ_BEFORE_WITHDRAWING
    step(taken = ctl[c].taken);
    step(ctl[c].ticket = 0);
    step(when(ctl[c].done == t, goto withdrawn));
    step(when(taken == t, taken = 0; outstanding = EXTENDED_ANSWER; goto ready); taken = 0);
#else
    step(ctl[c].ticket = 0);
#ifdef KEEP_WITHDRAWN_TOKENS
    step(when(ctl[c].done == t, stand(0); goto withdrawn));
    step(when(ctl[c].taken == t, stand(0); outstanding = EXTENDED_ANSWER; goto ready));
#else
    /* The token of a request that was taken serves no purpose. */
    step(when(ctl[c].done == t, drain(its_req); stand(0); goto withdrawn));
    step(when(ctl[c].taken == t, drain(its_req); stand(0); outstanding = EXTENDED_ANSWER; goto ready));
#endif
#endif
    /* If the token is still there, no responder has it. */
    step(stand(0); when(its_req > 0, its_req--; goto withdrawn));
    /* The request was not taken, but its token is gone. If no extended responder can have it, a basic one has, and will post RES. */
    step(when(ctl[c].responder == 0, outstanding = BASIC_ANSWER; goto ready));

withdrawn:
    step(ctl[c].pending = 0);
    goto ready;

not_ours:
    /* An adopter that cannot make a home leaves CTRL as it is. */
    if
    :: adopting -> goto refused
    :: else
    fi;

close:
    step(ctl[c].ticket = 0; outstanding = NOTHING; t = 0);
    step(ctl[c].state = CLOSED; closing = true; i = c; goto unlink_home);

end_channel:
#ifdef UNLOCK_BEFORE_UNLINK
    step(ctl[c].requester = 0);
#endif
    step(found = (ctrl == c));
    step(when(found, ctrl = 0; owner = 0; found = false));
    step(post(its_req));

refused:
    atomic { released };

dies:
    atomic {
        c = 0; former = 0; t = 0; left = 0; outstanding = 0; old = 0; taken = 0; what = 0; k = 0; i = 0;
        found = false; nothing = false; adopting = false; closing = false
    }
}

#undef released
