/*
 * An UPDATE has a query's frame: the zone in the question, prerequisites in the answer
 * and updates in the authority section. All deletions stand before all additions, so
 * that a CNAME can take the place of other data in one message.
 */
#include "registrars/rfc2136/request.h"

#include <ldns/ldns.h>

#include "registrars/rfc2136/message.h"
#include "zone/dname.h"
#include "zone/wire.h"

enum {
	CLASS_IN = 1,
	CLASS_NONE = 254,
	CLASS_ANY = 255,
	TYPE_ANY = 255,
	SIGNATURE_ROOM = 700, /* a TSIG record: two names of 255 and the longest MAC */
	POINTER = 0xc000,     /* RFC 1035 §4.1.4; the rest is an offset */
	PREREQUISITES_AT = 6,
	UPDATES_AT = 8,
};

int request_query(uint16_t id, const char *name, uint16_t type, struct buf *out, struct err *e)
{
	struct dns_question q = { name, type };
	return dns_query_build(&q, &(struct dns_query_opts){ .id = id }, out, e);
}

struct writer {
	struct arena *a;
	struct buf *out;
	size_t start; /* of the message in `out` */
	unsigned n;   /* records of the section so far */
};

static void add_u16(struct buf *b, unsigned v)
{
	buf_addc(b, (char)(v >> 8 & 0xff));
	buf_addc(b, (char)(v & 0xff));
}

/* Uncompressed: an UPDATE is small, and no pointer can be wrong (but see add_nothing_else). */
static int add_name(struct buf *out, const char *name, struct err *e)
{
	ldns_rdf *rdf = ldns_dname_new_frm_str(name);
	if (rdf == NULL)
		return err_set(e, ERR_ITEM, "\"%.80s\" is no domain name", name);
	buf_add(out, ldns_rdf_data(rdf), ldns_rdf_size(rdf));
	ldns_rdf_deep_free(rdf);
	return 0;
}

/* `rr` NULL: a record without rdata, as prerequisites and deletions are. */
static void add_rdata(struct buf *out, const ldns_rr *rr)
{
	size_t start = out->len;
	add_u16(out, 0);
	for (size_t i = 0; rr != NULL && i < ldns_rr_rd_count(rr); i++) {
		const ldns_rdf *field = ldns_rr_rdf(rr, i);
		buf_add(out, ldns_rdf_data(field), ldns_rdf_size(field));
	}
	size_t len = out->len - start - 2;
	out->at[start] = (char)(len >> 8 & 0xff);
	out->at[start + 1] = (char)(len & 0xff);
}

/* A record's head and, unless NULL, the rdata of `rr`. */
struct head {
	const char *name;
	uint16_t type, klass;
	uint32_t ttl;
};

/* What stands behind the owner's name. */
static int add_body(struct writer *w, const struct head *h, const ldns_rr *rr, struct err *e)
{
	add_u16(w->out, h->type);
	add_u16(w->out, h->klass);
	add_u16(w->out, h->ttl >> 16);
	add_u16(w->out, h->ttl & 0xffff);
	add_rdata(w->out, rr);
	w->n++;
	if (w->out->len + SIGNATURE_ROOM <= MESSAGE_MAX)
		return 0;
	(void)err_set(e, ERR_REFUSED, "the changes do not fit into one UPDATE message");
	return err_hint(e, "make them in two plans; one message is what makes them atomic");
}

static int add_record(struct writer *w, const struct head *h, const ldns_rr *rr, struct err *e)
{
	return add_name(w->out, h->name, e) == 0 ? add_body(w, h, rr, e) : -1;
}

/* The records of a set as they stand in the zone, or as a prerequisite (TTL 0). */
static int add_set(struct writer *w, const struct rrset *s, uint32_t ttl, struct err *e)
{
	struct head h = { s->name, s->type, CLASS_IN, ttl };
	for (size_t i = 0; i < s->n; i++) {
		const char *line = arena_printf(w->a, ". 0 IN %s %s", rr_type_name(w->a, s->type),
						s->rdata[i]);
		ldns_rr *rr = NULL;
		ldns_status st = ldns_rr_new_frm_str(&rr, line, 0, NULL, NULL);
		if (st != LDNS_STATUS_OK)
			return err_set(e, ERR_ITEM, "%s %s cannot be sent: %s", s->name,
				       rr_type_name(w->a, s->type), ldns_get_errorstr_by_id(st));
		int rc = add_record(w, &h, rr, e);
		ldns_rr_free(rr);
		if (rc != 0)
			return -1;
	}
	return 0;
}

static const struct rrset *before_at(const struct change_set *cs, const char *name, uint16_t type)
{
	for (size_t i = 0; i < cs->n; i++) {
		const struct change *c = &cs->changes[i];
		if (c->before != NULL && (type == TYPE_ANY || c->type == type) &&
		    dname_equal(c->name, name))
			return c->before;
	}
	return NULL;
}

/* A CNAME that takes the place of other records, which the change set removes. */
static bool takes_over(const struct change_set *cs, const struct change *c)
{
	return c->type == RR_CNAME && c->before == NULL && c->after != NULL &&
	       before_at(cs, c->name, TYPE_ANY) != NULL;
}

/* What a zone may hold at a name, as far as types are assigned or left for private use: those of
 * DNSSEC are made by the server itself, and 128 to 255 are no data (RFC 6895 §3.1). */
static bool may_stand(unsigned type)
{
	static const uint16_t signers[] = {
		24, 30, 41, RR_RRSIG, RR_NSEC, RR_DNSKEY, RR_NSEC3, 51
	};
	for (size_t i = 0; i < sizeof(signers) / sizeof(signers[0]); i++) {
		if (signers[i] == type)
			return false;
	}
	return type < 128 || (type >= 256 && type < 300) || type == 32768 || type == 32769 ||
	       (type >= 65280 && type < 65535);
}

/* The name is going to be deleted whole: what the change set does not know of must not be there.
 * Who calls has compared all that a transfer shows; here each type is a prerequisite of its own,
 * so that none can come between. The name stands once, and is pointed at: it is some 400 records,
 * in 5 kB. */
static int add_nothing_else(struct writer *w, const struct change_set *cs, const struct change *c,
			    struct err *e)
{
	size_t at = 0; /* of the name */
	for (unsigned type = 1; type < UINT16_MAX; type++) {
		struct head none = { c->name, (uint16_t)type, CLASS_NONE, 0 };
		if (!may_stand(type) || before_at(cs, c->name, none.type) != NULL)
			continue;
		size_t here = w->out->len - w->start;
		if (at > 0 && at < 0x4000)
			add_u16(w->out, POINTER | (unsigned)at);
		else if (add_name(w->out, c->name, e) != 0)
			return -1;
		at = at > 0 ? at : here;
		if (add_body(w, &none, NULL, e) != 0)
			return -1;
	}
	return 0;
}

/* RFC 2136 §2.4.2, §2.4.3, §2.4.5. A new CNAME wants a name that owns nothing: else the
 * server would skip it and say NOERROR. */
static int add_prerequisite(struct writer *w, const struct change_set *cs, const struct change *c,
			    struct err *e)
{
	if (c->before != NULL)
		return add_set(w, c->before, 0, e);
	if (takes_over(cs, c))
		return add_nothing_else(w, cs, c, e);
	if (c->type == RR_CNAME)
		return add_record(w, &(struct head){ c->name, TYPE_ANY, CLASS_NONE, 0 }, NULL, e);
	return add_record(w, &(struct head){ c->name, c->type, CLASS_NONE, 0 }, NULL, e);
}

/* RFC 2136 §2.5.2: the whole RRset, so that its TTL goes too.
 *
 * Two exceptions are for a zone that Knot signs. Behind the deletion of an RRset its name still
 * has signatures and an NSEC, which Knot takes for other data, and it skips a CNAME that is added
 * beside them silently (§3.4.2.2). So a CNAME takes the place of the one that is there by the
 * addition alone, whose TTL counts; and where one takes the place of other records the name is
 * deleted whole (§2.5.3), with all that was made for it. */
static int add_deletion(struct writer *w, const struct change_set *cs, const struct change *c,
			struct err *e)
{
	if (takes_over(cs, c))
		return add_record(w, &(struct head){ c->name, TYPE_ANY, CLASS_ANY, 0 }, NULL, e);
	if (c->before == NULL || (c->type == RR_CNAME && c->after != NULL))
		return 0;
	return add_record(w, &(struct head){ c->name, c->type, CLASS_ANY, 0 }, NULL, e);
}

static int add_addition(struct writer *w, const struct change *c, struct err *e)
{
	return c->after != NULL ? add_set(w, c->after, c->after->ttl, e) : 0;
}

/* Writes the section's number of records into the header and starts the next one. */
static void put_count(struct writer *w, size_t at)
{
	w->out->at[at] = (char)(w->n >> 8 & 0xff);
	w->out->at[at + 1] = (char)(w->n & 0xff);
	w->n = 0;
}

/* Sections in the order of RFC 2136 §2: the server checks all prerequisites before it changes
 * anything. */
static int add_sections(struct writer *w, const struct change_set *cs, size_t start, struct err *e)
{
	for (size_t i = 0; i < cs->n; i++) {
		if (add_prerequisite(w, cs, &cs->changes[i], e) != 0)
			return -1;
	}
	put_count(w, start + PREREQUISITES_AT);
	for (size_t i = 0; i < cs->n; i++) {
		if (add_deletion(w, cs, &cs->changes[i], e) != 0)
			return -1;
	}
	for (size_t i = 0; i < cs->n; i++) {
		if (add_addition(w, &cs->changes[i], e) != 0)
			return -1;
	}
	put_count(w, start + UPDATES_AT);
	return 0;
}

int request_update(uint16_t id, const struct change_set *cs, struct buf *out, struct err *e)
{
	size_t start = out->len;
	struct writer w = { .a = arena_new(), .out = out, .start = start };
	add_u16(out, id);
	add_u16(out, OPCODE_UPDATE << 11);
	add_u16(out, 1); /* the zone */
	for (int i = 0; i < 3; i++)
		add_u16(out, 0);
	int rc = add_name(out, cs->zone, e);
	add_u16(out, RR_SOA);
	add_u16(out, CLASS_IN);
	if (rc == 0)
		rc = add_sections(&w, cs, start, e);
	arena_free(w.a);
	return rc;
}
