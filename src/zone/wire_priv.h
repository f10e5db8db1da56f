/*
 * wire_priv.h - what the two readers of answers share; only for src/zone and their tests.
 *
 * ldns reads every message. For the few types that nearly all answers consist of, our own
 * reader does the same many times faster; whatever it is not sure of it leaves to ldns, so
 * ldns' verdict is the only one on what is malformed.
 */
#ifndef ZONE_WIRE_PRIV_H
#define ZONE_WIRE_PRIV_H

#include "base/vec.h"
#include "zone/dname_wire.h"
#include "zone/wire.h"

enum {
	WIRE_HEADER_LEN = 12,
	WIRE_TYPE_OPT = 41,
	WIRE_CLASS_IN = 1,
};

/* A set that still grows. */
struct draft {
	const char *name;
	uint16_t type;
	uint32_t ttl, ttl_lowest;
	VEC(const char *) rdata;
};

/* A section that still grows. */
struct drafts {
	VEC(struct draft) list;
};
/* One record; name and rdata canonical, from the arena. */
void drafts_add(struct arena *a, struct drafts *d, const struct draft *record, const char *rdata);

enum { WIRE_SECTIONS = 3 }; /* answer, authority, additional */
/* Turns them into the answer's sections and finds the set with mixed TTLs. */
void drafts_finish(struct arena *a, struct drafts sections[WIRE_SECTIONS], struct dns_answer *ans);

/* The options of an OPT record: the extended error, if there is one (RFC 8914). */
void wire_read_options(struct arena *a, struct slice options, struct dns_answer *ans);

/* The name at *at, compression followed; *at is behind it then. False when it is odd: it runs out
 * of the message, is too long, or points anywhere but back. */
bool wire_read_name(struct slice wire, size_t *at, struct dname_wire *w);
/* Our own reader. NULL: ldns is to read it. */
const struct dns_answer *wire_read_fast(struct arena *a, struct slice wire);
/* wire_signed.c: fields as text, without a terminator; behind it is returned. */

/* 4 characters for each 3 octets begun (RFC 4648 §4). */
char *wire_put_base64(char *to, const unsigned char *p, size_t len);
/* 8 for each 5 begun; no padding (RFC 4648 §7). */
char *wire_put_base32hex(char *to, const unsigned char *p, size_t len);
/* 2 for each octet. */
char *wire_put_hex(char *to, const unsigned char *p, size_t len);
/* 14 characters (RFC 4034 §3.2); NULL: not so simple. */
char *wire_put_time(char *to, uint32_t seconds);
/* A type bitmap (RFC 4034 §4.1.2), a blank before each type, of WIRE_TYPE_TEXT_MAX characters
 * in all; NULL: damaged, or with types that are not met in practice. */
enum { WIRE_TYPE_TEXT_MAX = 11 };
char *wire_put_types(char *to, const unsigned char *p, size_t len);
/* Static; NULL for a type that is not met in practice. */
const char *wire_type_text(unsigned type);

/* As dns_answer_parse, by ldns alone: what wire_read_fast is compared with. */
const struct dns_answer *wire_read_ldns(struct arena *a, struct slice wire, struct err *e);

#endif
