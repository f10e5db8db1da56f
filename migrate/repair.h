/*
 * repair.h - what may be altered in a message, on wish only, as a filter on its bytes.
 *
 * Lines that are too long are broken at a blank (in a header where a fold adds nothing,
 * RFC 5322 §2.2.3), NULs become blanks, line ends that are none become CR LF, and a field that
 * asks for a receipt gets a name of the same length that nobody obeys. The last and NULs keep a
 * message's length; the others do not, so a length is counted by running the filter once. Any
 * split of the input gives the same output; memory is this struct.
 */
#ifndef MIGRATE_REPAIR_H
#define MIGRATE_REPAIR_H

#include "migrate/migrate.h"

enum {
	REPAIR_LINE_MAX = 998, /* octets without the line end (RFC 5322 §2.1.1) */
	REPAIR_TEXT_MAX = 128
};

enum repair_kind {
	REPAIR_LONG_LINES = 1 << 0,
	REPAIR_NUL = 1 << 1,
	REPAIR_LINE_ENDS = 1 << 2,
	REPAIR_RECEIPTS = 1 << 3
};

typedef void repair_out(void *ctx, struct slice s);

struct repair {
	struct migrate_repair what;
	repair_out *out; /* gets the altered message, in pieces; borrowed with its ctx */
	void *ctx;
	unsigned did;  /* enum repair_kind: what was altered so far */
	bool body;     /* behind the header */
	bool cr;       /* a CR was read and not yet told on */
	size_t column; /* octets of the line that were told on */
	size_t held_n; /* the begin of a line that may be a field to be renamed */
	char held[32];
	size_t tail_n; /* behind the place where a line would be broken */
	char tail[128];
	size_t piece_n; /* waits to be told on in one go */
	char piece[512];
};

/* Begins a message; `out` is called with the altered one, in pieces. */
void repair_init(struct repair *r, const struct migrate_repair *what, repair_out *out, void *ctx);
/* More bytes of the message; at the end all but what must be held has gone out. */
void repair_add(struct repair *r, struct slice s);
/* The message is over: what is held goes out. `did` is whole then. */
void repair_finish(struct repair *r);
/* True when all bytes that follow go out as they are: the header is over, its lines were all that
 * may be altered, and nothing is held. */
bool repair_is_through(const struct repair *r);
/* "long lines broken, NUL replaced"; "" for none. */
const char *repair_text(unsigned did, char text_r[REPAIR_TEXT_MAX]);

#endif
