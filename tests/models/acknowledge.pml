/* Acknowledged means written in the end: a value on its way from the broker to the register.
 *
 * The broker keeps the messages of the session until mqttd acknowledges them (src/mqttd/broker/mqtt_session.c). mqttd's
 * MQTT thread puts values into the live table's row (src/mqttd/ingest/ingest.c), the target's thread writes them
 * (src/mqttd/targets/), modbusd has the register in a file. mqttd or modbusd is killed, or a connection lost, anywhere.
 *
 * large: MESSAGES=3 */
#ifndef MESSAGES
#define MESSAGES 2
#endif
#ifndef FAILURES
#define FAILURES 2
#endif

/* The broker: values 1, 2, ... of one tag; those up to `acked` are acknowledged, up to `sent` sent in this connection. */
byte acked, sent, connection;
chan messages = [2] of { byte };        /* the connection, towards mqttd */
chan acknowledgements = [2] of { byte };

/* The row in the live table: it outlives mqttd. */
byte row_value, changed, written;

byte life = 1;                          /* of mqttd */
bool outbox, dirty;                     /* struct target: marks, and marks for the thread */
byte taken;                             /* the newest message of this turn, which libmosquitto will acknowledge */
bool locked;                            /* target_lock_rows */

/* modbusd: requests in the order in which they come, each of a connection; the register outlives modbusd. */
chan requests = [4] of { byte, byte };  /* connection, value */
byte link = 1;                          /* mqttd's connection to modbusd */
byte answer_link;                       /* an answer is there for this one */
byte reg;

byte failures;
bool over;                              /* no more failures */

inline lose_broker() /* a new connection: the broker sends again what is not acknowledged */
{
    do
    :: messages ? _
    :: acknowledgements ? _
    :: empty(messages) && empty(acknowledgements) -> break
    od;
    sent = acked;
    connection++
}

active proctype broker()
{
end:
    do
    :: atomic { sent < MESSAGES && nfull(messages) -> sent++; messages ! sent }
    :: atomic { acknowledgements ? acked }
    od
}

active proctype failure()
{
    do
    :: atomic { failures < FAILURES -> failures++;
           if
           :: /* the connection to the broker: mqttd notes it, and drops what libmosquitto had to send */
              lose_broker();
              taken = 0
           :: /* kill -9 of mqttd; requests that it has sent stay on their way */
              lose_broker();
              taken = 0;
              life++;
              locked = false;
              outbox = false;
              link++;
              answer_link = 0;
              dirty = false;
#ifndef FAULT_NO_RESTORE /* device_mark_unwritten is left out at the start */
              dirty = changed != written
#endif
           :: /* kill -9 of modbusd, or an end of the connection to it */
              do
              :: requests ? _, _
              :: empty(requests) -> break
              od;
              link++;
              answer_link = 0
           :: /* a time-out: mqttd makes another connection, and its request may still be on its way */
              link++;
              answer_link = 0
           fi
       }
    :: over = true; break
    od
}

/* mqtt_session_read, ingest_take_values; mqtt_session_flush, target_wake_thread. */
active proctype mqtt_thread()
{
    byte value, mine, from;
begin:
    mine = life;
end:
    do
    :: atomic { life == mine && nempty(messages) -> messages ? value; from = connection; locked = true }
#ifdef FAULT_ACKNOWLEDGED_FIRST /* the acknowledgement leaves while the message is handled, as without mosquitto_threaded_set */
       atomic {
           if
           :: life == mine && from == connection -> nfull(acknowledgements); acknowledgements ! value
           :: else
           fi
       }
#endif
       atomic { /* live_table_put_value: its last store */
           if
           :: life == mine -> row_value = value; changed++; outbox = true
           :: else -> goto begin
           fi
       }
       atomic {
           if
           :: life == mine -> locked = false; taken = (from == connection -> value : taken); value = 0; from = 0
           :: else -> goto begin
           fi
       }
    :: atomic { /* the end of the turn */
           life == mine && outbox -> dirty = true; outbox = false }
    :: atomic { life == mine && taken > 0 && nfull(acknowledgements) ->
#ifndef FAULT_ACKNOWLEDGED_FIRST
           acknowledgements ! taken;
#endif
           taken = 0
       }
    :: life != mine -> goto begin
    od
}

/* target_thread.c and target_write.c. */
active proctype target_thread()
{
    byte value, number, mine, sent_link;
begin:
    mine = life;
end:
    do
    :: atomic { /* target_take_dirty_rows, target_snapshot_rows */
           life == mine && dirty && !locked ->
           dirty = false;
           if
           :: changed == written -> goto next
           :: else
           fi;
           value = row_value;
           number = changed
       }
       atomic { /* sender_write_request */
           if
           :: life == mine -> nfull(requests); sent_link = link; requests ! link, value
           :: else -> goto next
           fi
       }
#ifdef FAULT_MARKED_EARLY /* marked as written when the request is sent */
       atomic {
           if
           :: life == mine -> written = number
           :: else -> goto next
           fi
       }
#endif
       atomic {
           if
           :: life == mine && answer_link == sent_link && link == sent_link ->
               answer_link = 0;
#ifdef FAULT_MARKED_NEWEST /* the row's newest number is marked, not that of the value which was written */
               written = changed
#else
               written = number /* target_note_written, live_table_mark_written */
#endif
           :: life == mine && link != sent_link -> dirty = true /* target_park_rows, and another attempt */
           :: life != mine
           fi
       }
next:  atomic { value = 0; number = 0; sent_link = 0 }
    :: life != mine -> goto begin
    od
}

/* server_serve_queue: requests of a connection that is older are made first; its peer may be gone. */
active proctype modbusd()
{
    byte from, value;
end:
    do
    :: atomic {
#ifdef FAULT_OLD_CONNECTION_LAST /* requests of a new connection may overtake those of an old one */
        if
        :: requests ?? eval(link), value -> from = link
        :: requests ? from, value
        fi;
#else
        requests ? from, value;
#endif
        reg = value; /* bank_write_frame */
        if
        :: from == link -> answer_link = link
        :: else
        fi;
        from = 0;
        value = 0
       }
    od
}

/* Nothing is left to do. */
active proctype in_the_end()
{
    timeout;
    assert(over);
    assert(reg >= acked); /* acknowledged implies written */
    assert(acked == MESSAGES && reg == MESSAGES && changed == written)
}
