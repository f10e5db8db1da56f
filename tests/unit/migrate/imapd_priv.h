/* imapd_priv.h - what the two files of the server in memory share: one connection. */
#ifndef TESTS_IMAPD_PRIV_H
#define TESTS_IMAPD_PRIV_H

#include "imapd.h"

struct peer {
	struct stream stream;
	struct imapd *d; /* borrowed */
	struct buf in;   /* the command so far, literals in place */
	struct buf out;  /* said, not received yet */
	uint64_t literal_left;
	size_t said;
	int64_t alive_ms; /* when it last said that it is */
	unsigned alive;   /* how often it did */
	bool in_literal, read_only, refused, uidonly, utf8, knows_us, bye, cut, hung, dead;
	struct imapd_folder *selected;
	size_t visible; /* messages of the selected folder that this session knows */
	char tag[32];
	/* From COMPRESS on: what comes compressed, and all that is to be received. */
	struct stream *deflated; /* owned; NULL */
	struct stream_traffic traffic;
	struct buf wire_in, wire;
};

/* Runs one whole command. */
void peer_command(struct peer *p, struct slice command);
/* At the header of an APPEND's literal, before "+": true when the command ends here. */
bool peer_at_literal(struct peer *p);
/* Behind what is said already all is compressed, both ways. */
void peer_compress(struct peer *p);
/* Adds to what is said. */
void peer_say(struct peer *p, const char *fmt, ...) ERR_PRINTF(2, 3);

#endif
