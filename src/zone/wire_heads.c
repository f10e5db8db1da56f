/*
 * The heads of a message's records. Every read is checked against the end of the message; a
 * record takes eleven octets at least, so the work is bounded by the message's length.
 */
#include <string.h>

#include "zone/dname_wire.h"
#include "zone/wire_priv.h"

enum { RECORD_FIXED_LEN = 10, QUESTION_FIXED_LEN = 4 };

_Static_assert((int)DNS_OWNER_MAX >= (int)DNAME_TEXT_MAX, "an owner fits");

static unsigned u16_at(struct slice wire, size_t at)
{
	const unsigned char *p = (const unsigned char *)wire.ptr;
	return (unsigned)p[at] << 8 | p[at + 1];
}

static int malformed(struct err *e)
{
	return err_set(e, ERR_ITEM, "malformed DNS message: it ends within a record");
}

/* A name and what of fixed length follows it; false when the message is too short. */
static bool pass_name(struct dns_heads *h, struct dname_wire *w, size_t fixed_len)
{
	return wire_read_name(h->wire, &h->at, w) && h->wire.len - h->at >= fixed_len;
}

int dns_heads_begin(struct dns_heads *h, struct slice wire, struct err *e)
{
	struct dname_wire w;
	*h = (struct dns_heads){ .wire = wire, .at = WIRE_HEADER_LEN };
	if (wire.len < WIRE_HEADER_LEN || wire.len > UINT16_MAX)
		return err_set(e, ERR_ITEM, "%zu bytes are no DNS message", wire.len);
	unsigned flags = u16_at(wire, 2);
	h->id = (uint16_t)u16_at(wire, 0);
	h->qr = (flags & 0x8000) != 0;
	h->rcode = (uint8_t)(flags & 0xf);
	h->left = u16_at(wire, 6);
	for (unsigned n = u16_at(wire, 4); n > 0; n--) {
		if (!pass_name(h, &w, QUESTION_FIXED_LEN))
			return malformed(e);
		h->at += QUESTION_FIXED_LEN;
	}
	return 0;
}

int dns_heads_next(struct dns_heads *h, struct err *e)
{
	struct dname_wire w;
	if (h->left == 0)
		return 0;
	if (!pass_name(h, &w, RECORD_FIXED_LEN))
		return malformed(e);
	size_t rdata_len = u16_at(h->wire, h->at + 8);
	h->type = (uint16_t)u16_at(h->wire, h->at);
	h->rr_class = (uint16_t)u16_at(h->wire, h->at + 2);
	h->at += RECORD_FIXED_LEN;
	if (rdata_len > h->wire.len - h->at)
		return malformed(e);
	h->at += rdata_len;
	dname_decode(&w, true, h->owner);
	h->left--;
	return 1;
}
