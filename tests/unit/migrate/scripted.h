/*
 * scripted.h - an IMAP server in a table, as a stream: what the client sends is read line
 * by line (literals swallowed and counted), the first unused step whose words are in the
 * command answers. No socket, no thread.
 */
#ifndef TESTS_SCRIPTED_H
#define TESTS_SCRIPTED_H

#include "base/buf.h"
#include "io/stream.h"

struct step {
	const char *words;  /* "UID FETCH" */
	const char *answer; /* lines with CRLF; "%" is the command's tag; NULL: it hangs up */
	bool at_literal;    /* answered in place of "+" */
	bool cut;           /* the connection ends behind the answer */
};

/* Steps end with words NULL; commands that no step answers get "% OK done". `heard`
 * (borrowed) collects all command lines, literals as "<n>". */
struct stream *scripted(const struct step *steps, struct buf *heard);

#endif
