/*
 * cancel.h - one switch that ends every wait: a readable descriptor.
 */
#ifndef IO_CANCEL_H
#define IO_CANCEL_H

#include <stdbool.h>

#include "base/err.h"

struct cancel;

/* NULL with ERR_WORLD when the system has no descriptor left. */
struct cancel *cancel_new(struct err *e);
/* Takes NULL. The signal handler must be taken off first, and nobody wait on it any more. */
void cancel_free(struct cancel *c);
/* Async-signal-safe, any thread, any number of times; never undone. */
void cancel_request(struct cancel *c);
/* Any thread. NULL is never cancelled. */
bool cancel_requested(const struct cancel *c);
/* Readable once requested; for poll, never read from. -1 for NULL. */
int cancel_fd(const struct cancel *c);
/* -1 with ERR_CANCELLED when requested, else 0. */
int cancel_check(const struct cancel *c, struct err *e);

#endif
