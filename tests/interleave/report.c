/* The operations of an execution. */
#include "report.h"

#include <string.h>

enum { LINES_MAX = 1024, LINES_PRINTED = 150 };

static struct {
    unsigned length, thread;
    struct {
        const struct site *site; /* NULL: a note */
        const char *verb, *remark;
        uint64_t number;
        unsigned thread;
    } lines[LINES_MAX];
} report;

void report_begin(void)
{
    report.length = 0;
    report.thread = 0;
}

unsigned report_length(void)
{
    return report.length;
}

void report_cut(unsigned length)
{
    report.length = length;
}

void report_set_thread(unsigned thread)
{
    report.thread = thread;
}

void report_note(const char *text)
{
    report.thread = 0;
    report_add(NULL, text, 0, "");
}

void report_add(const struct site *site, const char *verb, uint64_t number, const char *remark)
{
    if (report.length == LINES_MAX)
        return;
    report.lines[report.length].site = site;
    report.lines[report.length].verb = verb;
    report.lines[report.length].number = number;
    report.lines[report.length].remark = remark;
    report.lines[report.length++].thread = report.thread;
}

void report_print(FILE *to)
{
    unsigned i = report.length > LINES_PRINTED ? report.length - LINES_PRINTED : 0;
    for (; i < report.length; i++) {
        const struct site *site = report.lines[i].site;
        if (!site)
            fprintf(to, "    -- %s\n", report.lines[i].verb);
        else
            fprintf(to, "    %u %s: %s %s: 0x%llx%s\n", report.lines[i].thread, site->function,
                    report.lines[i].verb, site->operand, (unsigned long long)report.lines[i].number,
                    report.lines[i].remark);
    }
}
