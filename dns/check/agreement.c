/*
 * Do the servers of the zone say the same? Who copies late, who never will, and who need not.
 */
#include "dns/check/rows.h"
#include "zone/dname.h"

/* Primary and mailbox of the zone's SOA as this server gives it: different ones come from two
 * different makers of the zone, whose serials have nothing to do with each other. */
static struct slice soa_maker(const struct snapshot *s, const struct server_view *v)
{
	const struct seen *seen = server_seen(v, s->zone, RR_SOA);
	if (seen == NULL || seen->rrset == NULL || seen->rrset->n == 0)
		return slice_str("");
	const char *text = seen->rrset->rdata[0];
	size_t len = 0;
	unsigned blanks = 0;
	while (text[len] != '\0' && !(text[len] == ' ' && ++blanks == 2))
		len++;
	return (struct slice){ text, len };
}

/* Without an SOA nobody knows which version it is. */
static bool speaks(const struct server_view *v)
{
	return v->state == SERVER_OK && v->has_soa;
}

/* Nothing that excuses a difference: the same version, or makers who each serve their own. */
static bool must_agree(const struct snapshot *s, const struct server_view *x,
		       const struct server_view *y)
{
	return x->soa.serial == y->soa.serial || !slice_eq(soa_maker(s, x), soa_maker(s, y));
}

static bool is_same_alias(const struct seen *a, const struct seen *b)
{
	if (a->alias == NULL || b->alias == NULL)
		return a->alias == b->alias;
	return dname_equal(a->alias, b->alias);
}

/* Two readable answers that do not say the same. TTLs are not looked at. */
static bool differ(const struct server_view *x, const struct server_view *y,
		   const struct dns_question *q)
{
	const struct seen *a = server_seen(x, q->name, q->type);
	const struct seen *b = server_seen(y, q->name, q->type);
	if (!check_is_readable(a) || !check_is_readable(b))
		return false;
	return !rrset_equal(a->rrset, b->rrset) || !is_same_alias(a, b);
}

/* SOA and NS have checks of their own that know why they may differ, keys are judged server by
 * server, and addresses are often given by who asks. */
static bool is_compared(uint16_t type)
{
	return type != RR_SOA && type != RR_NS && type != RR_DNSKEY && type != RR_A &&
	       type != RR_AAAA;
}

/* Every pair: with two providers each half agrees within itself. */
static bool any_contradict(const struct snapshot *s, const struct dns_question *q)
{
	for (size_t i = 0; i < s->server_n; i++) {
		for (size_t j = 0; j < i; j++) {
			const struct server_view *x = &s->servers[i];
			const struct server_view *y = &s->servers[j];
			if (speaks(x) && speaks(y) && must_agree(s, x, y) && differ(x, y, q))
				return true;
		}
	}
	return false;
}

static void saw_everywhere(struct checking *c, const struct dns_question *q)
{
	for (size_t i = 0; i < c->s->server_n; i++) {
		const struct seen *seen = server_seen(&c->s->servers[i], q->name, q->type);
		if (check_is_readable(seen))
			check_saw_seen(c, &c->s->servers[i], seen);
	}
}

static void rrset_mismatch(struct checking *c)
{
	for (size_t i = 0; i < c->s->question_n; i++) {
		const struct dns_question *q = &c->s->questions[i];
		if (!is_compared(q->type) || !any_contradict(c->s, q))
			continue;
		const char *subject = check_subject(c, q->name, q->type);
		saw_everywhere(c, q);
		check_report(
			c,
			(struct check_report){
				check_level(c), subject,
				arena_printf(c->a,
					     "the servers give different answers for %s, and no "
					     "zone transfer will end it: nobody can tell which "
					     "one a sender gets",
					     subject),
				"find out which server is right, raise the SOA serial there and "
				"have the others transfer the zone; if the servers belong to two "
				"providers, enter the record by hand at the one that lacks it" });
	}
}

/* At any pair of servers, whatever their serials. */
static bool any_differ(const struct snapshot *s, const struct dns_question *q)
{
	for (size_t i = 0; i < s->server_n; i++) {
		for (size_t j = 0; j < i; j++) {
			if (speaks(&s->servers[i]) && speaks(&s->servers[j]) &&
			    differ(&s->servers[i], &s->servers[j], q))
				return true;
		}
	}
	return false;
}

/* What matters to the cutover is the same at all servers. */
static bool all_agree(const struct snapshot *s)
{
	for (size_t k = 0; k < s->question_n; k++) {
		if (is_compared(s->questions[k].type) && any_differ(s, &s->questions[k]))
			return false;
	}
	return true;
}

/* The serial is the server's clock. */
static bool is_time_serial(const struct snapshot *s, const struct server_view *v)
{
	int64_t away_s = (int64_t)v->soa.serial - s->ended_ms / 1000;
	return away_s > -86400 && away_s < 86400;
}

/* How the serials of all servers compare, pair by pair. */
struct serials {
	const struct server_view *newest; /* RFC 1982 §3.2 */
	size_t servers, pairs_equal, pairs_differ;
	bool own; /* a pair that differs for another reason than a transfer under way */
};

/* Two addresses of one name are one server, and a transfer reaches both at once. */
static bool is_no_transfer(const struct snapshot *s, const struct server_view *x,
			   const struct server_view *y)
{
	return dname_equal(x->name, y->name) || !slice_eq(soa_maker(s, x), soa_maker(s, y)) ||
	       (is_time_serial(s, x) && is_time_serial(s, y));
}

static struct serials compare_serials(const struct snapshot *s)
{
	struct serials r = { 0 };
	for (size_t i = 0; i < s->server_n; i++) {
		const struct server_view *x = &s->servers[i];
		if (!speaks(x))
			continue;
		r.servers++;
		if (r.newest == NULL || (int32_t)(x->soa.serial - r.newest->soa.serial) > 0)
			r.newest = x;
		for (size_t j = 0; j < i; j++) {
			const struct server_view *y = &s->servers[j];
			if (!speaks(y))
				continue;
			bool same = x->soa.serial == y->soa.serial;
			r.pairs_equal += same;
			r.pairs_differ += !same;
			r.own = r.own || (!same && is_no_transfer(s, x, y));
		}
	}
	/* Of three servers, a transfer under way leaves two alike. */
	r.own = r.own || (r.servers >= 3 && r.pairs_equal == 0);
	return r;
}

static void saw_serials(struct checking *c)
{
	for (size_t i = 0; i < c->s->server_n; i++) {
		const struct server_view *v = &c->s->servers[i];
		if (speaks(v))
			check_saw_server(c, v,
					 arena_printf(c->a, "serial %u", (unsigned)v->soa.serial));
	}
}

/* A host that counts serials by itself on each machine is no fault as long as all say the
 * same; a secondary that is behind is one, for it may stay so after the switch. */
static void soa_serial_mismatch(struct checking *c)
{
	struct serials r = compare_serials(c->s);
	if (r.pairs_differ == 0)
		return;
	bool own = r.own && all_agree(c->s);
	saw_serials(c);
	if (own) {
		check_report(c, (struct check_report){
					SEVERITY_INFO, check_subject(c, c->s->zone, RR_SOA),
					"each server counts the zone's versions by itself; the "
					"records that matter here are the same at all of them",
					"nothing to do; after a change, look at every server" });
		return;
	}
	check_report(
		c,
		(struct check_report){
			check_level(c), check_subject(c, c->s->zone, RR_SOA),
			arena_printf(c->a,
				     "the servers hold different versions of the zone: the newest "
				     "is %u, at %s, and others are behind",
				     (unsigned)r.newest->soa.serial, check_show(c, r.newest->name)),
			arena_printf(c->a,
				     "wait for the zone transfer (refresh every %u s) and ask "
				     "again; if it stays so, look at NOTIFY and the transfer "
				     "rights of the secondary",
				     (unsigned)r.newest->soa.refresh) });
}

/* An MX that comes through an alias has the TTL of another zone. */
static bool is_own_mx(const struct seen *seen)
{
	return seen != NULL && seen->state == SEEN_DATA && seen->rrset != NULL &&
	       seen->alias == NULL;
}

static void mx_ttl_differs(struct checking *c)
{
	uint32_t low = UINT32_MAX;
	uint32_t high = 0;
	for (size_t i = 0; i < c->s->server_n; i++) {
		const struct server_view *v = &c->s->servers[i];
		const struct seen *seen = server_seen(v, c->s->domain, RR_MX);
		if (v->state != SERVER_OK || !is_own_mx(seen))
			continue;
		uint32_t lowest = seen->ttl_mixed ? seen->ttl_lowest : seen->rrset->ttl;
		low = lowest < low ? lowest : low;
		high = seen->rrset->ttl > high ? seen->rrset->ttl : high;
	}
	if (low >= high)
		return;
	struct dns_question mx = { c->s->domain, RR_MX };
	saw_everywhere(c, &mx);
	check_report(
		c,
		(struct check_report){
			check_level(c), check_subject(c, c->s->domain, RR_MX),
			arena_printf(c->a,
				     "the MX records come with TTLs from %u s to %u s; until all "
				     "are lowered, caches may keep the old MX for %u s",
				     (unsigned)low, (unsigned)high, (unsigned)high),
			arena_printf(c->a,
				     "give every MX record of %s the same TTL, at every server; "
				     "the wait counts from the last one",
				     check_show(c, c->s->domain)) });
}

const struct check agreement_checks[] = {
	{ .info = { .id = "soa-serial-mismatch",
		    .what = "the servers hold different versions of the zone",
		    .rfc = "RFC 1912 §2.2",
		    .levels = "wwww",
		    .varies = "info when the serials are no version that is transferred (made from "
			      "the "
			      "time, counted by each server, or by two providers) and every record "
			      "that was asked for is the same at all servers",
		    .example =
			    "ns1 has serial 2026112702, ns2 still 2026112701: a transfer is under "
			    "way, "
			    "or it has failed for days. Wait for the refresh time and audit again; "
			    "if it stays, ns2 will not get the new MX either." },
	  .run = soa_serial_mismatch },
	{ .info = { .id = "rrset-mismatch",
		    .what = "servers answer differently at equal serial",
		    .rfc = "RFC 2181 §5",
		    .levels = "bbbb",
		    .example =
			    "Both servers say serial 7, but one has the old MX and one the new; or "
			    "the "
			    "zone lies at two providers and only one was edited. Half of the mail "
			    "goes astray. Make the record equal at all of them." },
	  .run = rrset_mismatch },
	{ .info = { .id = "mx-ttl-differs",
		    .what = "the MX TTL differs between servers or records",
		    .rfc = "RFC 2181 §5.2",
		    .levels = "wwwi",
		    .example =
			    "The TTL of one MX record was lowered to 300 s, the other still has "
			    "86400. Every wait is reckoned with the highest. Lower all of them." },
	  .run = mx_ttl_differs },
	{ .run = NULL },
};
