/*
 * A wildcard answers for names that nobody entered: a record seems to be there, and is not
 * the one that mail needs.
 */
#include "dns/check/rows.h"
#include "zone/dname.h"

/* What a name that nobody has gets for an answer, at one level. */
struct wildcard {
	const struct lookup *txt;
	const char *target, *end; /* of a wildcard CNAME: its target, and the end of its chain */
};

static const struct lookup *answered(const struct lookup *l)
{
	bool there = l != NULL && (l->seen.state == SEEN_DATA || l->seen.alias != NULL);
	return there ? l : NULL;
}

/* `under`: NULL for the domain itself. */
static struct wildcard probe_wildcard(struct checking *c, const char *under)
{
	struct wildcard w = { 0 };
	const char *label = c->s->random_label;
	if (label != NULL && under != NULL)
		label = arena_printf(c->a, "%s.%s", label, under);
	const char *name = label != NULL ? check_below(c, label) : NULL;
	if (name == NULL)
		return w;
	w.txt = answered(check_lookup(c, name, RR_TXT));
	w.end = w.txt != NULL ? w.txt->seen.alias : NULL;
	const struct lookup *l = answered(check_lookup(c, name, RR_CNAME));
	if (l != NULL && l->seen.rrset != NULL && l->seen.rrset->type == RR_CNAME)
		w.target = l->seen.rrset->rdata[0];
	return w;
}

static bool has_same_rdata(const struct rrset *a, const struct rrset *b)
{
	if (a == NULL || b == NULL || a->n != b->n)
		return false;
	for (size_t i = 0; i < a->n; i++) {
		if (!str_eq(a->rdata[i], b->rdata[i]))
			return false;
	}
	return true;
}

static bool is_target(const struct wildcard *w, const char *alias)
{
	return (w->target != NULL && dname_equal(w->target, alias)) ||
	       (w->end != NULL && dname_equal(w->end, alias));
}

/* The name says just what a name that nobody has says. */
static bool comes_from(const struct wildcard *w, const struct seen *seen)
{
	if (seen->question.type == RR_CNAME)
		return seen->state == SEEN_DATA && seen->rrset != NULL &&
		       is_target(w, seen->rrset->rdata[0]);
	if (seen->alias != NULL)
		return is_target(w, seen->alias);
	return seen->state == SEEN_DATA && w->txt != NULL && w->end == NULL &&
	       has_same_rdata(seen->rrset, w->txt->seen.rrset);
}

/* Both levels: an existing _domainkey stops the wildcard above it (RFC 4592 §3.3.1). */
struct shadows {
	struct wildcard top, keys;
	const char *keys_name, *random;
	VEC(const char *) subjects;
};

/* For these two a wildcard's content is no policy, and nobody takes it for one. */
static bool is_harmless(struct checking *c, const char *name)
{
	const char *sts = check_below(c, "_mta-sts");
	const char *tls = check_below(c, "_smtp._tls");
	return (sts != NULL && dname_equal(name, sts)) || (tls != NULL && dname_equal(name, tls));
}

static void add_shadowed(struct checking *c, struct shadows *sh, const struct seen *seen)
{
	const char *name = seen->question.name;
	uint16_t type = seen->question.type;
	if ((type != RR_TXT && type != RR_CNAME) || dname_equal(name, c->s->domain) ||
	    !dname_is_within(name, c->s->domain) || is_harmless(c, name))
		return;
	bool key = sh->keys_name != NULL && dname_is_within(name, sh->keys_name);
	if (!comes_from(key ? &sh->keys : &sh->top, seen))
		return;
	const char *subject = check_subject(c, name, type);
	for (size_t i = 0; i < sh->subjects.n; i++) {
		if (str_eq(sh->subjects.at[i], subject))
			return;
	}
	*vec_push(c->a, &sh->subjects) = subject;
}

/* Selectors are looked up by the walk, the rest is asked at the servers. */
static void collect_shadowed(struct checking *c, struct shadows *sh)
{
	for (size_t q = 0; q < c->s->question_n; q++) {
		const struct seen *seen = check_first_readable(c, c->s->questions[q].name,
							       c->s->questions[q].type);
		if (seen != NULL)
			add_shadowed(c, sh, seen);
	}
	for (size_t i = 0; sh->keys_name != NULL && i < c->s->lookup_n; i++) {
		const struct seen *seen = &c->s->lookups[i].seen;
		const char *name = seen->question.name;
		if (dname_is_within(name, sh->keys_name) && !dname_equal(name, sh->keys_name) &&
		    (sh->random == NULL || !dname_equal(name, sh->random)))
			add_shadowed(c, sh, seen);
	}
}

static void report_shadowed(struct checking *c)
{
	struct shadows sh = { .top = probe_wildcard(c, NULL),
			      .keys = probe_wildcard(c, "_domainkey"),
			      .keys_name = check_below(c, "_domainkey") };
	if (sh.top.txt == NULL && sh.top.target == NULL && sh.keys.txt == NULL)
		return;
	if (c->s->random_label != NULL)
		sh.random = check_below(c, arena_printf(c->a, "%s._domainkey", c->s->random_label));
	collect_shadowed(c, &sh);
	if (sh.subjects.n == 0)
		return;
	const struct lookup *saw = sh.top.txt != NULL ? sh.top.txt : sh.keys.txt;
	if (saw != NULL)
		check_saw_lookup(c, saw);
	check_report(
		c, (struct check_report){
			   check_level(c), arena_printf(c->a, "*.%s", check_show(c, c->s->domain)),
			   arena_printf(c->a,
					"a wildcard makes records seem to exist that nobody "
					"entered: %s",
					check_show_list(c, sh.subjects.n, sh.subjects.at)),
			   "enter the real records at these names (they come before the wildcard), "
			   "or remove the wildcard" });
}

static bool is_in_list(const char *const *list, const char *name)
{
	for (; list != NULL && *list != NULL; list++) {
		if (dname_equal(*list, name))
			return true;
	}
	return false;
}

static bool has_mx_host(struct checking *c, const struct rrset *set, const char *host)
{
	for (size_t i = 0; set != NULL && i < set->n; i++) {
		struct mx mx;
		if (mx_parse(c->a, set->rdata[i], &mx) && dname_equal(mx.host, host))
			return true;
	}
	return false;
}

/* Mail for a misspelt name goes where nobody looks: unless it takes none, goes to the new
 * system already, or to the old one, which mx-subdomain-old tells. */
static bool is_stray_mx(struct checking *c, const struct rrset *set)
{
	for (size_t i = 0; i < set->n; i++) {
		struct mx mx;
		if (mx_parse(c->a, set->rdata[i], &mx) && !str_eq(mx.host, ".") &&
		    !has_mx_host(c, c->in->target_mx, mx.host) &&
		    !is_in_list(c->in->source_mx, mx.host))
			return true;
	}
	return false;
}

static void report_wildcard_mx(struct checking *c)
{
	const char *name = c->s->random_label != NULL ? check_below(c, c->s->random_label) : NULL;
	const struct lookup *l = name != NULL ? check_lookup(c, name, RR_MX) : NULL;
	if (l == NULL || l->seen.state != SEEN_DATA || l->seen.alias != NULL ||
	    !is_stray_mx(c, l->seen.rrset))
		return;
	const char *domain = check_show(c, c->s->domain);
	check_saw_lookup(c, l);
	check_report(
		c,
		(struct check_report){
			check_level(c), arena_printf(c->a, "*.%s MX", domain),
			arena_printf(c->a,
				     "a wildcard MX (%s) takes mail for every name below %s, also "
				     "misspelt ones; a new MX of %s does not change that",
				     check_show_rdata(c, l->seen.rrset), domain, domain),
			arena_printf(c->a,
				     "change the wildcard MX *.%s together with the MX, or remove "
				     "it if no name below %s shall get mail",
				     domain, domain) });
}

static void wildcard_shadow(struct checking *c)
{
	report_shadowed(c);
	report_wildcard_mx(c);
}

const struct check wildcard_checks[] = {
	{ .info = { .id = "wildcard-shadow",
		    .what = "a wildcard makes mail records seem to exist",
		    .rfc = "RFC 4592 §2.2",
		    .levels = "wwww",
		    .example = "`*.treyresearch.com` is a CNAME for the web server, so "
			       "autodiscover.treyresearch.com leads there too, and Outlook asks it "
			       "for settings. Enter the real record: it comes before the "
			       "wildcard. A wildcard MX takes mail for every misspelt name." },
	  .run = wildcard_shadow },
	{ .run = NULL },
};
