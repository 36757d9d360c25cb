/* What the files of this folder share. */
#ifndef TAGFERRY_CTL_WATCH_WATCH_INTERNAL_H
#define TAGFERRY_CTL_WATCH_WATCH_INTERNAL_H

#include "ctl/watch/event_stream.h"
#include "ctl/watch/watch.h"
#include "ctl/watch/watch_rows.h"

enum watch_link {
    WATCH_CONNECTING, /* the values are not all of this connection yet */
    WATCH_LIVE,
    WATCH_LOST
};

/* One run of the command. */
struct watch {
    struct ctl *ctl;
    struct client *asker; /* for requests while the stream runs */
    struct event_stream events;
    struct watch_rows rows;
    const char *query;  /* of the list of tags */
    const char *device; /* the only one, or NULL */
    enum watch_link link;
    char reason[256];            /* why it is lost */
    int64_t truth_ms;            /* of the steady clock: when the values were last true */
    char truth[16];              /* the same for people, "21:50:07" */
    double revision;             /* negative: not known yet */
    bool needs_tags;             /* they have changed */
    bool was_live;               /* the server has answered before */
    bool is_ended;               /* by the user */
    int64_t tags_ms;             /* when the tags were read, steady clock */
    struct watch_screen *screen; /* NULL: lines */
};

/* The time at which ages are shown: they stand still while the stream is lost. */
int64_t watch_shown_time(const struct watch *watch);

struct watch_screen;

/* Takes the terminal. NULL where it cannot be used so. */
struct watch_screen *watch_screen_open(const struct terminal *terminal);
/* Gives the terminal back as it was. Accepts NULL. */
void watch_screen_close(struct watch_screen *screen);
/* Takes the keys that were pressed. */
void watch_screen_take_keys(struct watch_screen *screen, struct watch *watch);
/* Draws what has changed, some times a second at most; at once after a key. */
void watch_screen_draw(struct watch_screen *screen, struct watch *watch);

/* Prints a line for each change from now on: the rows' on_change is set. */
void watch_lines_begin(struct watch *watch);

#endif
