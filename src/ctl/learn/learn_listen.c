#include "ctl/learn/learn_listen.h"

#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <termios.h>
#include <unistd.h>

#include "common/base/clock.h"
#include "ctl/base/interrupt.h"
#include "ctl/base/json_read.h"
#include "ctl/base/keep.h"
#include "ctl/base/text_width.h"
#include "ctl/client/problem.h"
#include "ctl/client/query.h"
#include "ctl/output/table.h"

enum { TURN_MS = 500, TOPICS_SHOWN = 1000, TOPIC_LINES_MIN = 3 };

/* A table that is drawn again, or lines. */
struct learn_view {
    struct ctl *ctl;
    bool is_live;
    uint64_t end_ms;           /* by the steady clock */
    size_t lines;              /* of the table that was drawn */
    size_t told[TOPICS_SHOWN]; /* keys of each topic, for which there was a line */
    struct termios terminal_before;
};

static void learn_begin_view(struct learn_view *view)
{
    interrupt_begin();
    view->is_live = view->is_live && tcgetattr(STDIN_FILENO, &view->terminal_before) == 0;
    if (view->is_live) { /* keys come at once, and are not shown */
        struct termios raw = view->terminal_before;
        raw.c_lflag &= ~(tcflag_t)(ICANON | ECHO);
        tcsetattr(STDIN_FILENO, TCSANOW, &raw);
    }
}

static void learn_end_view(struct learn_view *view)
{
    if (view->is_live)
        tcsetattr(STDIN_FILENO, TCSAFLUSH, &view->terminal_before);
    interrupt_end();
}

/* Adds a row for each key of a topic, or one for a topic without keys. */
static void learn_add_topic(struct table *table, const cJSON *topic, size_t most)
{
    const cJSON *keys = json_read_array(topic, "keys");
    const cJSON *key = keys ? keys->child : NULL;
    bool is_first = true;
    while (table->row_count < most && (key || is_first)) {
        struct table_cell *row = table_add_row(table);
        row[0].text = is_first ? json_read_text(topic, "topic") : "";
        row[1].text = is_first ? json_read_text(topic, "messages") : "";
        const cJSON *types = json_read_array(key, "types");
        const char *name = json_read_text(key, "key");
        row[2].text = !key ? "" : name[0] ? name : "(whole payload)";
        for (const cJSON *type = types ? types->child : NULL; type; type = type->next)
            row[3].text = keep_format("%s%s%s", row[3].text, row[3].text[0] ? ", " : "",
                                      json_value_text(type));
        row[4].text = json_read_text(key, "sample");
        is_first = false;
        key = key ? key->next : NULL;
    }
}

/* Draws the table over the one before. */
static void learn_draw(struct learn_view *view, const struct client_reply *reply)
{
    static const struct table_column columns[] = {
        {.title = "TOPIC", .name = "topic", .is_long = true},
        {.title = "MESSAGES", .name = "messages", .is_number = true},
        {.title = "KEY", .name = "key", .is_long = true},
        {.title = "TYPES", .name = "types"},
        {.title = "NEWEST", .name = "sample", .is_long = true}};
    struct terminal *terminal = &view->ctl->terminal;
    struct winsize size = {0};
    struct table table;
    size_t lines = 24;
    if (ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_row > 0 && size.ws_col > 0) {
        lines = size.ws_row;
        terminal->columns = size.ws_col;
    }
    size_t most = lines > TOPIC_LINES_MIN + 3 ? lines - 3 : TOPIC_LINES_MIN;
    TABLE_INIT(&table, columns);
    const cJSON *topics = json_read_array(reply->json, "items");
    for (const cJSON *topic = topics ? topics->child : NULL; topic; topic = topic->next)
        learn_add_topic(&table, topic, most);
    if (view->lines > 0)
        printf("\033[%zuA\033[J", view->lines);
    const char *reason = json_read_text(reply->json, "reason");
    uint64_t now = clock_steady_ms();
    const char *head = keep_format("Messages: %s, topics: %s, %.0f s left. q ends it.%s%s",
                                   json_read_text(reply->json, "totals.messages"),
                                   json_read_text(reply->json, "totals.topics"),
                                   now < view->end_ms ? (double)(view->end_ms - now) / 1000 : 0,
                                   reason[0] ? " " : "", reason);
    text_print_columns(stdout, head, terminal->columns);
    putchar('\n');
    table_print(&table, terminal);
    view->lines = table.row_count + 2;
    fflush(stdout);
}

/* Prints a line for each key that is new. */
static void learn_print_lines(struct learn_view *view, const struct client_reply *reply)
{
    const cJSON *topics = json_read_array(reply->json, "items");
    size_t at = 0;
    for (const cJSON *topic = topics ? topics->child : NULL; topic && at < TOPICS_SHOWN;
         topic = topic->next, at++) {
        const cJSON *keys = json_read_array(topic, "keys");
        size_t count = 0;
        for (const cJSON *key = keys ? keys->child : NULL; key; key = key->next) {
            if (++count <= view->told[at])
                continue;
            const char *line =
                keep_format("%s  %s  %s", json_read_text(topic, "topic"),
                            json_read_text(key, "key"), json_read_text(key, "sample"));
            text_print_columns(stderr, line, (size_t)-1);
            fputc('\n', stderr);
        }
        view->told[at] = count > view->told[at] ? count : view->told[at];
    }
}

/* Waits for the next turn. False when the user ends it. */
static bool learn_wait(const struct learn_view *view)
{
    struct pollfd input = {.fd = view->is_live ? STDIN_FILENO : -1, .events = POLLIN};
    char key;
    if (poll(&input, 1, TURN_MS) > 0 &&
        (read(STDIN_FILENO, &key, 1) != 1 || key == 'q' || key == 'Q'))
        return false;
    return interrupt_signal() == 0;
}

enum ctl_status learn_listen(struct ctl *ctl, const char *path, long seconds, bool is_live,
                             bool *is_early)
{
    struct learn_view *view = keep_zeroed(sizeof *view);
    const struct client_request request = {.path = path,
                                           .query = query_add_number(NULL, "limit", TOPICS_SHOWN)};
    bool goes_on = true;
    enum ctl_status status = CTL_DONE;
    *view = (struct learn_view){
        .ctl = ctl, .is_live = is_live, .end_ms = clock_steady_ms() + (uint64_t)seconds * 1000};
    *is_early = true;
    learn_begin_view(view);
    while (goes_on && status == CTL_DONE) {
        struct client_reply reply;
        void *mark = keep_mark();
        status = client_send_checked(ctl->client, &request, &reply, "the discovery");
        if (status == CTL_DONE) {
            const char *state = json_read_text(reply.json, "state");
            *is_early = strcmp(state, "waiting") == 0 || strcmp(state, "running") == 0;
            if (view->is_live)
                learn_draw(view, &reply);
            else
                learn_print_lines(view, &reply);
            if (strcmp(state, "refused") == 0) {
                fputs("tagferryctl: the broker refuses the topics: ", stderr);
                text_print_columns(stderr, json_read_text(reply.json, "reason"), (size_t)-1);
                fputc('\n', stderr);
                status = CTL_REFUSED;
            }
        }
        goes_on = *is_early && status == CTL_DONE && learn_wait(view);
        keep_release(mark);
        client_forget_replies(ctl->client);
    }
    learn_end_view(view);
    return status;
}
