/*
 * listing.h - the folders of one side with their figures, in as few round trips as the
 * server allows: one with LIST-STATUS (RFC 5819), else LIST, LSUB and pipelined STATUS.
 */
#ifndef MIGRATE_LISTING_H
#define MIGRATE_LISTING_H

#include "migrate/session.h"

struct listed {
	const char *name;  /* as the server spells it */
	const char *attrs; /* "\HasNoChildren \Sent" */
	char delimiter;
	bool noselect, subscribed;
	int64_t messages, uidnext, uidvalidity, modseq, size; /* -1 not told */
};
struct listing {
	struct listed *at; /* the arena's */
	size_t n;
	size_t foreign; /* left out: of other people's and shared namespaces */
	size_t views;   /* left out: what only shows messages of other folders (Gmail's Starred) */
	size_t unnamed; /* left out: without a name that could be said again */
};
struct listing_opts {
	bool sizes;       /* ask for the sum of sizes where offered */
	const char *root; /* only what lies below this folder; NULL */
	/* Nothing at all is no answer (ERR_RETRY): every mailbox has its INBOX (RFC 3501 §5.1), and
	 * where mail is read none would mean that there is nothing to be copied. */
	bool some;
};
/* A listing that is on its way. */
struct listing_asked {
	struct session *session; /* these are borrowed until it is taken */
	struct arena *arena;
	const struct listing_opts *opts;
	uint32_t list_tag, lsub_tag; /* lsub_tag 0: LIST tells the subscriptions */
};
/* Queues its first commands, for who asks two servers at once: conn_flush sends them. */
struct listing_asked listing_ask(struct session *s, struct arena *a,
				 const struct listing_opts *opts);
/* Reads the answers to those, and asks what else is needed. Folders of other people's and shared
 * namespaces are left out. */
int listing_take(const struct listing_asked *asked, struct listing *l_r, struct err *e);
/* Both. */
int listing_get(struct session *s, struct arena *a, const struct listing_opts *opts,
		struct listing *l_r, struct err *e);
/* NULL when there is none; INBOX in any case. */
const struct listed *listing_find(const struct listing *l, const char *name);
/* The special use (RFC 6154) as "\Sent" by attribute, NULL when none. */
const char *listing_special(const struct listed *f);

#endif
