/* A simple model of tagferry-modbusd with units 1 and 5: what it answers to a frame, the registers
 * after it, the journal and the counters. Its ident is "V", "C", "R", "", "P". */
#ifndef TAGFERRY_TESTS_FUZZ_MODBUSD_MODEL_H
#define TAGFERRY_TESTS_FUZZ_MODBUSD_MODEL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/modbus/pdu.h"
#include "common/shared/journal.h"
#include "modbusd/registers/bank.h"

enum {
    MODEL_UNITS = 2,
    MODEL_EVERY_UNIT = MODEL_UNITS,
    MODEL_OUT_MAX = 1 << 20,
    MODEL_JOURNAL_MAX = 1000,
    TOUCHES_MAX = 1000
};

/* A rule of [modbusd] allow. */
struct model_rule {
    char client; /* its name; 0: any */
    bool writes;
    uint8_t unit;       /* index, or MODEL_EVERY_UNIT */
    uint64_t functions; /* bit N is function N; 0: every function */
    bool has_range;
    enum pdu_table table;
    uint16_t first, last;
};

struct model_client {
    char name;
    enum side side;
    const struct model_rule *rules;
    size_t rule_count;
};

struct model {
    struct image_unit unit[MODEL_UNITS];
    struct touch {
        uint8_t *at; /* in a unit of the model */
        size_t size;
    } touches[TOUCHES_MAX]; /* written registers, cleared after the run */
    size_t touch_count;
    const struct model_client *client; /* who sends the next frame; set it */
    bool lost;                         /* the process, for it; set it */
    uint8_t out[MODEL_OUT_MAX];        /* answers; the caller may empty it */
    size_t out_len;
    uint64_t requests[256], exceptions[12]; /* by function and code */
    struct journal_entry journal[MODEL_JOURNAL_MAX];
    size_t journal_count;
    /* During a write: */
    bool is_noted, is_masked;
    unsigned noted_unit;
    uint16_t before[MODBUS_WRITE_REGISTERS_MAX];
};

extern struct model model;

/* Ends the run with the text if the condition is false. */
void check(bool holds, const char *what);
/* Extracts the frame at the start of what a client has sent. */
enum pdu_frame_result model_cut_frame(const uint8_t *data, size_t size, unsigned *pdu_len);
/* Answers a frame: adds the answer to `out`, changes registers, adds to the journal. */
void model_answer_frame(const uint8_t *adu, unsigned pdu_len);
/* The registers are those of the model. */
void model_compare_tables(const struct image *image);
/* Clears the model, and what was written in the image. */
void model_clear(struct image *image);

#endif
