/* The live table, drawn with ncurses, which sends only what has changed to the terminal. */
#include <ctype.h>
#include <curses.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "common/base/clock.h"
#include "ctl/base/json_read.h"
#include "ctl/base/keep.h"
#include "ctl/base/text_width.h"
#include "ctl/watch/watch_internal.h"

enum {
    DRAW_MS = 250,    /* between two drawings */
    CHOOSE_MS = 1000, /* between two choices and sortings of rows */
    HEAD_LINES = 2,
    CELL_SIZE = 1024,
    KEY_ESCAPE = 27
};

enum { PAIR_GOOD = 1, PAIR_WARNING, PAIR_WRONG };

struct watch_screen {
    SCREEN *curses;
    size_t top;      /* the first row that is shown */
    char first[256]; /* its name: it stays at the top when rows come and go */
    int64_t drawn_ms, chosen_ms;
    bool has_key;      /* draw at once */
    bool is_searching; /* keys go to the search */
    bool shows_help;
};

struct watch_screen *watch_screen_open(const struct terminal *terminal)
{
    struct watch_screen *screen = keep_zeroed(sizeof *screen);
    screen->curses = newterm(NULL, stdout, stdin);
    if (!screen->curses)
        return NULL;
    set_term(screen->curses);
    cbreak();
    noecho();
    nonl();
    keypad(stdscr, TRUE);
    nodelay(stdscr, TRUE);
    set_escdelay(50);
    curs_set(0);
    if (terminal->has_colour && start_color() == OK && use_default_colors() == OK) {
        init_pair(PAIR_GOOD, COLOR_GREEN, -1);
        init_pair(PAIR_WARNING, COLOR_YELLOW, -1);
        init_pair(PAIR_WRONG, COLOR_RED, -1);
    }
    screen->has_key = true;
    return screen;
}

void watch_screen_close(struct watch_screen *screen)
{
    if (!screen)
        return;
    endwin();
    delscreen(screen->curses);
}

static attr_t screen_quality_attributes(enum watch_quality quality)
{
    switch (quality) {
    case WATCH_GOOD:
        return COLOR_PAIR(PAIR_GOOD);
    case WATCH_STALE:
        return COLOR_PAIR(PAIR_WARNING);
    case WATCH_BAD:
        return COLOR_PAIR(PAIR_WRONG) | A_BOLD;
    default:
        return A_DIM;
    }
}

/* A line that is filled from left to right. */
struct screen_line {
    int y, x, columns;
    attr_t attributes; /* of all cells, beside their own */
};

/* Writes a cell of this width, and a blank behind it. */
static void screen_put_cell(struct screen_line *line, const char *text, int width, bool is_number,
                            attr_t attributes)
{
    char cell[CELL_SIZE];
    int room = line->columns - line->x < width ? line->columns - line->x : width;
    if (room <= 0)
        return;
    size_t used = text_copy_columns(cell, sizeof cell, text, (size_t)room);
    int blanks = room - (int)used;
    attrset((int)(line->attributes | attributes));
    if (is_number)
        mvprintw(line->y, line->x, "%*s%s", blanks, "", cell);
    else
        mvprintw(line->y, line->x, "%s%*s", cell, blanks, "");
    attrset((int)line->attributes);
    if (line->x + room < line->columns)
        addch(' ');
    line->x += room + 1;
}

/* Widths of the columns, in the order of screen_draw_row; 0: left out. */
struct screen_widths {
    int name, value, unit, quality, reason, age, address, messages, rejects;
};

static struct screen_widths screen_choose_widths(int columns)
{
    struct screen_widths widths = {.value = 12, .quality = 7, .age = 8};
    int left = columns - (widths.value + widths.quality + widths.age + 4);
    widths.name = left > 60 ? 28 + (left - 60) / 3 : left > 34 ? 24 : left;
    left -= widths.name + 1;
    struct {
        int *width, columns;
    } others[] = {{&widths.reason, 12},
                  {&widths.unit, 6},
                  {&widths.address, 7},
                  {&widths.rejects, 8},
                  {&widths.messages, 10}};
    for (size_t i = 0; i < sizeof others / sizeof others[0]; i++) {
        if (left < others[i].columns + 1)
            break;
        *others[i].width = others[i].columns;
        left -= others[i].columns + 1;
    }
    if (left > 0)
        widths.value += left > 20 ? 20 : left;
    return widths;
}

static void screen_draw_head(const struct watch *watch, int columns)
{
    const size_t *counts = watch->rows.counts;
    const char *sort = watch_sort_names[watch->rows.sort];
    struct screen_line line = {.y = 0, .columns = columns};
    char text[CELL_SIZE];
    if (watch->link == WATCH_LOST) {
        snprintf(text, sizeof text, "The values are of %s. The connection is lost: %s",
                 watch->truth[0] ? watch->truth : "no time", watch->reason);
        screen_put_cell(&line, text, columns, false, COLOR_PAIR(PAIR_WRONG) | A_BOLD | A_REVERSE);
        return;
    }
    snprintf(text, sizeof text,
             "tagferry %s  %zu tags: %zu good, %zu stale, %zu bad, %zu never  by %s%s%s%s%s",
             client_server(watch->ctl->client), watch->rows.count, counts[WATCH_GOOD],
             counts[WATCH_STALE], counts[WATCH_BAD], counts[WATCH_NEVER], sort,
             watch->rows.is_reversed ? " reversed" : "",
             watch->rows.only_wrong ? "  only what is wrong" : "",
             watch->rows.search[0] ? "  /" : "", watch->rows.search);
    screen_put_cell(&line, text, columns, false, A_NORMAL);
}

static void screen_draw_titles(const struct screen_widths *widths, int columns)
{
    struct screen_line line = {.y = 1, .columns = columns, .attributes = A_REVERSE};
    screen_put_cell(&line, "TAG", widths->name, false, A_NORMAL);
    screen_put_cell(&line, "VALUE", widths->value, true, A_NORMAL);
    screen_put_cell(&line, "UNIT", widths->unit, false, A_NORMAL);
    screen_put_cell(&line, "QUALITY", widths->quality, false, A_NORMAL);
    screen_put_cell(&line, "REASON", widths->reason, false, A_NORMAL);
    screen_put_cell(&line, "AGE", widths->age, true, A_NORMAL);
    screen_put_cell(&line, "MODICON", widths->address, false, A_NORMAL);
    screen_put_cell(&line, "MESSAGES", widths->messages, true, A_NORMAL);
    screen_put_cell(&line, "REJECTS", widths->rejects, true, A_NORMAL);
    if (line.x < columns)
        screen_put_cell(&line, "", columns - line.x, false, A_NORMAL);
}

static void screen_draw_row(const struct watch_row *row, const struct screen_widths *widths, int y,
                            int columns, bool is_true, int64_t now_ms)
{
    struct screen_line line = {.y = y, .columns = columns, .attributes = is_true ? 0 : A_DIM};
    attr_t quality = is_true ? screen_quality_attributes(row->quality) : 0;
    double age = watch_row_age(row, now_ms);
    char number[32];
    screen_put_cell(&line, row->name, widths->name, false, A_NORMAL);
    screen_put_cell(&line, row->value ? row->value : "", widths->value, true,
                    is_true && row->changed_ms > 0 && now_ms - row->changed_ms < 1000 ? A_BOLD : 0);
    screen_put_cell(&line, row->unit, widths->unit, false, A_NORMAL);
    screen_put_cell(&line, watch_quality_names[row->quality], widths->quality, false, quality);
    screen_put_cell(&line, row->reason, widths->reason, false, quality);
    screen_put_cell(&line, age < 0 ? "" : duration_text(age), widths->age, true, A_NORMAL);
    screen_put_cell(&line, row->address, widths->address, false, A_NORMAL);
    snprintf(number, sizeof number, "%.0f", row->messages);
    screen_put_cell(&line, number, widths->messages, true, A_NORMAL);
    snprintf(number, sizeof number, "%.0f", row->rejects);
    screen_put_cell(&line, number, widths->rejects, true, A_NORMAL);
}

static void screen_draw_foot(const struct watch_screen *screen, const struct watch *watch, int y,
                             int columns)
{
    struct screen_line line = {.y = y, .columns = columns};
    char text[CELL_SIZE];
    if (screen->is_searching) {
        snprintf(text, sizeof text, "search: %s_   (Enter keeps it, Esc ends it)",
                 watch->rows.search);
    } else if (screen->shows_help) {
        snprintf(text, sizeof text, "%s",
                 "arrows, PgUp, PgDn, Home, End: scroll   s: next order   r: reverse   w: only "
                 "what is wrong   /: search   q: quit");
    } else if (watch->link == WATCH_CONNECTING) {
        snprintf(text, sizeof text, "connecting...");
    } else {
        size_t last = screen->top + (size_t)(y - HEAD_LINES);
        last = last > watch->rows.shown_count ? watch->rows.shown_count : last;
        snprintf(text, sizeof text, "%zu-%zu of %zu   q: quit   ?: keys",
                 last > 0 ? screen->top + 1 : 0, last, watch->rows.shown_count);
    }
    screen_put_cell(&line, text, columns, false, A_NORMAL);
}

/* Chooses the rows again, and keeps the first one at its place. */
static void screen_choose_rows(struct watch_screen *screen, struct watch *watch, int64_t now_ms)
{
    watch_rows_choose(&watch->rows, watch_shown_time(watch));
    screen->chosen_ms = now_ms;
    if (watch->rows.sort != WATCH_BY_NAME || screen->top == 0)
        return;
    for (size_t i = 0; i < watch->rows.shown_count; i++) {
        if (strcmp(watch->rows.shown[i]->name, screen->first) == 0)
            screen->top = i;
    }
}

void watch_screen_draw(struct watch_screen *screen, struct watch *watch)
{
    int64_t now_ms = (int64_t)clock_steady_ms();
    int lines = LINES, columns = COLS, room = lines - HEAD_LINES - 1;
    if (!screen->has_key && now_ms - screen->drawn_ms < DRAW_MS)
        return;
    if (screen->has_key || now_ms - screen->chosen_ms >= CHOOSE_MS || watch->rows.shown_count == 0)
        screen_choose_rows(screen, watch, now_ms);
    screen->has_key = false;
    screen->drawn_ms = now_ms;
    size_t shown = watch->rows.shown_count, page = room > 0 ? (size_t)room : 0;
    size_t last_top = shown > page ? shown - page : 0;
    screen->top = screen->top > last_top ? last_top : screen->top;
    screen->first[0] = '\0';
    if (screen->top < shown)
        snprintf(screen->first, sizeof screen->first, "%s", watch->rows.shown[screen->top]->name);

    void *mark = keep_mark();
    struct screen_widths widths = screen_choose_widths(columns);
    erase();
    screen_draw_head(watch, columns);
    if (lines > 1)
        screen_draw_titles(&widths, columns);
    for (size_t i = 0; i < page && screen->top + i < shown; i++)
        screen_draw_row(watch->rows.shown[screen->top + i], &widths, HEAD_LINES + (int)i, columns,
                        watch->link == WATCH_LIVE, watch_shown_time(watch));
    if (lines > HEAD_LINES)
        screen_draw_foot(screen, watch, lines - 1, columns);
    refresh();
    keep_release(mark);
}

/* A key while a search is typed. */
static void screen_take_search_key(struct watch_screen *screen, struct watch *watch, int key)
{
    char *search = watch->rows.search;
    size_t len = strlen(search);
    if (key == '\r' || key == '\n' || key == KEY_ENTER) {
        screen->is_searching = false;
    } else if (key == KEY_ESCAPE) {
        screen->is_searching = false;
        search[0] = '\0';
    } else if (key == KEY_BACKSPACE || key == 127 || key == '\b') {
        search[len > 0 ? len - 1 : 0] = '\0';
    } else if (key < 128 && isprint(key) && len + 1 < sizeof watch->rows.search) {
        search[len] = (char)key;
        search[len + 1] = '\0';
    }
    screen->top = 0;
}

/* Moves the first row by this number of rows. */
static void screen_scroll_rows(struct watch_screen *screen, long rows)
{
    if (rows < 0 && screen->top < (size_t)-rows)
        screen->top = 0;
    else
        screen->top += (size_t)rows; /* drawing limits it */
}

static void screen_take_key(struct watch_screen *screen, struct watch *watch, int key)
{
    long page = LINES - HEAD_LINES - 1 > 0 ? LINES - HEAD_LINES - 1 : 1;
    switch (key) {
    case 'q':
    case 'Q':
        watch->is_ended = true;
        break;
    case KEY_DOWN:
    case 'j':
        screen_scroll_rows(screen, 1);
        break;
    case KEY_UP:
    case 'k':
        screen_scroll_rows(screen, -1);
        break;
    case KEY_NPAGE:
    case ' ':
        screen_scroll_rows(screen, page);
        break;
    case KEY_PPAGE:
        screen_scroll_rows(screen, -page);
        break;
    case KEY_HOME:
        screen->top = 0;
        break;
    case KEY_END:
        screen->top = watch->rows.shown_count;
        break;
    case 's':
        watch->rows.sort = (enum watch_sort)((watch->rows.sort + 1) % WATCH_SORT_COUNT);
        screen->top = 0;
        break;
    case 'r':
        watch->rows.is_reversed = !watch->rows.is_reversed;
        screen->top = 0;
        break;
    case 'w':
        watch->rows.only_wrong = !watch->rows.only_wrong;
        screen->top = 0;
        break;
    case '/':
        screen->is_searching = true;
        break;
    case KEY_ESCAPE:
        watch->rows.search[0] = '\0';
        screen->shows_help = false;
        break;
    case '?':
    case 'h':
        screen->shows_help = !screen->shows_help;
        break;
    default:
        break;
    }
    /* The row that is now the first one is kept when rows come and go. */
    screen->first[0] = '\0';
}

void watch_screen_take_keys(struct watch_screen *screen, struct watch *watch)
{
    for (int key = getch(); key != ERR; key = getch()) {
        if (screen->is_searching && key != KEY_RESIZE)
            screen_take_search_key(screen, watch, key);
        else
            screen_take_key(screen, watch, key);
        screen->has_key = true;
    }
}
