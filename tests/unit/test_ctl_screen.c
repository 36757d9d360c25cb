/* The live table of watch, as it is on the screen: each picture with its styles is compared with
 * that in ctl/screens.txt, which TAGFERRY_APPROVE=1 writes. */
#define NCURSES_WIDECHAR 1
#include <curses.h>
#include <fcntl.h>
#include <locale.h>
#include <unistd.h>
#include <wchar.h>

#include "ctl/base/keep.h"
#include "ctl/command/command.h"
#include "ctl/watch/watch_internal.h"
#include "golden.h"

static int64_t now_ms;

uint64_t __wrap_clock_steady_ms(void);
uint64_t __wrap_clock_steady_ms(void)
{
    return (uint64_t)now_ms;
}

static unsigned marks, releases;

void *__real_keep_mark(void);
void *__wrap_keep_mark(void);
void __real_keep_release(void *mark);
void __wrap_keep_release(void *mark);

void *__wrap_keep_mark(void)
{
    marks++;
    return __real_keep_mark();
}

void __wrap_keep_release(void *mark)
{
    releases++;
    __real_keep_release(mark);
}

/* The screen, and the pictures of it. */
struct bed {
    struct ctl ctl;
    struct watch watch;
    FILE *out;
    char *before[64]; /* lines of the newest picture */
};

/* A letter for the style of a cell. */
static char style_letter(attr_t attributes, short pair)
{
    static const char pairs[] = {'.', 'g', 'y', 'r'};
    if (attributes & A_REVERSE)
        return pair == 3 ? 'E' : 'R';
    if (attributes & A_BOLD)
        return pair == 3 ? 'B' : 'b';
    return attributes & A_DIM ? 'd' : pairs[pair & 3];
}

/* Writes the screen: each line, and below it the styles of its cells if one has any; "=" for a line
 * that is as before. */
static void take_picture(struct bed *bed, const char *name)
{
    int lines, columns;
    getmaxyx(stdscr, lines, columns);
    fprintf(bed->out, "%s (%dx%d)\n", name, columns, lines);
    for (int y = 0; y < lines; y++) {
        char text[2000] = "", styles[500] = "";
        size_t len = 0, end = 0;
        bool has_style = false;
        for (int x = 0; x < columns; x++) {
            cchar_t cell;
            wchar_t wide[CCHARW_MAX + 1] = {0};
            attr_t attributes;
            short pair = 0;
            mvin_wch(y, x, &cell);
            getcchar(&cell, wide, &attributes, &pair, NULL);
            len += (size_t)snprintf(text + len, sizeof text - len, "%lc", (wint_t)wide[0]);
            styles[x] = style_letter(attributes, pair);
            has_style = has_style || styles[x] != '.';
            end = wide[0] != L' ' ? len : end;
        }
        text[end] = '\0';
        char *line = strdup(keep_format("  |%s\n%s%s%s", text, has_style ? "  :" : "",
                                        has_style ? styles : "", has_style ? "\n" : ""));
        bool is_same = bed->before[y] && strcmp(bed->before[y], line) == 0;
        fputs(is_same ? "  =\n" : line, bed->out);
        free(bed->before[y]);
        bed->before[y] = line;
    }
    fputc('\n', bed->out);
}

static void draw(struct bed *bed, const char *name)
{
    watch_screen_draw(bed->watch.screen, &bed->watch);
    assert_int_equal(marks, releases); /* it may run for weeks */
    take_picture(bed, name);
}

static void press(struct bed *bed, int key)
{
    ungetch(key);
    watch_screen_take_keys(bed->watch.screen, &bed->watch);
}

static void press_and_draw(struct bed *bed, int key, const char *name)
{
    press(bed, key);
    draw(bed, name);
}

static void type_and_draw(struct bed *bed, const char *keys, const char *name)
{
    for (; *keys; keys++)
        press(bed, (unsigned char)*keys);
    draw(bed, name);
}

static void resize(struct bed *bed, int lines, int columns)
{
    char name[64];
    resizeterm(lines, columns);
    snprintf(name, sizeof name, "%d lines of %d", lines, columns);
    press_and_draw(bed, KEY_RESIZE, name);
}

/* Tags with these names, whose values come a moment later. */
static void take_tags(struct bed *bed, const char *const *names, size_t count)
{
    const cJSON *items[32];
    struct pages pages = {.items = items, .count = count};
    cJSON *tags = cJSON_CreateArray();
    for (size_t i = 0; i < count; i++) {
        cJSON *tag = cJSON_Parse("{\"device\":\"boiler\",\"unit\":\"°C\",\"modbus\":{\"modicon\":"
                                 "\"400101\"}}");
        cJSON_AddStringToObject(tag, "name", names[i]);
        cJSON_AddItemToArray(tags, tag);
        items[i] = tag;
    }
    watch_rows_take_tags(&bed->watch.rows, &pages, now_ms);
    cJSON_Delete(tags);
}

static void take_value(struct bed *bed, const char *tag, const char *rest)
{
    const char *json = keep_format("[{\"device\":\"boiler\",\"tag\":\"%s\",%s}]", tag, rest);
    watch_rows_take_values(&bed->watch.rows, json, strlen(json), now_ms);
}

static const char *const tags[] = {"alarm", "delta", "flow",  "gas",  "level", "mode",
                                   "power", "run",   "speed", "temp", "valve", "water"};

static void take_values(struct bed *bed)
{
    take_tags(bed, tags, COUNT(tags));
    take_value(bed, "alarm",
               "\"value\":true,\"quality\":\"good\",\"age_ms\":1000,\"messages\":12,"
               "\"rejects\":3");
    take_value(bed, "delta",
               "\"value\":-1234567.25,\"quality\":\"bad\",\"reason\":\"refused\","
               "\"age_ms\":125000,\"messages\":123456789,\"rejects\":12345");
    take_value(bed, "flow",
               "\"value\":\"größe und mehr als Platz hat\",\"quality\":\"stale\","
               "\"reason\":\"subscription_refused\",\"age_ms\":7200000");
    take_value(bed, "gas", "\"value\":0,\"quality\":\"good\",\"age_ms\":0,\"messages\":1");
    take_value(bed, "temp", "\"value\":21.50,\"quality\":\"good\",\"age_ms\":9949,\"messages\":10");
}

static void test_keys(struct bed *bed)
{
    press_and_draw(bed, KEY_DOWN, "down");
    press_and_draw(bed, 'j', "j");
    press_and_draw(bed, 'k', "k");
    press_and_draw(bed, KEY_UP, "up");
    press_and_draw(bed, KEY_UP, "up at the top");
    press_and_draw(bed, KEY_NPAGE, "page down");
    press_and_draw(bed, ' ', "page down at the end");
    press_and_draw(bed, KEY_PPAGE, "page up");
    press_and_draw(bed, KEY_END, "end");
    press_and_draw(bed, KEY_HOME, "home");
    press_and_draw(bed, '?', "help");
    press_and_draw(bed, 'x', "a key without a meaning");
    press_and_draw(bed, 'h', "no help");
    press_and_draw(bed, 'h', "help again");
    press_and_draw(bed, 27, "escape ends the help");
    press(bed, KEY_DOWN);
    press_and_draw(bed, 's', "next order, from the top");
    press_and_draw(bed, 's', "next order");
    press_and_draw(bed, 's', "next order but one");
    press(bed, KEY_DOWN);
    press_and_draw(bed, 'r', "reversed");
    press(bed, 's');
    press_and_draw(bed, 'r', "by name again");
    press(bed, KEY_DOWN);
    press_and_draw(bed, 'w', "only what is wrong");
    press(bed, 'w');
    type_and_draw(bed, "/EVE", "search");
    press_and_draw(bed, KEY_BACKSPACE, "backspace");
    press_and_draw(bed, 127, "backspace again");
    press_and_draw(bed, '\b', "backspace of nothing");
    type_and_draw(bed, "q\r", "a search is kept");
    press_and_draw(bed, 27, "escape ends it");
    type_and_draw(bed, "/e\033", "escape while it is typed");
    type_and_draw(bed, "/123456789012345678901234567890123456789012345678901234567890123456",
                  "a long search");
    press(bed, KEY_DOWN);
    press(bed, 0xe4);
    press_and_draw(bed, KEY_ENTER, "enter");
    press(bed, 27);
    assert_false(bed->watch.is_ended);
}

/* Drawn four times a second, and chosen each second. */
static void test_times(struct bed *bed)
{
    draw(bed, "before");
    take_value(bed, "gas", "\"value\":17,\"quality\":\"bad\",\"reason\":\"silent\",\"age_ms\":5");
    bed->watch.rows.only_wrong = true;
    now_ms += 249;
    draw(bed, "249 ms later");
    now_ms += 1;
    draw(bed, "250 ms later: the value");
    now_ms += 749;
    draw(bed, "999 ms later");
    now_ms += 1;
    draw(bed, "1000 ms later: not so new, and the rows");
    now_ms += 250;
    draw(bed, "1250 ms later");
    bed->watch.rows.only_wrong = false;
    now_ms += 1000;
    press_and_draw(bed, KEY_DOWN, "the second row is the first");
    /* It stays so when others come and go. */
    static const char *const others[] = {"a1", "a2", "a3", "delta", "flow", "gas", "x", "y", "z"};
    take_tags(bed, others, COUNT(others));
    now_ms += 1000;
    draw(bed, "other tags");
    take_tags(bed, others + 4, COUNT(others) - 4);
    now_ms += 1000;
    draw(bed, "without the first one");
    take_tags(bed, others, 0);
    now_ms += 250;
    draw(bed, "no tags");
}

static void test_pictures(void **state)
{
    static const int widths[] = {19, 20, 32, 33, 52,  66,  67,  68, 79,
                                 81, 90, 91, 99, 100, 110, 140, 200};
    char *text = NULL;
    size_t len = 0;
    int null = open("/dev/null", O_RDWR | O_CLOEXEC), out = dup(1), in = dup(0);
    const struct client_settings settings = {
        .url = "http://gateway:5000", .token_file = "", .ca_file = ""};
    struct bed bed = {.ctl = {.client = client_create(&settings),
                              .terminal = {.is_terminal = true, .has_colour = true}},
                      .out = open_memstream(&text, &len)};
    (void)state;
    now_ms = 5000000;
    bed.watch = (struct watch){.ctl = &bed.ctl};
    fflush(stdout);
    dup2(null, 1);
    dup2(null, 0);
    bed.watch.screen = watch_screen_open(&bed.ctl.terminal);
    assert_non_null(bed.watch.screen);
    draw(&bed, "connecting");
    take_values(&bed);
    bed.watch.link = WATCH_LIVE;
    now_ms += 1000;
    draw(&bed, "live");
    test_keys(&bed);
    for (size_t i = 0; i < COUNT(widths); i++)
        resize(&bed, 8, widths[i]);
    for (int lines = 1; lines <= 4; lines++)
        resize(&bed, lines, 70);
    resize(&bed, 20, 70);
    press_and_draw(&bed, KEY_NPAGE, "page down with room for all");
    resize(&bed, 8, 80);
    snprintf(bed.watch.reason, sizeof bed.watch.reason, "refused");
    bed.watch.truth_ms = now_ms - 3000;
    bed.watch.link = WATCH_LOST;
    press_and_draw(&bed, 'x', "lost, without a time");
    snprintf(bed.watch.truth, sizeof bed.watch.truth, "12:34:56");
    now_ms += 5000;
    draw(&bed, "lost: ages stand still");
    bed.watch.link = WATCH_LIVE;
    now_ms += 1000;
    test_times(&bed);
    take_tags(&bed, tags, COUNT(tags));
    press_and_draw(&bed, KEY_HOME, "tags again");
    press_and_draw(&bed, 'q', "q: nothing moves");
    assert_true(bed.watch.is_ended);
    bed.watch.is_ended = false;
    press(&bed, 'Q');
    assert_true(bed.watch.is_ended);
    watch_screen_close(bed.watch.screen);
    watch_screen_close(NULL);
    fflush(stdout);
    dup2(out, 1);
    dup2(in, 0);
    watch_rows_finish(&bed.watch.rows);
    client_destroy(bed.ctl.client);
    fclose(bed.out);
    for (size_t i = 0; i < COUNT(bed.before); i++)
        free(bed.before[i]);
    bool is_equal = golden_is_equal(TAGFERRY_SCREENS, text);
    assert_true(marks > 50);
    free(text);
    close(out);
    close(in);
    close(null);
    assert_true(is_equal);
}

int main(void)
{
    setlocale(LC_CTYPE, "C.UTF-8");
    setenv("TERM", "xterm-256color", 1);
    setenv("LINES", "8", 1);
    setenv("COLUMNS", "120", 1);
    keep_init();
    const struct CMUnitTest all[] = {cmocka_unit_test(test_pictures)};
    return cmocka_run_group_tests_name("ctl_screen", all, NULL, NULL);
}
