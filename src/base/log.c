/*
 * A line is made whole on the stack and written by one call, so that threads need no
 * lock of ours. It is made printable here, once, for most of what is logged comes from
 * servers. Times only at the debug level: a person who watches a run has a clock.
 */
#include "base/log.h"

#include <stdarg.h>
#include <stdlib.h>

#include "base/arena.h"
#include "base/buf.h"

struct log {
	FILE *out; /* borrowed */
	enum log_level level;
	const struct clock *clock; /* borrowed */
	log_before_fn *before;     /* NULL: nobody wants to know */
	void *before_ctx;
};

struct log *log_new(FILE *out, enum log_level level, const struct clock *clock)
{
	struct log *l = mem_alloc(sizeof(*l));
	*l = (struct log){ .out = out, .level = level, .clock = clock };
	return l;
}

void log_before(struct log *l, log_before_fn *before, void *ctx)
{
	l->before = before;
	l->before_ctx = ctx;
}

void log_free(struct log *l)
{
	free(l);
}

bool log_wants(const struct log *l, enum log_level level)
{
	return l != NULL && level <= l->level;
}

void log_line(struct log *l, enum log_level level, const char *fmt, ...)
{
	static const char *const prefix[] = { "error: ", "warning: ", "", "debug: " };
	char text[ERR_TEXT_MAX + ERR_HINT_MAX];
	char at[TIME_TEXT_MAX] = "";
	va_list ap;
	if (!log_wants(l, level))
		return;
	va_start(ap, fmt);
	if (vsnprintf(text, sizeof(text), fmt, ap) < 0)
		text[0] = '\0';
	va_end(ap);
	str_make_printable(text);
	for (char *p = text; *p != '\0'; p++)
		if (*p == '\n')
			*p = ' '; /* one event, one line: what a server said cannot fake another */
	if (l->level == LOG_DEBUG)
		time_format(clock_now_ms(l->clock), at);
	if (l->before != NULL)
		l->before(l->before_ctx);
	/* One call, one write: stderr's own lock keeps the line whole. */
	(void)fprintf(l->out, "%s%s%s%s\n", at, at[0] != '\0' ? " " : "", prefix[level], text);
}
