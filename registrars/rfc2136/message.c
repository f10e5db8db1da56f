/*
 * ldns reads one record after the other, so their offsets are known and a message may
 * hold as many as fit into it (a transfer's messages do). Rdata passes into our canonical
 * text by the RFC 3597 form, which any type has.
 */
#include "registrars/rfc2136/message.h"

#include <ldns/ldns.h>

#include "base/buf.h"
#include "base/digest.h"
#include "base/vec.h"
#include "zone/dname.h"

struct reader {
	struct arena *a;
	struct slice wire;
	size_t pos;
	VEC(struct message_record) list;
};

/* ldns prints its own escapes; dname_canon makes them ours. */
static const char *owner_text(struct arena *a, const ldns_rr *rr, struct err *e)
{
	char *text = ldns_rdf2str(ldns_rr_owner(rr));
	if (text == NULL) {
		(void)err_set(e, ERR_ITEM, "a record without an owner");
		return NULL;
	}
	const char *name = dname_canon(a, text, e);
	LDNS_FREE(text);
	return name;
}

/* ldns has resolved compression, so the fields in a row are the rdata. */
static struct slice rdata_bytes(struct arena *a, const ldns_rr *rr)
{
	struct buf b;
	buf_init(&b);
	for (size_t i = 0; i < ldns_rr_rd_count(rr); i++) {
		const ldns_rdf *field = ldns_rr_rdf(rr, i);
		buf_add(&b, ldns_rdf_data(field), ldns_rdf_size(field));
	}
	struct slice copy = { arena_slice(a, buf_slice(&b)), b.len };
	buf_release(&b);
	return copy;
}

static int keep(struct reader *r, enum message_section section, const ldns_rr *rr, size_t at,
		struct err *e)
{
	const char *name = owner_text(r->a, rr, e);
	if (name == NULL)
		return -1;
	struct message_record *to = vec_push(r->a, &r->list);
	to->section = section;
	to->at = at;
	to->name = name;
	to->type = (uint16_t)ldns_rr_get_type(rr);
	to->klass = (uint16_t)ldns_rr_get_class(rr);
	if (section == SECTION_QUESTION)
		return 0;
	to->ttl = ldns_rr_ttl(rr);
	to->rdata = rdata_bytes(r->a, rr);
	return 0;
}

static int read_record(struct reader *r, enum message_section section, struct err *e)
{
	static const ldns_pkt_section sections[] = { LDNS_SECTION_QUESTION, LDNS_SECTION_ANSWER,
						     LDNS_SECTION_AUTHORITY,
						     LDNS_SECTION_ADDITIONAL };
	ldns_rr *rr = NULL;
	size_t at = r->pos;
	ldns_status st = ldns_wire2rr(&rr, (const uint8_t *)r->wire.ptr, r->wire.len, &r->pos,
				      sections[section]);
	if (st != LDNS_STATUS_OK)
		return err_set(e, ERR_ITEM, "malformed DNS message: %s",
			       ldns_get_errorstr_by_id(st));
	int rc = keep(r, section, rr, at, e);
	ldns_rr_free(rr);
	return rc;
}

static unsigned get_u16(struct slice s, size_t at)
{
	return (unsigned)(unsigned char)s.ptr[at] << 8 | (unsigned char)s.ptr[at + 1];
}

/* The counts of the header are believed only as far as there are octets: ldns stops at
 * the end of the message. */
static int read_all(struct reader *r, struct err *e)
{
	for (enum message_section s = SECTION_QUESTION; s <= SECTION_ADDITIONAL; s++) {
		unsigned n = get_u16(r->wire, 4 + 2 * (size_t)s);
		for (unsigned i = 0; i < n; i++) {
			if (read_record(r, s, e) != 0)
				return -1;
		}
	}
	if (r->pos != r->wire.len)
		return err_set(e, ERR_ITEM, "malformed DNS message: octets behind its end");
	return 0;
}

const struct message *message_parse(struct arena *a, struct slice wire, struct err *e)
{
	struct reader r = { .a = a, .wire = wire, .pos = MESSAGE_HEADER_LEN };
	if (wire.len < MESSAGE_HEADER_LEN || wire.len > MESSAGE_MAX) {
		(void)err_set(e, ERR_ITEM, "%zu octets are no DNS message", wire.len);
		return NULL;
	}
	if (read_all(&r, e) != 0)
		return NULL;
	unsigned flags = get_u16(wire, 2);
	struct message *m = ARENA_NEW(a, struct message);
	m->id = (uint16_t)get_u16(wire, 0);
	m->qr = (flags & 0x8000) != 0;
	m->aa = (flags & 0x0400) != 0;
	m->tc = (flags & 0x0200) != 0;
	m->opcode = (uint8_t)(flags >> 11 & 15);
	m->rcode = (uint8_t)(flags & 15);
	m->n = r.list.n;
	m->records = r.list.at;
	return m;
}

const struct rrset *message_rrset(struct arena *a, const struct message_record *r, struct err *e)
{
	char *text = arena_alloc(a, 2 * r->rdata.len + 32);
	int head = snprintf(text, 32, "\\# %zu ", r->rdata.len);
	hex_encode((const unsigned char *)r->rdata.ptr, r->rdata.len, text + head);
	const char *rdata[] = { text };
	return rrset_make(a, r->name, r->type, r->ttl, 1, rdata, e);
}
