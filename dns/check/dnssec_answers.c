/*
 * What single answers of the zone say: each server's by itself, and what one server was asked
 * for. Troubles of one kind are one finding, whatever the number of sets and servers.
 */
#include "dns/check/dnssec_rows.h"
#include "zone/dname.h"

#define DAY_MS (INT64_C(86400) * 1000)

enum {
	WINDOW_DAYS = 7,     /* when the project names no window */
	SHORT_LIFE_DAYS = 3, /* only a signer that works all the time signs for so short */
	SETS_SHOWN = 4,
};

/* Answers with one kind of trouble, counted while their evidence is collected. */
struct troubled {
	size_t answers, servers, sets;
	const struct dns_question *first;
	const char *first_detail;
	VEC(const char *) names; /* of the first few sets */
};

typedef bool why_fn(enum bogus_why why);

static bool is_expired(enum bogus_why why)
{
	return why == BOGUS_EXPIRED;
}

static bool is_unsigned(enum bogus_why why)
{
	return why == BOGUS_NOT_SIGNED || why == BOGUS_UNSIGNED_CHILD;
}

static bool is_just_bogus(enum bogus_why why)
{
	return why == BOGUS_NOT_YET || why == BOGUS_WRONG_SIGNATURE || why == BOGUS_NO_PROOF;
}

static void note_set(struct checking *c, struct troubled *t, const struct dns_question *q)
{
	const char *name = check_subject(c, q->name, q->type);
	for (size_t i = 0; i < t->names.n; i++) {
		if (str_eq(t->names.at[i], name))
			return;
	}
	*vec_push(c->a, &t->names) = name;
	t->sets++;
}

static void note_answer(struct checking *c, struct troubled *t, const struct dns_question *q,
			const struct secure *s)
{
	if (t->answers++ == 0) {
		t->first = q;
		t->first_detail = dnssec_detail(s);
	}
	note_set(c, t, q);
}

static bool note_server(struct checking *c, struct troubled *t, size_t i, why_fn *fits)
{
	const struct dnssec_view *v = c->in->dnssec;
	bool any = false;
	for (size_t q = 0; q < v->question_n; q++) {
		const struct secure *s = &v->answers[i * v->question_n + q];
		if (s->state != SECURE_BOGUS || !fits(s->why))
			continue;
		note_answer(c, t, &c->s->questions[q], s);
		check_saw_server(c, &c->s->servers[i], dnssec_detail(s));
		any = true;
	}
	return any;
}

/* A server with keys of its own is told by ds_mismatch: nothing of it can fit. */
static void note_servers(struct checking *c, struct troubled *t, why_fn *fits)
{
	for (size_t i = 0; i < c->in->dnssec->server_n; i++) {
		if (!dnssec_has_strange_keys(c, i))
			t->servers += note_server(c, t, i, fits);
	}
}

static void saw_lookup(struct checking *c, const struct lookup *l, const struct secure *s)
{
	*vec_push(c->a, &c->saw) = (struct evidence){
		.server = l->zone != NULL
				  ? arena_printf(c->a, "a server of %s", check_show(c, l->zone))
				  : "the walk from the root",
		.address = l->address,
		.at_ms = l->seen.at_ms,
		.saw = dnssec_detail(s)
	};
}

static bool is_own(const struct checking *c, const struct lookup *l)
{
	return l->zone != NULL && c->s->zone != NULL && dname_equal(l->zone, c->s->zone);
}

/* Names that only one server was asked for. */
static void note_own_lookups(struct checking *c, struct troubled *t, why_fn *fits)
{
	const struct dnssec_view *v = c->in->dnssec;
	for (size_t i = 0; i < v->lookup_n; i++) {
		const struct secure *s = &v->lookups[i];
		if (s->state != SECURE_BOGUS || !fits(s->why) || !is_own(c, &c->s->lookups[i]))
			continue;
		note_answer(c, t, &c->s->lookups[i].seen.question, s);
		saw_lookup(c, &c->s->lookups[i], s);
	}
}

static struct troubled find_troubled(struct checking *c, why_fn *fits)
{
	struct troubled t = { 0 };
	if (c->in->dnssec == NULL || c->in->dnssec->zone.state != SECURE_YES)
		return t;
	note_servers(c, &t, fits);
	note_own_lookups(c, &t, fits);
	return t;
}

/* "x.net MX", or the zone when it is about more than one set. */
static const char *troubled_subject(struct checking *c, const struct troubled *t)
{
	return t->sets == 1 ? check_subject(c, t->first->name, t->first->type)
			    : arena_printf(c->a, "%s DNSSEC", dnssec_zone_text(c));
}

/* "x.net MX, x.net TXT and 7 more" */
static const char *troubled_sets(struct checking *c, const struct troubled *t)
{
	struct buf b;
	buf_init(&b);
	for (size_t i = 0; i < t->names.n && i < SETS_SHOWN; i++)
		buf_addf(&b, "%s%s", i > 0 ? ", " : "", t->names.at[i]);
	if (t->sets > SETS_SHOWN)
		buf_addf(&b, " and %zu more", t->sets - SETS_SHOWN);
	const char *text = arena_slice(c->a, buf_slice(&b));
	buf_release(&b);
	return text;
}

/* " on 1 of 2 servers"; nothing when only lookups show it. */
static const char *troubled_where(struct checking *c, const struct troubled *t)
{
	if (t->servers == 0)
		return "";
	return arena_printf(c->a, " on %s", check_show_share(c, t->servers, c->s->server_n));
}

/* Answers of other zones: hosts of the MX, SPF targets. Their owners must act, so it is a
 * warning. */
static void report_foreign(struct checking *c, why_fn *fits, const char *what)
{
	const struct dnssec_view *v = c->in->dnssec;
	for (size_t i = 0; v != NULL && i < v->lookup_n; i++) {
		const struct lookup *l = &c->s->lookups[i];
		const struct secure *s = &v->lookups[i];
		if (s->state != SECURE_BOGUS || !fits(s->why) || is_own(c, l) || l->zone == NULL)
			continue;
		const char *zone = check_show(c, l->zone);
		const char *set = check_subject(c, l->seen.question.name, l->seen.question.type);
		saw_lookup(c, l, s);
		check_report(c, (struct check_report){
					SEVERITY_WARNING, set,
					arena_printf(c->a, "%s of %s, which %s depends on: %s",
						     what, zone, check_show(c, c->s->domain),
						     dnssec_detail(s)),
					arena_printf(c->a,
						     "tell whoever runs %s; nothing can be done "
						     "about it in %s",
						     zone, dnssec_zone_text(c)) });
	}
}

void dnssec_check_expired(struct checking *c)
{
	bool all = dnssec_zone_why(c) == BOGUS_EXPIRED;
	struct troubled t = find_troubled(c, is_expired);
	if (all)
		dnssec_saw_zone(c);
	if (all || t.answers > 0)
		check_report(
			c,
			(struct check_report){
				check_level(c),
				all ? arena_printf(c->a, "%s DNSSEC", dnssec_zone_text(c))
				    : troubled_subject(c, &t),
				arena_printf(c->a,
					     "signatures of %s have expired%s, so resolvers that "
					     "validate refuse what they get there: %s",
					     all ? dnssec_zone_text(c) : troubled_sets(c, &t),
					     troubled_where(c, &t),
					     all ? dnssec_detail(&c->in->dnssec->zone)
						 : t.first_detail),
				"sign the zone again, and have every server load the new version; "
				"then see why the signer stopped" });
	report_foreign(c, is_expired, "an expired signature");
}

void dnssec_check_unsigned(struct checking *c)
{
	bool all = dnssec_zone_why(c) == BOGUS_NOT_SIGNED;
	struct troubled t = find_troubled(c, is_unsigned);
	if (all)
		dnssec_saw_zone(c);
	if (!all && t.answers == 0)
		return;
	check_report(
		c,
		(struct check_report){
			check_level(c),
			all ? check_subject(c, c->s->zone, RR_DNSKEY) : troubled_subject(c, &t),
			arena_printf(c->a,
				     "%s has no signature%s though the zone is signed: resolvers "
				     "that validate refuse the answer",
				     all ? check_subject(c, c->s->zone, RR_DNSKEY)
					 : troubled_sets(c, &t),
				     troubled_where(c, &t)),
			"sign the zone again after the edit, and have every server load the signed "
			"version" });
}

static const char *bogus_remedy(enum bogus_why why)
{
	switch (why) {
	case BOGUS_ABOVE: return "tell the registry: the fault lies above the domain";
	case BOGUS_NOT_YET:
		return "set the clock of the machine that signs right, then sign the zone again";
	default: return "sign the zone again and compare its DS at the registrar with its keys";
	}
}

/* The zone as a whole: a zone above it is broken, or its own DS or keys do not verify. */
static void report_bogus_zone(struct checking *c)
{
	dnssec_saw_zone(c);
	check_report(c,
		     (struct check_report){
			     check_level(c), arena_printf(c->a, "%s DNSSEC", dnssec_zone_text(c)),
			     arena_printf(c->a,
					  "nothing of %s validates, so resolvers that validate "
					  "give no answer for it: %s",
					  dnssec_zone_text(c), dnssec_detail(&c->in->dnssec->zone)),
			     bogus_remedy(dnssec_zone_why(c)) });
}

void dnssec_check_bogus(struct checking *c)
{
	enum bogus_why why = dnssec_zone_why(c);
	struct troubled t = find_troubled(c, is_just_bogus);
	if (why == BOGUS_ABOVE || is_just_bogus(why))
		report_bogus_zone(c);
	if (t.answers > 0)
		check_report(c,
			     (struct check_report){
				     check_level(c), troubled_subject(c, &t),
				     arena_printf(c->a,
						  "%s does not validate%s, so resolvers that "
						  "validate give no answer for it: %s",
						  troubled_sets(c, &t), troubled_where(c, &t),
						  t.first_detail),
				     "sign the zone again, and make sure that nothing changes it "
				     "behind the signer's back" });
	report_foreign(c, is_just_bogus, "a bogus answer");
}

/* --- the end that is near --- */

/* The signature that ends first, over all servers, and the longest TTL beside it. */
struct soonest {
	const struct secure *secure;
	size_t server;
	const struct dns_question *question;
	uint32_t max_ttl;
};

static struct soonest find_soonest(const struct checking *c)
{
	const struct dnssec_view *v = c->in->dnssec;
	struct soonest first = { 0 };
	for (size_t k = 0; k < v->server_n * v->question_n; k++) {
		const struct secure *s = &v->answers[k];
		const struct server_view *server = &c->s->servers[k / v->question_n];
		size_t q = k % v->question_n;
		if (s->state != SECURE_YES || s->expires_ms == 0 || q >= server->n)
			continue;
		const struct rrset *set = server->seen[q].rrset;
		if (set != NULL && set->ttl > first.max_ttl)
			first.max_ttl = set->ttl;
		if (first.secure == NULL || s->expires_ms < first.secure->expires_ms)
			first = (struct soonest){ s, k / v->question_n, &c->s->questions[q],
						  first.max_ttl };
	}
	return first;
}

/* A signer at work renews in the last quarter of a signature's life, or never signs for more
 * than a few days: then a near end is its habit. A person who named a window wants to know. */
static bool is_renewed_by_habit(const struct checking *c, const struct secure *s)
{
	int64_t life = s->expires_ms - s->begins_ms;
	int64_t left = s->expires_ms - c->in->now_ms;
	if (left < life / 4)
		return false;
	return life <= SHORT_LIFE_DAYS * DAY_MS || c->in->window_ends_ms == 0;
}

void dnssec_check_expiring(struct checking *c)
{
	if (c->in->dnssec == NULL || c->in->dnssec->zone.state != SECURE_YES)
		return;
	struct soonest first = find_soonest(c);
	int64_t window_ms = c->in->window_ends_ms != 0 ? c->in->window_ends_ms
						       : c->in->now_ms + WINDOW_DAYS * DAY_MS;
	int64_t needed_ms = window_ms + (int64_t)first.max_ttl * 1000;
	if (first.secure == NULL || first.secure->expires_ms >= needed_ms)
		return;
	const char *set = check_subject(c, first.question->name, first.question->type);
	check_saw_server(c, &c->s->servers[first.server],
			 arena_printf(c->a, "the signature of %s ends at %s", set,
				      check_show_moment(c, first.secure->expires_ms)));
	check_report(
		c,
		(struct check_report){
			is_renewed_by_habit(c, first.secure) ? SEVERITY_INFO : check_level(c),
			arena_printf(c->a, "%s DNSSEC", dnssec_zone_text(c)),
			arena_printf(
				c->a,
				"the signature of %s ends at %s, before the cutover is over and "
				"caches are clear",
				set, check_show_moment(c, first.secure->expires_ms)),
			"see that the zone is signed again before that moment, and that the signer "
			"keeps running while the records change" });
}
