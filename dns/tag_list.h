/*
 * tag_list.h - "name=value; name=value" as the records of DKIM, DMARC, MTA-STS and TLS-RPT have
 * it (RFC 6376 §3.2, RFC 7489 §6.4, RFC 8461 §3.1, RFC 8460 §3).
 */
#ifndef DNS_TAG_LIST_H
#define DNS_TAG_LIST_H

#include "base/str.h"

struct tag {
	struct slice name;  /* trimmed; case kept */
	struct slice value; /* trimmed; may be empty */
	bool has_value;     /* a "=" was there */
};

/* The next tag of *rest, which moves behind it; empty ones ("; ;") are passed over. False at
 * the end. */
bool tag_next(struct slice *rest, struct tag *tag_r);
/* True when the text begins with exactly this tag, its case kept ("v" "DMARC1"): blanks round
 * "=" are allowed, and behind it stands ";" or the end. */
bool tag_list_is(struct slice text, struct slice name, struct slice value);
/* The same as a person may have meant it: case does not count, nor does what follows. */
bool tag_list_resembles(struct slice text, struct slice name, struct slice value);

#endif
