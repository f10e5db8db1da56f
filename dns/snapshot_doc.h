/*
 * snapshot_doc.h - what the writer and the reader of snapshot documents share;
 * only for snapshot_json*.c and snapshot_read*.c.
 */
#ifndef DNS_SNAPSHOT_DOC_H
#define DNS_SNAPSHOT_DOC_H

#include "dns/snapshot.h"

/* Version 1 had only servers, resolvers, hosts and SPF; it is read with the rest empty. */
enum { DOCUMENT_VERSION = 2, DOCUMENT_OLDEST = 1 };

/* snapshot_json_seen.c */

/* One answer; its question stands elsewhere. */
struct js *seen_to_js(const struct seen *s);
/* In the questions' order, so that no name need be repeated. */
struct js *seen_list_to_js(size_t n, const struct seen *seen);

/* snapshot_read_part.c: members of any part. Each -1 sets *r->e (ERR_ITEM). */

/* Where the reading stands. */
struct reader {
	struct arena *a;
	struct snapshot *s;
	struct err *e;
};

/* Always -1. */
int doc_refuse(const struct reader *r, const char *what);
/* What a writer calls number i. */
typedef const char *doc_word_fn(int i);
/* A word of those that `name` gives for 0 to last; -1 when it is another: a newer format. */
int doc_word(const struct js *v, const char *key, doc_word_fn *name, int last);
/* A string member as text of the arena; NULL when absent. */
const char *doc_text(const struct reader *r, const struct js *v, const char *key);
/* A canonical name; NULL when absent. */
int doc_name(const struct reader *r, const struct js *v, const char *key, const char **name_r);
/* The same, but it must be there. */
int doc_need_name(const struct reader *r, const struct js *v, const char *key, const char **name_r);
/* null and absent are both "none"; anything else must be a whole set. */
int doc_rrset(const struct reader *r, const struct js *v, const char *key,
	      const struct rrset **set_r);
/* Out of range counts as 0, "not known". */
uint32_t doc_u32(const struct js *v, const char *key);
/* A list of texts; what is no text becomes "". */
size_t doc_texts(const struct reader *r, const struct js *list, const char *const **list_r);
/* Name and type of what was asked. */
int doc_question(const struct reader *r, const struct js *v, struct dns_question *q_r);
typedef int doc_item_fn(const struct reader *r, const struct js *v, void *item);
/* A list of things, each `size` bytes in memory; NULL when one is refused. */
void *doc_list(const struct reader *r, const struct js *list, size_t size, doc_item_fn *fn);

/* snapshot_read_seen.c */

/* One of seen_state_name's words. */
int doc_seen_state(const struct reader *r, const struct js *v, enum seen_state *state_r);
/* One answer to s->question, which is set. */
int doc_seen(const struct reader *r, const struct js *v, struct seen *s);
/* As many as the snapshot has questions, or none: a server that was never asked. */
int doc_seen_list(const struct reader *r, const struct js *list, size_t *n_r,
		  const struct seen **seen_r);

/* snapshot_read_more.c: what version 2 added beside the servers. */
int doc_lookup(const struct reader *r, const struct js *v, void *item);
/* A parent must stand before its child. */
int doc_links(const struct reader *r, const struct js *list);
int doc_glue(const struct reader *r, const struct js *v, void *item);
/* The MTA-STS policy; absent: not asked. -1 for an unknown state or a body that is too long. */
int doc_sts(const struct reader *r, const struct js *v);
/* What a zone transfer and the wildcards' probes left. */
int doc_rest(const struct reader *r, const struct js *v);

#endif
