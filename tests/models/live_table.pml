/* The live table's row: src/common/shared/live_table_write.c and live_table_read.c.
 *
 * mqttd has two threads: one puts values and gives the row to other owners, the target's thread copies a value, writes
 * it to the target and marks it as written. mqttd may be killed before each store, and starts again. Another process
 * reads. A load may return any older store, unless what the thread has acquired before forbids it. So a reader that
 * begins after the last store sees all that a reader at any other moment could see.
 *
 * large: CRASHES=2
 * slow: the checker is built with -O1 */
#ifndef STEPS
#define STEPS 3 /* puts, and changes of the row's owner */
#endif
#ifndef CRASHES
#define CRASHES 1
#endif
#define READS 2

/* Words of struct stored_row; its two copies have two words each. */
#define OWNER 0
#define CHANGED 1
#define COPY(number, word) (2 + 2 * ((number) & 1) + (word))
#define WORDS 6

/* `changed`: a generation above the count (LIVE_GENERATION_SHIFT). */
#define GENERATION(number) ((number) >> 3)
#define NUMBERS 32
#define OF(owner, number) ((owner - 1) * NUMBERS + number)

/* Each store of the thread that puts values, in order. The first WORDS are the new file's. */
#define STORES 64
byte store_at[STORES], store_value[STORES];
byte store_knows[STORES]; /* what a reader of it acquires of `written` */
bool store_relaxed[STORES]; /* a load of it acquires nothing */
byte stores;
byte newest[WORDS]; /* the newest store of each word */

/* Each store of `written`, which two threads store, with the stores above that its thread knows. */
#define WRITTENS 12
byte written_value[WRITTENS], written_knows[WRITTENS];
byte writtens = 1, own_written;

byte head_generation;           /* struct stored_head.generation */
bool locked;                    /* by the first thread, for the rows of a target */
byte life = 1;                  /* of mqttd; 0: it is over */
byte crashes;
byte ended;                     /* threads of mqttd: the reader begins after both */

/* For the properties: the value of each owner and number, and whether the target has had it. */
byte value_of[2 * NUMBERS];
bool was_in_target[2 * NUMBERS];

#define WORD(at) store_value[newest[at]]

inline store_word(at, value, relaxed)
{
    store_at[stores] = at;
    store_value[stores] = value;
    store_knows[stores] = own_written;
    store_relaxed[stores] = relaxed;
    newest[at] = stores;
    stores++
}

/* A store of the first thread: mqttd may be killed before it. */
inline store(at, value, relaxed)
{
    atomic {
        if
        :: crashes < CRASHES -> crashes++; life++; locked = false; goto killed
        :: store_word(at, value, relaxed)
        fi
    }
}

inline store_written(value, knows)
{
    written_value[writtens] = value;
    written_knows[writtens] = knows;
    writtens++
}

/* Chooses a store of this word that the thread may see, and acquires what it releases. The index is `i`. */
inline load(at, result)
{
    d_step {
        i = newest[at];
        do
        :: i > seen[at] && (i >= acquired || store_at[i] != at) -> i--
        :: else -> break
        od
    }
    do
    :: store_at[i] == at -> break
    :: i < newest[at] -> i++
    od;
    seen[at] = i;
    result = store_value[i];
    if
    :: !store_relaxed[i] ->
        acquired = (acquired > i + 1 -> acquired : i + 1);
        acquired_written = (acquired_written > store_knows[i] -> acquired_written : store_knows[i])
    :: else
    fi;
    i = 0
}

inline load_written(result)
{
    i = acquired_written;
    do
    :: i < writtens - 1 -> i++
    :: break
    od;
    acquired_written = i;
    result = written_value[i];
    acquired = (acquired > written_knows[i] -> acquired : written_knows[i]);
    i = 0
}

inline forget_seen()
{
    do
    :: i < WORDS -> seen[i] = 0; i++
    :: else -> i = 0; break
    od
}

/* live_table_put_value */
inline put_value(value)
{
    number = WORD(CHANGED) + 1;
    if
#ifndef FAULT_NO_GENERATION /* the first value of another owner gets a number that was used before */
    :: number == 1 ->
        generation = head_generation;
        head_generation++; /* stored before it is used */
        number = (generation << 3) + 1
#endif
    :: else
    fi;
    value_of[OF(WORD(OWNER), number)] = value;
#ifdef FAULT_SELECT_FIRST /* `changed` is stored before the copy */
    store(CHANGED, number, false);
#endif
    store(COPY(number, 0), value, false);
    store(COPY(number, 1), value, false);
#ifdef FAULT_RELAXED /* `changed` is stored with memory_order_relaxed */
    store(CHANGED, number, true)
#else
#ifndef FAULT_SELECT_FIRST
    store(CHANGED, number, false)
#endif
#endif
}

/* live_table_claim_row: live_table_empty_row, live_table_give_row */
inline claim_row(owner)
{
    if
    :: WORD(OWNER) != owner ->
        store(OWNER, 0, false);
        store(CHANGED, 0, false);
        atomic { store_written(0, stores); own_written = writtens - 1 }
        store(COPY(0, 0), 0, false);
        store(COPY(0, 1), 0, false);
        store(COPY(1, 0), 0, false);
        store(COPY(1, 1), 0, false)
    :: else
    fi;
    store(OWNER, owner, false)
}

/* The thread that takes messages. */
active proctype mqtt_thread()
{
    byte number, generation, steps, owner = 1;
    d_step {
        do
        :: stores < WORDS -> store_word(stores, 0, false)
        :: else -> break
        od
    }
begin:
    /* live_table_take_over: the next generation is above that of each row */
    atomic {
        if
        :: WORD(CHANGED) != 0 && GENERATION(WORD(CHANGED)) >= head_generation ->
            head_generation = GENERATION(WORD(CHANGED)) + 1
        :: else
        fi;
        own_written = writtens - 1
    }
    locked = true;
    claim_row(owner);
    locked = false;
    do
    :: steps < STEPS -> steps++; locked = true; put_value(steps); locked = false
    :: steps < STEPS && steps > 0 && owner == 1 ->
        steps++;
        owner = 2;
        locked = true;
        claim_row(owner);
        locked = false
    :: atomic { steps == STEPS -> life = 0; break }
    od;
    goto over;
killed:
    atomic {
        if
        :: goto begin
        :: life = 0 /* it does not start again */
        fi
    }
over: ended++
}

/* The target's thread: it copies the row under the lock that the other thread holds while it puts values
 * (target_lock_rows), so that the copy is that of live_table_read_pending_value without another look. */
active proctype target_thread()
{
    byte acquired, acquired_written, seen[WORDS], i, owner, number, again, mine = 255;
begin:
    atomic {
        stores >= WORDS && mine != life;
        mine = life;
        if
        :: life == 0 -> ended++; goto over
        :: else
        fi
    }
    do
    :: atomic { /* target_write.c, target_snapshot_rows */
           life == mine && !locked && WORD(OWNER) != 0 && WORD(CHANGED) > written_value[writtens - 1] ->
           number = WORD(CHANGED);
           acquired = stores;
           assert(WORD(COPY(number, 0)) == value_of[OF(WORD(OWNER), number)] && WORD(COPY(number, 1)) == value_of[OF(WORD(OWNER), number)]);
           owner = WORD(OWNER)
       }
       atomic { /* the Modbus write, then target_note_written: live_table_mark_written, live_table_is_same_owner */
           if
           :: life == mine -> was_in_target[OF(owner, number)] = true
           :: else -> goto next
           fi
       }
       atomic {
           if
           :: life == mine -> load(CHANGED, again)
           :: else -> goto next
           fi;
           if
           :: GENERATION(again) == GENERATION(number) && again != 0
           :: else -> goto next
           fi
       }
       atomic {
           if
           :: life == mine -> store_written(number, acquired)
           :: else
           fi
       }
next:  atomic { owner = 0; number = 0; again = 0; acquired = 0; acquired_written = 0; i = 0; forget_seen() }
    :: life != mine -> goto begin
    od;
over: skip
}

/* live_table_read_row, in another process. */
active proctype reader()
{
    byte acquired, acquired_written, seen[WORDS], i, reads, number, first, second, owner, again, written;
    byte last_owner, last_number;
    ended == 2;
    do
    :: atomic {
        reads < READS ->
        reads++;
        load(OWNER, owner);
        if
        :: owner == 0 -> goto next
        :: else
        fi;
#ifndef FAULT_WRITTEN_LAST /* `written` is read after `changed` */
        load_written(written);
#endif
        do
        :: load(CHANGED, number);
           load(COPY(number, 0), first);
           load(COPY(number, 1), second);
           load(CHANGED, again);
           if
           :: again == number -> break
           :: else
           fi
        od;
#ifdef FAULT_WRITTEN_LAST
        load_written(written);
#endif
        written = (written > number -> number : written);
        load(OWNER, again);
        if
        :: again != owner -> goto next
        :: else
        fi;
        if
        :: number == 0 -> goto next /* no value yet: callers do not look at the copy */
        :: else
        fi;
        assert(first == second); /* whole */
        assert(first == value_of[OF(owner, number)]); /* of this owner and number */
        assert(written != number || was_in_target[OF(owner, number)]);
        assert(last_owner != owner || number >= last_number); /* not older than before */
        last_owner = owner;
        last_number = number;
next:   number = 0; first = 0; second = 0; owner = 0; again = 0; written = 0
       }
    :: reads == READS -> break
    od
}
