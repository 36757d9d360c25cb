/* Which registers of the local Modbus server belong to somebody: to a tag, or to a status block. A
 * mapped file with one bit for each address, which mqttd writes and modbusd reads.
 *
 * The writer counts the owners of each address in its own memory and never reads the file back,
 * except for the places of the units when it opens it. The bits of new owners are set before those
 * of former ones are cleared, so that a reader never misses an owner that stays, moves or comes.
 * What was published last stays valid while no writer runs. */
#ifndef TAGFERRY_COMMON_SHARED_REGISTER_OWNERS_H
#define TAGFERRY_COMMON_SHARED_REGISTER_OWNERS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/modbus/pdu.h"
#include "common/shared/shm.h"

enum owner_kind {
    OWNER_OF_ANY_KIND, /* a tag or a status block */
    OWNER_OF_WRITES,   /* a tag that takes writes of SCADA; only coils and holding registers */
};

/* Registers, or bits of a bit table, of one owner. */
struct owned_span {
    uint8_t unit;
    enum pdu_table table;
    uint16_t address, count; /* a count of 0: none */
    bool takes_writes;       /* of SCADA; ignored in tables that cannot be written */
};

struct owner_page;
struct owner_pages;

/* The writer. Used by one thread. */
struct register_owners {
    struct shm shm;
    uint64_t generation;
    uint16_t places[256]; /* by unit: the number of its block in the file, from 1; 0: none */
    uint16_t blocks;      /* in use */
    struct owner_pages *pages[256]; /* by unit: the counts; or NULL */
    struct owner_page *changed;     /* pages with bits that may have to be cleared */
    bool is_swept;      /* the file has no bits but those of the counts and of changed pages */
    bool is_incomplete; /* there was no memory or no room: nothing is published */
};

/* Opens the file for its one writer, or creates it, with nothing published. What an earlier writer
 * has published stays valid until the first register_owners_publish. False with the reason in
 * `why`. */
bool register_owners_open_writer(struct register_owners *owners, const char *runtime_dir, char *why,
                                 size_t why_size);
/* Adds an owner. Readers see it at once. Accepts a closed file, like the functions below. */
void register_owners_add(struct register_owners *owners, const struct owned_span *span);
/* Removes an owner that was added with the same span. Readers see it after the next
 * register_owners_publish, unless the registers have other owners. */
void register_owners_remove(struct register_owners *owners, const struct owned_span *span);
/* Ends a change. The first call publishes all owners that were added. */
void register_owners_publish(struct register_owners *owners);
/* Call it once a second: repairs the file if it was cut short or removed. True when the owners must
 * be added again, after that or because memory or room was short: call register_owners_forget,
 * register_owners_add for each, then register_owners_publish. */
bool register_owners_keep_file(struct register_owners *owners);
/* Removes all owners, without any effect on readers before register_owners_publish. */
void register_owners_forget(struct register_owners *owners);
/* Accepts NULL and a closed file. */
void register_owners_close(struct register_owners *owners);

/* A reader, in any process. Zero it before use; then nothing is known. */
struct owners_view {
    struct shm shm;
};

/* Call it once a second, and before the first use: opens the file when there is a new one. Without
 * one the reader keeps the file that it has. True when the owners are known. */
bool owners_view_follow(struct owners_view *view, const char *runtime_dir);
/* True when all of `count` addresses, at least 1 and at most to TABLE_SIZE, have an owner of any
 * kind. Also true while the owners are not known, and when four changes were published during the
 * call. */
bool owners_view_has_all(const struct owners_view *view, uint8_t unit, enum pdu_table table,
                         uint16_t address, uint16_t count);
/* The same for at least one of the addresses and an owner of this kind. */
bool owners_view_has_any(const struct owners_view *view, enum owner_kind kind, uint8_t unit,
                         enum pdu_table table, uint16_t address, uint16_t count);
/* Accepts NULL and a closed view. */
void owners_view_close(struct owners_view *view);

#endif
