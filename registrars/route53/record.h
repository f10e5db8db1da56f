/*
 * record.h - a ResourceRecordSet of Route 53: from its XML, to an RRset of ours, and back. Only for
 * this folder.
 */
#ifndef REGISTRARS_ROUTE53_RECORD_H
#define REGISTRARS_ROUTE53_RECORD_H

#include "base/xml.h"
#include "zone/rrset.h"

/* As Route 53 has it. */
struct record {
	const char *name;   /* canonical */
	uint16_t type;      /* 0: one that we have no number for */
	const char *locked; /* why it is left alone, "an alias, …"; NULL: it is plain */
	uint32_t ttl;
	size_t n;
	const char **values; /* to the letter; a DELETE must repeat them so */
};

/* NULL in *r->locked means that it is name, type, TTL and values, and nothing else. ERR_WORLD: this
 * is no ResourceRecordSet. */
int record_read(struct arena *a, const struct xml *set, struct record *r, struct err *e);
/* The RRset, canonical. NULL with ERR_REFUSED: a value cannot be read, or it is locked. */
const struct rrset *record_rrset(struct arena *a, const struct record *r, struct err *e);
/* As we would write it. */
struct record record_of(struct arena *a, const struct rrset *set);
/* True when both have the same values to the letter, in any order. */
bool record_same_values(const struct record *a, const struct record *b);
/* <ResourceRecordSet>…</ResourceRecordSet> */
void record_write(struct arena *a, const struct record *r, struct buf *out);

#endif
