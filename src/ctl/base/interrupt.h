/* The signals that end a program (SIGINT, SIGTERM, SIGHUP, SIGQUIT), noted, so that it can give the
 * terminal back first. */
#ifndef TAGFERRY_CTL_BASE_INTERRUPT_H
#define TAGFERRY_CTL_BASE_INTERRUPT_H

/* Notes them from now on, and interrupts a call that waits. Not twice without interrupt_end. */
void interrupt_begin(void);
/* They do again what they did before. */
void interrupt_end(void);
/* The signal that has come since interrupt_begin, also after interrupt_end; 0: none. */
int interrupt_signal(void);

#endif
