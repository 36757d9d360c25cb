/* Mirrored setpoints: src/mqttd/mirror/ and setpoint_restore in src/mqttd/writeback/writeback_publish.c.
 *
 * SCADA writes one tag at two gateways. Each publishes its write, and puts the other's into its registers; messages come
 * in any order, and twice. In the end both have the value of the highest stamp.
 *
 * large: REPEATS=3 */
#ifndef WRITES
#define WRITES 3
#endif
#ifndef REPEATS
#define REPEATS 1 /* messages that come twice */
#endif
#define NOBODY 2

byte now;                          /* the steady clock: each write of SCADA has its own time */
byte offset[2];                    /* struct mirror_clock */
byte reg[2];                       /* the registers */
byte row[2], row_written_at[2];    /* the row of the live table, and when its value was written to the register */
bool is_pending[2];                /* it is not written yet */
byte stamp[2];                     /* struct mirror_record: the newest known setpoint, */
byte from[2] = NOBODY;             /* and its gateway; the client id is the number */

/* Writes in the journal of a gateway, and published setpoints. */
chan journal0 = [WRITES] of { byte, byte }; /* time, value */
chan journal1 = [WRITES] of { byte, byte };
byte sent_value[WRITES], sent_stamp[WRITES], sent_from[WRITES], sent;
bool was_taken[2 * WRITES + 3];
byte repeats;

byte writes, judged;

/* mirror_mark_is_newer */
#ifdef FAULT_EQUAL_STAMPS /* of equal stamps, none is newer */
#define IS_NEWER(s, f, than, than_f) (s > than)
#else
#define IS_NEWER(s, f, than, than_f) (s > than || (s == than && s != 0 && f > than_f))
#endif

/* mirror_clock_see_stamp */
inline see_stamp(me, its)
{
    if
    :: its > now + offset[me] -> offset[me] = its - now
    :: else
    fi
}

inline put_row(me, value) { row[me] = value; is_pending[me] = true }

/* mirror_judge_record, mirror_publish_write, setpoint_restore, setpoint_note_value */
inline judge_write(me, time, value)
{
    last = time + offset[me];
    if
    :: from[me] != NOBODY && from[me] != me && !IS_NEWER(last, me, stamp[me], from[me]) ->
#ifndef FAULT_NOT_PUT_AGAIN /* SCADA's older write stays in the register */
        put_row(me, row[me]); /* superseded: mirror_put_row_again */
#endif
        judged++
    :: else ->
        if
#ifndef FAULT_NOT_RESTORED /* setpoint_restore is left out */
        :: row[me] != 0 && (is_pending[me] || row_written_at[me] >= time) -> put_row(me, value)
#endif
        :: else ->
            if
            :: !is_pending[me] -> row[me] = value
            :: else
            fi
        fi;
        stamp[me] = (last > stamp[me] -> last : stamp[me] + 1);
        from[me] = me;
        sent_value[sent] = value;
        sent_stamp[sent] = stamp[me];
        sent_from[sent] = me;
        sent++;
        judged++
    fi;
    last = 0
}

/* mirror_take_setpoint, mirror_put_setpoint */
inline take_setpoint(me, m)
{
    see_stamp(me, sent_stamp[m]);
    if
    :: from[me] == NOBODY || IS_NEWER(sent_stamp[m], sent_from[m], stamp[me], from[me]) ->
        stamp[me] = sent_stamp[m];
        from[me] = sent_from[m];
        if
        :: row[me] != sent_value[m] -> put_row(me, sent_value[m])
        :: else /* row_has_message */
        fi
    :: else /* mirror_note_older */
    fi
}

#define TAKEN(g, m) (was_taken[g * WRITES + m] || m >= sent)
#define ALL_TAKEN (TAKEN(0, 0) && TAKEN(1, 0) && TAKEN(0, 1) && TAKEN(1, 1) && TAKEN(0, 2) && TAKEN(1, 2))
#define DONE (writes == WRITES && judged == WRITES && !is_pending[0] && !is_pending[1] && ALL_TAKEN)

proctype gateway(byte me)
{
    byte m, last, time, value;
end:
    do
    :: atomic { /* SCADA: the last write may have the first one's value */
           writes < WRITES ->
           writes++;
           now++;
           if
           :: value = writes
           :: writes == WRITES -> value = 1
           fi;
           reg[me] = value;
           if
           :: me == 0 -> journal0 ! now, value
           :: else -> journal1 ! now, value
           fi;
           value = 0
       }
    :: atomic { /* the journal */
           me == 0 && nempty(journal0) -> journal0 ? time, value; judge_write(me, time, value); time = 0; value = 0 }
    :: atomic {
           me == 1 && nempty(journal1) -> journal1 ? time, value; judge_write(me, time, value); time = 0; value = 0 }
    :: atomic { /* a message of the broker: any, some of them twice */
           sent > 0 ->
           do
           :: !was_taken[me * WRITES + m] -> break
           :: was_taken[me * WRITES + m] && repeats < REPEATS -> repeats++; break
           :: m + 1 < sent -> m++
           :: m + 1 >= sent -> goto none
           od;
           was_taken[me * WRITES + m] = true;
           take_setpoint(me, m);
none:      m = 0
       }
    :: atomic { /* the target's thread: a mirrored value goes to the process side, and not into the journal */
           is_pending[me] -> reg[me] = row[me]; is_pending[me] = false; row_written_at[me] = now }
    :: atomic { DONE -> break }
    od
}

init
{
    byte i, best;
    atomic {
        from[0] = NOBODY;
        from[1] = NOBODY;
        if
        :: offset[1] = 2 /* the clocks differ */
        :: offset[0] = 2
        :: true
        fi;
        run gateway(0);
        run gateway(1)
    }
    atomic {
        DONE ->
        assert(reg[0] == reg[1]);
        assert(stamp[0] == stamp[1] && from[0] == from[1]);
        best = 0;
        i = 1;
        do
        :: i < sent ->
            if
            :: IS_NEWER(sent_stamp[i], sent_from[i], sent_stamp[best], sent_from[best]) -> best = i
            :: else
            fi;
            i++
        :: else -> break
        od;
        assert(reg[0] == sent_value[best]) /* the newest one */
    }
}
