/*
 * What hides a record: a zone cut above it, an alias at the top of the zone.
 */
#include "dns/check/rows.h"
#include "zone/dname.h"

/* The plan is going to write there, or has. */
static bool is_planned(const struct check_input *in, const char *name)
{
	if (in->ownership_name != NULL && dname_equal(in->ownership_name, name))
		return true;
	for (size_t i = 0; i < in->target_dkim_n; i++) {
		if (dname_equal(in->target_dkim[i]->name, name))
			return true;
	}
	for (size_t i = 0; i < in->change_n; i++) {
		const struct check_change *ch = &in->changes[i];
		const struct rrset *set = ch->after != NULL ? ch->after : ch->before;
		if (set != NULL && dname_equal(set->name, name))
			return true;
	}
	return false;
}

/* The referral that a server of the zone gave instead of an answer; NULL. */
static const struct seen *referral_for(const struct checking *c, const struct dns_question *q)
{
	for (size_t i = 0; i < c->s->server_n; i++) {
		const struct seen *seen = server_seen(&c->s->servers[i], q->name, q->type);
		if (c->s->servers[i].state == SERVER_OK && seen != NULL &&
		    seen->state == SEEN_REFERRAL)
			return seen;
	}
	return NULL;
}

/* The note names the cut. */
static bool is_same_cut(const struct seen *a, const struct seen *b)
{
	return a->note != NULL && b->note != NULL && str_eq(a->note, b->note);
}

static bool is_cut_before(const struct checking *c, size_t question, const struct seen *referral)
{
	for (size_t i = 0; i < question; i++) {
		const struct seen *seen = referral_for(c, &c->s->questions[i]);
		if (seen != NULL && is_same_cut(seen, referral))
			return true;
	}
	return false;
}

/* The zone below the cut has that record itself: somebody meant it so. */
static bool is_found_below(const struct checking *c, const struct dns_question *q)
{
	const struct lookup *l = check_lookup(c, q->name, q->type);
	if (l != NULL && (l->seen.state == SEEN_DATA || l->seen.alias != NULL))
		return true;
	for (size_t i = 0; i < c->s->resolver_n; i++) {
		const struct seen *seen = resolver_seen(&c->s->resolvers[i], q->name, q->type);
		if (c->s->resolvers[i].works && seen != NULL && seen->state == SEEN_DATA)
			return true;
	}
	return false;
}

/* Every name that was asked for below one cut. */
struct occluded {
	VEC(const char *) subjects;
	bool planned, found;
};

static struct occluded collect_below(struct checking *c, size_t from, const struct seen *referral)
{
	struct occluded o = { 0 };
	for (size_t i = from; i < c->s->question_n; i++) {
		const struct dns_question *q = &c->s->questions[i];
		const struct seen *seen = referral_for(c, q);
		if (seen == NULL || (i > from && !is_same_cut(seen, referral)))
			continue;
		*vec_push(c->a, &o.subjects) = check_subject(c, q->name, q->type);
		o.planned = o.planned || is_planned(c->in, q->name);
		o.found = o.found || is_found_below(c, q);
	}
	return o;
}

static void saw_referrals(struct checking *c, const struct dns_question *q)
{
	for (size_t i = 0; i < c->s->server_n; i++) {
		const struct seen *seen = server_seen(&c->s->servers[i], q->name, q->type);
		if (seen != NULL && seen->state == SEEN_REFERRAL)
			check_saw_seen(c, &c->s->servers[i], seen);
	}
}

/* Who delegated a name on purpose, and has the record there, is told where to edit it. */
static void record_occluded(struct checking *c)
{
	for (size_t i = 0; i < c->s->question_n; i++) {
		const struct dns_question *q = &c->s->questions[i];
		const struct seen *referral = referral_for(c, q);
		if (referral == NULL || is_cut_before(c, i, referral))
			continue;
		struct occluded o = collect_below(c, i, referral);
		const char *names = check_show_list(c, o.subjects.n, o.subjects.at);
		bool meant = o.found && !o.planned;
		saw_referrals(c, q);
		check_report(
			c, (struct check_report){
				   meant ? SEVERITY_INFO : check_level(c),
				   check_subject(c, q->name, q->type),
				   arena_printf(c->a,
						"%s: %s, so nobody sees what is entered there in "
						"the zone %s",
						names,
						referral->note != NULL ? referral->note
								       : "delegated away",
						check_show(c, c->s->zone)),
				   "enter these records in the zone that is delegated to, or take "
				   "the NS records that delegate it out of this zone" });
	}
}

/* Where the audited name or its zone points as a whole; NULL. */
static const char *alias_of_top(const struct checking *c, const struct server_view *v)
{
	for (size_t q = 0; v->state == SERVER_OK && q < v->n; q++) {
		const struct seen *seen = &v->seen[q];
		if (seen->alias != NULL && (dname_equal(seen->question.name, c->s->domain) ||
					    dname_equal(seen->question.name, c->s->zone)))
			return seen->alias;
	}
	return NULL;
}

/* RFC 1034 §3.6.2: nothing else can stand beside a CNAME. */
static void apex_cname(struct checking *c)
{
	const char *target = NULL;
	for (size_t i = 0; i < c->s->server_n; i++) {
		const char *alias = alias_of_top(c, &c->s->servers[i]);
		if (alias == NULL)
			continue;
		check_saw_server(c, &c->s->servers[i],
				 arena_printf(c->a, "alias of %s", check_show(c, alias)));
		target = alias;
	}
	if (target == NULL)
		return;
	const char *domain = check_show(c, c->s->domain);
	check_report(
		c, (struct check_report){
			   check_level(c), check_subject(c, c->s->domain, RR_CNAME),
			   arena_printf(c->a,
					"%s is an alias of %s: it can have no MX and no TXT record "
					"of its own, and mail goes by the alias",
					domain, check_show(c, target)),
			   arena_printf(c->a,
					"remove the CNAME record of %s and give it A and AAAA "
					"records, or the DNS host's ALIAS record",
					domain) });
}

enum { FLATTENED_TTL_MAX = 300 };

/* A website that the world reaches as an alias under www, or a TTL that no person types. */
static bool looks_flattened(struct checking *c, const struct seen *a)
{
	const char *www = check_below(c, "www");
	const struct lookup *l = www != NULL ? check_lookup(c, www, RR_TXT) : NULL;
	bool outside = l != NULL && l->seen.alias != NULL &&
		       !dname_is_within(l->seen.alias, c->s->domain);
	return a->rrset->ttl <= FLATTENED_TTL_MAX && (outside || a->rrset->ttl % 10 != 0);
}

static void apex_flattened(struct checking *c)
{
	const struct lookup *l = check_lookup(c, c->s->domain, RR_A);
	if (l == NULL || l->seen.state != SEEN_DATA || l->seen.alias != NULL ||
	    !looks_flattened(c, &l->seen))
		return;
	check_saw_lookup(c, l);
	check_report(c, (struct check_report){
				check_level(c), check_subject(c, c->s->domain, RR_A),
				arena_printf(c->a,
					     "the address of %s seems to be filled in from another "
					     "name (ALIAS, flattening): it may change at any time, "
					     "and says nothing about mail",
					     check_show(c, c->s->domain)),
				"nothing to do; the MX does not depend on it" });
}

const struct check hidden_checks[] = {
	{ .info = { .id = "record-occluded",
		    .what = "a record's name is delegated away",
		    .rfc = "RFC 1034 §4.2.1",
		    .levels = "wwww",
		    .varies = "info when the record is found in the zone below and the plan writes "
			      "nothing there",
		    .example =
			    "_domainkey.treyresearch.com is delegated to a newsletter provider: "
			    "DKIM "
			    "records that you enter in treyresearch.com are seen by nobody. Enter "
			    "them at that provider, or take the delegation out." },
	  .run = record_occluded },
	{ .info = { .id = "apex-cname",
		    .what = "the domain itself is an alias",
		    .rfc = "RFC 1034 §3.6.2, RFC 1912 §2.4",
		    .levels = "bbbb",
		    .example =
			    "treyresearch.com is a CNAME for a web host. Beside a CNAME no MX can "
			    "stand: mail goes where the web host says. Replace it by A records, or "
			    "by the DNS host's ALIAS." },
	  .run = apex_cname },
	{ .info = { .id = "apex-flattened",
		    .what = "the domain's address is filled in from another name",
		    .rfc = "-",
		    .levels = "iiii",
		    .example =
			    "The A record has a TTL of 37 s and follows a web host's name (ALIAS, "
			    "CNAME flattening). Nothing to do: the MX is a record of its own." },
	  .run = apex_flattened },
	{ .run = NULL },
};
