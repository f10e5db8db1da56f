/*
 * headkey.h - who a message is by its header, for targets that give back other bytes than they
 * were given (FACTS A2, B): Message-ID, Date as an instant, and the address in From.
 *
 * Exchange writes headers anew: folding, display names, encodings and the zone of Date change,
 * these three values do not. A key is a claim weaker than a hash of the bytes, and whoever uses
 * it says so. Memory is bounded whatever the header's length.
 */
#ifndef MIGRATE_HEADKEY_H
#define MIGRATE_HEADKEY_H

#include "base/digest.h"

enum { HEADKEY_LEN = 16, HEADKEY_VALUE_MAX = 998, HEADKEY_ID_MAX = 256 };

struct headkey {
	bool has_id; /* there is a Message-ID */
	/* A date that can be read and an address: enough to tell, with nothing else alike. */
	bool has_rest;
	unsigned char key[HEADKEY_LEN];  /* of all three */
	unsigned char weak[HEADKEY_LEN]; /* of Date and From alone */
	char id[HEADKEY_ID_MAX]; /* the Message-ID; "" when there is none, or a longer one */
};

/* The fields that a key is made of, as BODY.PEEK[HEADER.FIELDS (…)] wants them. */
#define HEADKEY_FIELDS "MESSAGE-ID DATE FROM"

/* A header on its way; starts as zero, and is as good as zero after headkey_finish. */
struct headkey_reader {
	bool over;   /* the empty line has passed */
	bool cr;     /* in a run of CRs: a line ended, an LF may belong to it */
	bool inside; /* behind the first byte of a line */
	bool named;  /* behind the colon */
	size_t name_len;
	char name[16];
	int field;      /* being read; 0: none that matters */
	unsigned known; /* bits of the fields that were read: the first of each counts */
	struct headkey_value {
		size_t len;
		char text[HEADKEY_VALUE_MAX];
	} values[3];
};
/* More bytes of a message or of its header, in any pieces; what lies behind the header is passed
 * over. A line ends as lineends.h has it. */
void headkey_add(struct headkey_reader *r, struct slice s);
/* The message is over. */
void headkey_finish(struct headkey_reader *r, struct headkey *key_r);

/* The instant of a Date field (RFC 5322 §3.3, §4.3: zones by name, years of two digits); false when
 * it cannot be read. */
bool headkey_date(struct slice text, int64_t *utc_s_r);

#endif
