/*
 * compress.h - which hosts' connections are compressed (COMPRESS=DEFLATE, RFC 4978): learned by
 * all lanes of a copy together (squeeze.h), or as the project says. Any thread.
 */
#ifndef MIGRATE_COMPRESS_H
#define MIGRATE_COMPRESS_H

#include "base/log.h"
#include "migrate/squeeze.h"

struct compress;

enum compress_wish { COMPRESS_AUTO, COMPRESS_ALWAYS };

/* The log is borrowed: each decision is told there. */
struct compress *compress_new(enum compress_wish wish, struct log *log);
/* Takes NULL. */
void compress_free(struct compress *c);

/* In all of these `c` may be NULL (never compressed), and `host` is conn_name's. */

/* A connection to it is to be compressed, if its server offers that. */
bool compress_is_wanted(struct compress *c, const char *host);
/* One that is compressed had better not be: the trial did not pay. */
bool compress_is_over(struct compress *c, const char *host);
/* That may become so: its lanes keep little on its way, so that they can change soon. */
bool compress_is_open(struct compress *c, const char *host);
/* What a lane saw; `wire`: bytes of the mail's direction, as they passed. */
void compress_add(struct compress *c, const char *host, const struct squeeze_sample *s,
		  uint64_t wire);
/* The server refused, or what it sent then was wrong: it is not asked again. */
void compress_failed(struct compress *c, const char *host, const char *why);

/* Of the lanes that were compressed, by both directions of the mail; 0: none was. */
struct compress_sum {
	uint64_t bytes, wire;
};
/* Any thread; takes NULL, of which the sum is 0. */
struct compress_sum compress_sum(struct compress *c);

#endif
