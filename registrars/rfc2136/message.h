/*
 * message.h - a DNS message as a flat list of its records, each with its place in the
 * bytes: what TSIG and zone transfers need beyond zone/wire.h. Private to the provider.
 */
#ifndef REGISTRARS_RFC2136_MESSAGE_H
#define REGISTRARS_RFC2136_MESSAGE_H

#include "zone/rrset.h"

enum message_section {
	SECTION_QUESTION,
	SECTION_ANSWER,
	SECTION_AUTHORITY,
	SECTION_ADDITIONAL,
};

enum { MESSAGE_HEADER_LEN = 12, MESSAGE_MAX = 65535 };

struct message_record {
	enum message_section section;
	size_t at;        /* offset of its first octet */
	const char *name; /* canonical */
	uint16_t type, klass;
	uint32_t ttl;
	struct slice rdata; /* names in it uncompressed */
};

struct message {
	uint16_t id;
	uint8_t opcode, rcode;
	bool qr, aa, tc;
	size_t n;
	const struct message_record *records; /* in the order of the message */
};

/* Reads all of the bytes; hostile ones give NULL with *e (ERR_ITEM). Everything is copied
 * into the arena. */
const struct message *message_parse(struct arena *a, struct slice wire, struct err *e);
/* One record of class IN as a set of one. NULL with *e (ERR_ITEM). */
const struct rrset *message_rrset(struct arena *a, const struct message_record *r, struct err *e);

#endif
