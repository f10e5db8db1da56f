/*
 * window.h - UID FETCH of a whole folder, in windows where the server bears no more: commands
 * about more than MESSAGELIMIT messages (RFC 9738) are cut short by such a server, and what
 * is cut off would look like mail that does not exist.
 */
#ifndef MIGRATE_WINDOW_H
#define MIGRATE_WINDOW_H

#include "migrate/session.h"

/* True when a whole folder may be asked for by one command. */
bool window_is_whole(const struct session *s);

struct window_opts {
	const char *items; /* "(UID FLAGS)" */
	uint32_t from;     /* the lowest UID that is wanted */
	/* Counts, where windows are needed, what SEARCH finds in each: by itself SEARCH is cut
	 * short as well. NULL: not wanted. */
	int64_t *searched_r;
};
/* All messages from `from` on, by rising UID; events go to the call. NO and BAD are the error of
 * conn_refusal. */
int window_fetch(struct session *s, const struct window_opts *o, const struct conn_call *call,
		 struct err *e);

#endif
