/*
 * A transfer begins and ends with the zone's SOA (RFC 5936 §2.2). All else that is said in it is a
 * stranger's word: an endless one meets a limit, and one that stops has given what it has given.
 */
#include "dns/axfr.h"

#include "zone/dname.h"
#include "zone/wire.h"

enum { LENGTH_LEN = 2, CLASS_IN = 1 };

static bool has_name(const struct axfr *x, const char *name)
{
	for (size_t i = x->names.n; i-- > 0;) { /* those of one name stand together */
		if (dname_equal(x->names.at[i], name))
			return true;
	}
	return false;
}

static void take_name(struct axfr *x, const char *name)
{
	if (dname_equal(name, x->domain) || !dname_is_within(name, x->domain) || has_name(x, name))
		return;
	if (x->names.n >= AXFR_NAMES_MAX)
		x->state = AXFR_CUT;
	else
		*vec_push(x->a, &x->names) = arena_strdup(x->a, name);
}

static void take_record(struct axfr *x, const struct dns_heads *h)
{
	bool soa = h->type == RR_SOA && dname_equal(h->owner, x->zone);
	if (x->state == AXFR_NOTHING && !soa) {
		x->state = AXFR_REFUSED;
		return;
	}
	if (x->records >= AXFR_RECORDS_MAX) {
		x->state = AXFR_CUT;
		return;
	}
	x->records++;
	if (soa)
		x->state = x->state == AXFR_NOTHING ? AXFR_RUNNING : AXFR_WHOLE;
	else if (h->type == RR_MX && h->rr_class == CLASS_IN)
		take_name(x, h->owner);
}

static void spoil(struct axfr *x)
{
	x->state = x->state == AXFR_NOTHING ? AXFR_REFUSED : AXFR_BROKEN;
}

static bool is_wanted(const struct axfr *x)
{
	return x->state == AXFR_NOTHING || x->state == AXFR_RUNNING;
}

/* A message without records would cost nothing to repeat for ever. */
bool axfr_take(struct axfr *x, struct slice wire)
{
	struct dns_heads h;
	struct err e = { 0 };
	int more = 1;
	x->octets += wire.len + LENGTH_LEN;
	if (dns_heads_begin(&h, wire, &e) != 0 || !h.qr || h.rcode != 0 || h.left == 0) {
		spoil(x);
		return false;
	}
	while (is_wanted(x) && (more = dns_heads_next(&h, &e)) == 1)
		take_record(x, &h);
	if (more < 0)
		spoil(x);
	if (x->state == AXFR_RUNNING && x->octets >= AXFR_OCTETS_MAX)
		x->state = AXFR_CUT;
	return is_wanted(x);
}

bool axfr_is_open(const struct axfr *x)
{
	return x->records > 1;
}

bool axfr_is_cut(const struct axfr *x)
{
	return axfr_is_open(x) && x->state != AXFR_WHOLE;
}
