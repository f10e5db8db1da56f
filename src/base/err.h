/*
 * err.h - why something failed, in words for a person and a kind for policy.
 *
 * A fallible function returns 0, or -1 after filling the caller's struct err.
 * The text says what was being done to what and why it failed, lower case,
 * without a final stop; the hint says what to do next. Policy reads the kind,
 * never the text. Secrets must not be put into either.
 */
#ifndef BASE_ERR_H
#define BASE_ERR_H

#include <stdbool.h>
#include <stdint.h>

/* What the caller can do, and how much is broken. Ordered from small to large. */
enum err_kind {
	ERR_NONE,
	ERR_RETRY,     /* transient: the same call may succeed now */
	ERR_WAIT,      /* the other side named a time: not before until_ms */
	ERR_ITEM,      /* this message or record only; the next one may work */
	ERR_MAILBOX,   /* this folder or mailbox */
	ERR_ACCOUNT,   /* this login: refused credentials or missing permission */
	ERR_REFUSED,   /* the answer is no until a person acts (exit 1) */
	ERR_USAGE,     /* the command line or a configuration file is wrong (exit 2) */
	ERR_WORLD,     /* the network, a server or a provider failed (exit 3) */
	ERR_WAITING,   /* a clock still runs and --no-wait was given (exit 4) */
	ERR_CANCELLED, /* the user interrupted; resumable (exit 130) */
	ERR_BUG,       /* our own promise was broken */
};

enum { ERR_TEXT_MAX = 1024, ERR_HINT_MAX = 512 };

/* A plain value; lives on the caller's stack, needs no release. */
struct err {
	enum err_kind kind;
	int64_t until_ms; /* wall clock, for ERR_WAIT */
	char text[ERR_TEXT_MAX];
	char hint[ERR_HINT_MAX];
};

#define ERR_PRINTF(fmt, args) __attribute__((format(printf, fmt, args)))

/* Fills *e and returns -1, so that callers can write `return err_set(…)`.
 * Text that does not fit is cut. Control characters are replaced by '?', line ends by blanks. */
int err_set(struct err *e, enum err_kind kind, const char *fmt, ...) ERR_PRINTF(3, 4);

/* Puts "DOING: " before the text that is there, keeps kind and hint. Returns -1. */
int err_wrap(struct err *e, const char *fmt, ...) ERR_PRINTF(2, 3);

/* Sets the hint (what to do next). Returns -1. */
int err_hint(struct err *e, const char *fmt, ...) ERR_PRINTF(2, 3);

/* Like err_set, with ": <strerror(errno)>" behind the text. */
int err_errno(struct err *e, enum err_kind kind, const char *fmt, ...) ERR_PRINTF(3, 4);

/* Back to "nothing failed"; also where nothing was set yet: `= { 0 }` wipes the whole texts, which
 * is felt where it is done for every datagram. */
void err_clear(struct err *e);

/* The kind as a stable lower-case word ("retry", "account" …) for documents. */
const char *err_kind_name(enum err_kind kind);

#endif
