/*
 * wire.h - DNS messages (RFC 1035 §4): a query out, an answer in.
 *
 * The parser takes hostile bytes; it promises nothing but a value or an error.
 */
#ifndef ZONE_WIRE_H
#define ZONE_WIRE_H

#include "zone/rrset.h"

struct dns_question {
	const char *name; /* canonical */
	uint16_t type;
};

/* A query in wire form, appended to *out. edns: OPT with 1232 octets (and DO when
 * `dnssec`). `mixed_case` randomises the case of the name by *rng when not NULL. */
struct dns_query_opts {
	uint16_t id;
	bool rd, edns, dnssec;
	const struct rng *mixed_case;
};
/* ERR_ITEM when the name cannot be encoded; *out is then as it was. Class IN, one question. */
int dns_query_build(const struct dns_question *q, const struct dns_query_opts *opts,
		    struct buf *out, struct err *e);

struct dns_answer {
	uint16_t id;
	uint8_t opcode, rcode; /* rcode without the OPT extension */
	bool qr, aa, tc, rd, ra, ad, has_opt;
	bool has_ede; /* an extended error (RFC 8914): its code and text follow */
	uint16_t ede;
	const char *ede_text;          /* printable; "" when there is none */
	const struct rrset *ttl_mixed; /* the first set whose records differ in TTL (RFC 2181
					* §5.2), its ttl the highest of them; NULL */
	uint32_t ttl_lowest;           /* of ttl_mixed */
	struct dns_question question;  /* name as it came, case kept; "" when there is none */
	size_t answer_n, authority_n, additional_n;
	const struct rrset *const *answer; /* RRsets in order of appearance */
	const struct rrset *const *authority;
	const struct rrset *const *additional; /* without OPT */
};

/* Records of one A or AAAA set that are kept; no honest host has that many addresses. */
enum { DNS_ADDRESSES_MAX = 256 };
/* NULL with *e (ERR_ITEM) when the bytes are no DNS message. Of an A or AAAA set the first
 * DNS_ADDRESSES_MAX records are kept. RRsets whose type ldns does
 * not know are kept in RFC 3597 form. */
const struct dns_answer *dns_answer_parse(struct arena *a, struct slice wire, struct err *e);
/* Walks over a message's answer section and reads owners and types only: for the thousands of
 * records of a zone transfer (RFC 5936), which are counted and not kept. No memory of its own. */
enum { DNS_OWNER_MAX = 1024 };
struct dns_heads {
	uint16_t id;
	uint8_t rcode;
	bool qr;
	unsigned left; /* records that dns_heads_next has not read */
	/* Of the record that was read last; canonical. */
	char owner[DNS_OWNER_MAX];
	uint16_t type, rr_class;
	struct slice wire; /* borrowed */
	size_t at;
};
/* Reads the header and passes over the question. -1 with ERR_ITEM when it is no message. */
int dns_heads_begin(struct dns_heads *h, struct slice wire, struct err *e);
/* 1: the next record's owner, type and class are there; 0: there is none; -1 with ERR_ITEM: the
 * message ends within it, or its owner cannot be read. */
int dns_heads_next(struct dns_heads *h, struct err *e);

/* The section's set for name and type, or NULL. */
const struct rrset *dns_section_find(const struct rrset *const *section, size_t n, const char *name,
				     uint16_t type);

#endif
