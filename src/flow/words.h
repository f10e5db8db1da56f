/*
 * words.h - what a person said of single mailboxes: stop, start, remove. The words are notes of
 * the journal, so they are on the record, survive everything, and reach a copy that runs in
 * another terminal.
 */
#ifndef FLOW_WORDS_H
#define FLOW_WORDS_H

#include "flow/flow.h"

enum word_verb {
	WORD_START,  /* takes part (again); what nobody spoke of takes part, too */
	WORD_STOP,   /* is not copied; still counted: the gates wait for it */
	WORD_REMOVE, /* is neither copied nor counted: needs a reason */
};
struct word {
	const char *address;
	enum word_verb verb;
	const char *reason; /* "" none */
	int64_t at_ms;
};
struct words { /* the last word of each mailbox; the arena's */
	size_t n;
	const struct word *list;
};

/* The verb as the command line has it; false for no such one. "resume" is start. */
bool word_verb_parse(const char *text, enum word_verb *verb_r);
/* Reads the journal. Without a store there are none. */
int flow_words(struct flow *f, struct arena *a, struct words *words_r, struct err *e);
/* The last word about this address, NULL when there is none. */
const struct word *words_of(const struct words *w, const char *address);
/* True when it may not be copied. */
bool words_hold(const struct words *w, const char *address);
/* True when it was removed. */
bool words_removed(const struct words *w, const char *address);

/* Says it of each address of the NULL-terminated list: all are known to the users CSV (case does
 * not count), or ERR_USAGE and nothing is written. WORD_REMOVE needs a reason. *n_r: for how many
 * it was new. Works beside a running copy. */
int flow_say(struct flow *f, const struct word *what, const char *const *addresses, size_t *n_r,
	     struct err *e);

#endif
