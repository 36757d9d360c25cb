#include "ctl/base/interrupt.h"

#include <signal.h>
#include <stdbool.h>
#include <stddef.h>

#include "common/base/require.h"

static const int interrupt_signals[] = {SIGINT, SIGTERM, SIGHUP, SIGQUIT};

enum { INTERRUPT_SIGNALS = sizeof interrupt_signals / sizeof interrupt_signals[0] };

static struct {
    volatile sig_atomic_t signal;
    bool has_begun;
    struct sigaction before[INTERRUPT_SIGNALS];
} interrupt_state;

static void interrupt_note_signal(int number)
{
    interrupt_state.signal = number;
}

void interrupt_begin(void)
{
    const struct sigaction action = {.sa_handler = interrupt_note_signal};
    REQUIRE(!interrupt_state.has_begun);
    interrupt_state.has_begun = true;
    interrupt_state.signal = 0;
    for (size_t i = 0; i < INTERRUPT_SIGNALS; i++)
        sigaction(interrupt_signals[i], &action, &interrupt_state.before[i]);
}

void interrupt_end(void)
{
    REQUIRE(interrupt_state.has_begun);
    interrupt_state.has_begun = false;
    for (size_t i = 0; i < INTERRUPT_SIGNALS; i++)
        sigaction(interrupt_signals[i], &interrupt_state.before[i], NULL);
}

int interrupt_signal(void)
{
    return interrupt_state.signal;
}
