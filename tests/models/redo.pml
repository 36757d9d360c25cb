/* The redo record of the image: src/modbusd/registers/image.c, bank.c (bank_write_frame, bank_recover_write), syncer.c.
 *
 * Writes of both or the second of two registers with `persist = always`. modbusd may be killed before each store; the file is then as the
 * stores made it. A power cut leaves on the disk, of each word, any value since the last complete sync. Values grow with
 * each write, or are written again.
 *
 * large: WRITES=3 */
#ifndef WRITES
#define WRITES 2
#endif
#ifndef FAILURES
#define FAILURES 2 /* kills and power cuts */
#endif

/* Words of the file: the check and the frame of struct image_redo (address and value), and two registers. */
#define CHECK 0
#define FRAME 1
#define REGISTER 3
#define WORDS 5
byte file[WORDS], disk[WORDS];

#ifdef FAULT_NO_CHECKSUM /* the record only says that it is in use, as in layout 1 */
#define SUM 1
#else
#define SUM (1 + file[FRAME] * 8 + file[FRAME + 1]) /* image_redo_check: perfect here */
#endif

/* The journal is in memory: a kill keeps it, a power cut does not. */
byte entries, appended;        /* appended: stored, but perhaps not counted */
byte redo_sequence, redo_journal, journal_identity = 1;

bool dirty;                    /* struct image.dirty, of the process */
bool syncing;                  /* the syncer's thread: in msync, */
byte next_word, covers;        /* at this word, for these requests */
byte asked, done;              /* struct syncer: requests, and those that a sync has covered */
byte life = 1;                 /* of modbusd; 0: no more writes */
byte failures;
byte answered[2];              /* the value of each register's newest answered write */
bool is_single[8];             /* the value was written to the second register only */
byte committed;                /* writes whose record was set */
byte value;                    /* the newest value that SCADA has written */
byte asked_value[8];           /* what a request waits for */
bool may_be_torn;              /* since a power cut: documented */

inline kill_process() { life++; dirty = false; asked = 0; done = 0; syncing = false; goto killed }

/* A store of modbusd's loop, before which it may be killed or the power cut. */
inline store(at, number)
{
    atomic {
        if
        :: failures < FAILURES -> failures++; kill_process()
        :: failures < FAILURES -> failures++; cut_power(); kill_process()
        :: file[at] = number
        fi
    }
}

inline maybe_killed()
{
    if
    :: failures < FAILURES -> failures++; kill_process()
    :: failures < FAILURES -> failures++; cut_power(); kill_process()
    :: true
    fi
}

inline cut_power()
{
    file[0] = disk[0]; file[1] = disk[1]; file[2] = disk[2]; file[3] = disk[3]; file[4] = disk[4];
    entries = 0;
    appended = 0;
    committed = 0;
    journal_identity++;
    may_be_torn = true
}

/* journal_append_entry */
inline append_entry()
{
    atomic { maybe_killed(); appended = entries + 1 }
    atomic { maybe_killed(); entries = appended }
}

/* bank_apply_write: modbus_reply */
inline apply_write()
{
    if
    :: file[FRAME] == 0 -> store(REGISTER, file[FRAME + 1])
    :: else
    fi;
    store(REGISTER + 1, file[FRAME + 1])
}

inline mark_written() { atomic { maybe_killed(); dirty = true } }

inline note_answered()
{
    answered[1] = asked_value[covers];
    if
    :: !is_single[asked_value[covers]] -> answered[0] = asked_value[covers]
    :: else
    fi
}

active proctype modbusd()
{
    byte writes, i;
    bool is_same;
    goto serve;
killed:
    /* A new process: journal_open_writer counts an entry that is there, then image_open, bank_recover_write. */
    atomic {
        entries = appended;
#ifndef FAULT_CLEAN_AT_START /* what the killed process wrote and did not sync counts as synced */
        dirty = true
#endif
    }
    if
    :: file[CHECK] == 0
#ifndef FAULT_NO_CHECKSUM
    :: file[CHECK] != 0 && file[CHECK] != SUM -> store(CHECK, 0)
#endif
    :: file[CHECK] != 0 && file[CHECK] == SUM ->
        mark_written();
        apply_write();
        if
        :: redo_journal == journal_identity && redo_sequence == entries + 1 -> append_entry()
        :: else
        fi;
        store(CHECK, 0)
    fi;
    atomic {
        i = file[REGISTER];
        assert(!is_single[i]); /* no write to another register */
        assert(may_be_torn || file[REGISTER + 1] >= i && (is_single[file[REGISTER + 1]] || file[REGISTER + 1] == i));
        assert(i >= answered[0] && file[REGISTER + 1] >= answered[1]); /* nothing answered is lost */
        i = 0;
        assert(entries == committed);                                            /* each write has one entry */
    }
serve:
    do
    :: writes < WRITES ->
        atomic { /* a new value, or the same again */
            writes++;
            if
            :: value++
            :: value++; is_single[value] = true
            :: value > 0
            fi;
            is_same = file[REGISTER + 1] == value && (is_single[value] || file[REGISTER] == value)
        }
        /* bank_write_frame */
        atomic { maybe_killed(); redo_journal = journal_identity; redo_sequence = entries + 1 }
        store(FRAME, is_single[value]);
        store(FRAME + 1, value);
        atomic { maybe_killed(); file[CHECK] = SUM; committed++ }
#ifdef FAULT_MARKED_FIRST /* the image is marked before the registers change */
        if
        :: !is_same -> mark_written()
        :: else
        fi;
        apply_write();
#else
        apply_write();
        if
        :: !is_same -> mark_written()
        :: else /* the same values again are not written to the disk */
        fi;
#endif
#ifdef FAULT_CLEARED_EARLY /* the record is cleared before the journal has the entry */
        store(CHECK, 0);
        append_entry();
#else
        append_entry();
        store(CHECK, 0);
#endif
        atomic { may_be_torn = false; asked++; asked_value[asked] = value }
    :: atomic { failures < FAILURES -> failures++; kill_process() }
    :: atomic { failures < FAILURES -> failures++; cut_power(); kill_process() }
    :: atomic { writes == WRITES && asked == done && !syncing -> life = 0; break }
    od;
    assert(file[REGISTER] >= answered[0] && file[REGISTER + 1] >= answered[1])
}

/* The syncer's thread: syncer_wait_due, image_sync. A kill resets its variables. */
active proctype syncer()
{
end:
    do
    :: atomic {
        !syncing && asked > done ->
        covers = asked;
        if
        :: dirty ->
            dirty = false; /* before msync */
            syncing = true;
            next_word = 0
        :: else -> /* IMAGE_CLEAN */
            done = covers;
            note_answered()
        fi
       }
    :: atomic { syncing && next_word < WORDS -> disk[next_word] = file[next_word]; next_word++ } /* msync */
    :: atomic {
        syncing && next_word == WORDS ->
        syncing = false;
        next_word = 0;
        done = covers;
        note_answered()
       }
    od
}

/* The kernel writes any word at any time. */
active proctype kernel()
{
#define MAY_WRITE(word) life != 0 && failures < FAILURES && disk[word] != file[word] -> disk[word] = file[word]
end:
    do
    :: atomic { MAY_WRITE(0) }
    :: atomic { MAY_WRITE(1) }
    :: atomic { MAY_WRITE(2) }
    :: atomic { MAY_WRITE(3) }
    :: atomic { MAY_WRITE(4) }
    od
}
