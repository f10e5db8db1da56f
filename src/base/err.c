/* Messages live in fixed arrays: reporting a failure must not be able to fail. */
#include "base/err.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/str.h"

/* Everything that ends in a message goes through here: server text cannot move the cursor, nor
 * begin a line that would look like one of ours. */
__attribute__((format(printf, 3, 0))) static void fill(char *dst, size_t size, const char *fmt,
						       va_list ap)
{
	if (vsnprintf(dst, size, fmt, ap) < 0)
		dst[0] = '\0';
	str_make_printable(dst);
	for (char *p = dst; (p = strchr(p, '\n')) != NULL;)
		*p = ' ';
}

/* The arguments may point into *e itself: it is only touched when the text is made. */
int err_set(struct err *e, enum err_kind kind, const char *fmt, ...)
{
	char text[ERR_TEXT_MAX];
	va_list ap;
	va_start(ap, fmt);
	fill(text, sizeof(text), fmt, ap);
	va_end(ap);
	err_clear(e);
	e->kind = kind;
	str_copy(e->text, sizeof(e->text), text);
	return -1;
}

int err_wrap(struct err *e, const char *fmt, ...)
{
	char old[ERR_TEXT_MAX];
	char doing[ERR_TEXT_MAX];
	va_list ap;
	va_start(ap, fmt);
	fill(doing, sizeof(doing), fmt, ap);
	va_end(ap);
	/* The text is needed behind what is written over it. */
	memcpy(old, e->text, sizeof(old));
	int used = snprintf(e->text, sizeof(e->text), "%s: ", doing);
	if (used > 0 && (size_t)used < sizeof(e->text))
		str_copy(e->text + used, sizeof(e->text) - (size_t)used, old);
	return -1;
}

int err_hint(struct err *e, const char *fmt, ...)
{
	char hint[ERR_HINT_MAX];
	va_list ap;
	va_start(ap, fmt);
	fill(hint, sizeof(hint), fmt, ap);
	va_end(ap);
	str_copy(e->hint, sizeof(e->hint), hint);
	return -1;
}

int err_errno(struct err *e, enum err_kind kind, const char *fmt, ...)
{
	char room[128];
	/* The GNU form: the text is not always in the room that it was given. */
	const char *why = strerror_r(errno, room, sizeof(room));
	char text[ERR_TEXT_MAX];
	va_list ap;
	va_start(ap, fmt);
	fill(text, sizeof(text), fmt, ap);
	va_end(ap);
	return err_set(e, kind, "%s: %s", text, why);
}

void err_clear(struct err *e)
{
	e->kind = ERR_NONE;
	e->until_ms = 0;
	e->text[0] = '\0';
	e->hint[0] = '\0';
}

const char *err_kind_name(enum err_kind kind)
{
	static const char *const names[] = {
		[ERR_NONE] = "none",       [ERR_RETRY] = "retry",         [ERR_WAIT] = "wait",
		[ERR_ITEM] = "item",       [ERR_MAILBOX] = "mailbox",     [ERR_ACCOUNT] = "account",
		[ERR_REFUSED] = "refused", [ERR_USAGE] = "usage",         [ERR_WORLD] = "world",
		[ERR_WAITING] = "waiting", [ERR_CANCELLED] = "cancelled", [ERR_BUG] = "bug",
	};
	return names[kind];
}
