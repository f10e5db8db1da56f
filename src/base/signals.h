/*
 * signals.h - what a child must not inherit.
 */
#ifndef BASE_SIGNALS_H
#define BASE_SIGNALS_H

/* Between fork and exec, in the child: nothing is ignored or blocked any more. Either stays so over
 * an exec, which hardly a program reckons with: it, and an agent that it leaves running, could be
 * ended by nobody. Async-signal-safe, so the parent may have threads. */
void signals_reset(void);

#endif
