/*
 * log.h - one line an event, for standard error; no global logger.
 *
 * A NULL log is silent. Lines are written whole, so threads do not mix. Secrets
 * are redacted where they arise, not here: never pass one.
 */
#ifndef BASE_LOG_H
#define BASE_LOG_H

#include <stdio.h>

#include "base/clock.h"
#include "base/err.h"

enum log_level { LOG_ERROR, LOG_WARN, LOG_INFO, LOG_DEBUG };

struct log;

/* `out` is borrowed; lines above `level` are dropped. `clock` stamps debug lines. */
struct log *log_new(FILE *out, enum log_level level, const struct clock *clock);
/* Takes NULL. The file stays open: it is the caller's. */
void log_free(struct log *l);

/* `before` is called before each line that is written, by the thread that writes it: whoever
 * keeps a progress line on the same terminal takes it away then. NULL: nobody. */
typedef void log_before_fn(void *ctx);
/* Set before other threads log; replaces the one that was there. */
void log_before(struct log *l, log_before_fn *before, void *ctx);

/* One line, cut at about 1500 bytes, control characters shown as '?'. Any thread. */
void log_line(struct log *l, enum log_level level, const char *fmt, ...) ERR_PRINTF(3, 4);
#define log_error(l, ...) log_line((l), LOG_ERROR, __VA_ARGS__)
#define log_warn(l, ...)  log_line((l), LOG_WARN, __VA_ARGS__)
#define log_info(l, ...)  log_line((l), LOG_INFO, __VA_ARGS__)
#define log_debug(l, ...) log_line((l), LOG_DEBUG, __VA_ARGS__)

/* False when a line of this level would be dropped (or the log is NULL). */
bool log_wants(const struct log *l, enum log_level level);

#endif
