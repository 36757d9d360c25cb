/* The journal: src/common/shared/journal.c, and its position in src/mqttd/writeback/journal_tail.c.
 *
 * modbusd appends entries to a ring and may be killed before each store; its successor goes on. mqttd follows, may be
 * killed at any step, and goes on from its saved position. A load may return any older store, unless what the thread
 * has acquired before forbids it. So a reader that begins after the last store sees all that a reader at any other
 * moment could see.
 *
 * large: APPENDS=6 WRITER_KILLS=2 READER_KILLS=2 */
#ifndef APPENDS
#define APPENDS 4
#endif
#ifndef WRITER_KILLS
#define WRITER_KILLS 1
#endif
#ifndef READER_KILLS
#define READER_KILLS 1
#endif
#define ENTRIES 2 /* JOURNAL_ENTRIES */

/* struct journal_ring: `next`, and of each slot its sequence and two words of the body. */
#define NEXT 0
#define SEQUENCE(sequence) (1 + 3 * ((sequence) % ENTRIES))
#define BODY(sequence, word) (SEQUENCE(sequence) + 1 + (word))
#define WORDS (1 + 3 * ENTRIES)

#define STORES 72
byte store_at[STORES], store_value[STORES];
bool store_relaxed[STORES];
byte stores;
byte newest[WORDS]; /* the newest store of each word */
#define WORD(at) store_value[newest[at]]

byte value_of[16]; /* for the properties: what was appended with each number */
byte begun;        /* the newest number that an append has begun with */
byte kills;
bool ended;

inline store_word(at, value, relaxed)
{
    store_at[stores] = at;
    store_value[stores] = value;
    store_relaxed[stores] = relaxed;
    newest[at] = stores;
    stores++
}

inline store(at, value, relaxed)
{
    atomic {
        if
        :: kills < WRITER_KILLS -> kills++; goto killed
        :: store_word(at, value, relaxed)
        fi
    }
}

/* journal_append_entry */
inline append_entry(value)
{
    begun = next;
    assert(WORD(SEQUENCE(next)) != next); /* never over an entry with the same number */
    value_of[next] = value;
    store(SEQUENCE(next), 0, true); /* empty */
#ifdef FAULT_RELAXED_BODY /* the body is stored with memory_order_relaxed */
    store(BODY(next, 0), value, true);
    store(BODY(next, 1), value, true);
#else
    store(BODY(next, 0), value, false);
    store(BODY(next, 1), value, false);
#endif
#ifdef FAULT_NEXT_FIRST /* the entry is counted before it is there */
    store(NEXT, next + 1, false);
#endif
    store(SEQUENCE(next), next, false);
    next++;
    store(NEXT, next, false)
}

active proctype modbusd()
{
    byte next = 1, appends;
    d_step {
        do
        :: stores < WORDS -> store_word(stores, 0, false)
        :: else -> break
        od
    }
    do
    :: appends < APPENDS -> appends++; append_entry(appends)
    :: appends == APPENDS -> break
    od;
    goto over;
killed: /* journal_open_writer */
    atomic {
        next = (WORD(NEXT) == 0 -> 1 : WORD(NEXT));
#ifndef FAULT_NOT_COUNTED /* the successor does not look for an entry that is whole but not counted */
        if
        :: WORD(SEQUENCE(next)) == next -> next++
        :: else
        fi;
#endif
    }
    store(NEXT, next, false);
    do
    :: appends < APPENDS -> appends++; append_entry(appends)
    :: appends == APPENDS -> break
    od;
over: ended = true
}

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
    i = 0
}

inline load_acquire(at, result)
{
    load(at, result);
    acquired = (acquired > seen[at] + 1 || store_relaxed[seen[at]] -> acquired : seen[at] + 1)
}

/* journal_next_sequence */
inline load_next(result)
{
    load_acquire(NEXT, result);
    result = (result == 0 -> 1 : result)
}

/* mqttd: journal_read_entry and tail_follow_journal, inflight_pop_completed and journal_tail_save. */
active proctype mqttd()
{
    byte acquired, seen[WORDS], i, end, number, first, second, value;
    byte position = 1, saved = 1; /* `saved` is in a file */
    byte acknowledged = 1;        /* the broker has acknowledged the entries before it */
    byte deaths, last;
    bool was_delivered[16], was_lost[16];
    ended;
    do
    :: atomic { /* journal_read_entry */
        load_next(end);
        assert(position <= end); /* JOURNAL_DAMAGED */
        if
        :: position == end && position == WORD(NEXT) && acknowledged == position -> break
        :: position == end -> acquired = (WORD(NEXT) > end -> stores : acquired); goto next /* JOURNAL_EMPTY: waits */
        :: else
        fi;
        load_acquire(SEQUENCE(position), number);
        if
        :: number == position ->
            load_acquire(BODY(position, 1), second);
            load_acquire(BODY(position, 0), first);
            load(SEQUENCE(position), number);
        :: else
        fi;
        if
        :: number == position -> /* JOURNAL_ENTRY */
            assert(first == second && first == value_of[position]); /* whole */
            assert(position > last); /* in order, nothing twice without a restart */
            last = position;
            position++;
#ifdef FAULT_SAVED_EARLY /* the position is saved before the broker has acknowledged the entry */
            saved = position
#endif
        :: else -> /* JOURNAL_OVERRUN */
            assert(begun >= position + ENTRIES); /* the writer has begun to overwrite it */
            load_next(end);
            first = (end > ENTRIES -> end - ENTRIES + 1 : 1);
            first = (first > position -> first : position + 1);
            do /* counted: tail_note_loss */
            :: position < first ->
                was_lost[position] = true;
                position++
            :: else -> break
            od
        fi;
next:   end = 0; number = 0; first = 0; second = 0
       }
    :: atomic { /* PUBACK: entries complete in order */
        acknowledged < position -> was_delivered[acknowledged] = !was_lost[acknowledged]; acknowledged++ }
    :: atomic { saved < acknowledged -> saved = acknowledged } /* journal_tail_save */
    :: atomic { /* kill -9 and a new start: tail_find_position */
        deaths < READER_KILLS ->
        deaths++;
        position = saved;
        acknowledged = saved;
        last = saved - 1 /* documented: entries after the saved position may come twice */
       }
    od;
    /* Each entry has been delivered, or its loss was noticed. */
    atomic {
        i = 1;
        do
        :: i < WORD(NEXT) -> assert(was_delivered[i] || was_lost[i]); i++
        :: else -> break
        od;
        assert(WORD(NEXT) >= APPENDS + 1 - kills) /* all numbers count, but those of killed appends */
    }
}
