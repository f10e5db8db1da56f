/*
 * The selectors of the new provider, and those of the old one while its mail is in flight.
 *
 * What is planned comes from the plan alone: target names are the provider's to give, and no
 * rule derives them.
 */
#include "dns/check/dkim.h"

#include "dns/check/txt.h"
#include "dns/dkim_key.h"
#include "zone/dname.h"

enum standing { UNKNOWN, PUBLISHED, OTHER, ABSENT };

/* What the zone has of one planned record. */
static enum standing standing_of(const struct checking *c, const struct rrset *planned)
{
	const struct seen *seen = check_first_readable(c, planned->name, planned->type);
	if (seen == NULL)
		seen = snapshot_lookup(c->s, planned->name, planned->type);
	if (!check_is_readable(seen))
		return UNKNOWN;
	if (seen->state != SEEN_DATA)
		return ABSENT;
	/* A planned key that is there by an alias is the other side's key, not the planned one. */
	return rrset_equal(planned, seen->rrset) ? PUBLISHED : OTHER;
}

bool dkim_target_is_missing(const struct checking *c)
{
	for (size_t i = 0; i < c->in->target_dkim_n; i++) {
		if (standing_of(c, c->in->target_dkim[i]) != ABSENT)
			return false;
	}
	return true;
}

/* Keys are long: aliases are told whole, keys by their kind. */
static const char *show_planned(struct checking *c, const struct rrset *planned)
{
	if (planned->type != RR_CNAME)
		return arena_printf(c->a, "%s (TXT)", check_show(c, planned->name));
	return arena_printf(c->a, "%s (CNAME %s)", check_show(c, planned->name),
			    check_show(c, planned->rdata[0]));
}

static bool is_provider(const struct checking *c, const char *id)
{
	return c->in->target_provider != NULL && str_eq(c->in->target_provider, id);
}

/* Nothing is wrong, but the plan has a gap that only a person can fill. */
static void tell_where_to_find(struct checking *c)
{
	if (!is_provider(c, "microsoft365") || c->in->phase == PHASE_POST)
		return;
	const char *shown = check_show(c, c->s->domain);
	check_report(
		c,
		(struct check_report){
			SEVERITY_INFO, arena_printf(c->a, "selector1._domainkey.%s CNAME", shown),
			arena_printf(c->a,
				     "the plan names no DKIM selectors, so Microsoft 365 will not "
				     "sign mail as %s",
				     shown),
			"take the targets of selector1 and selector2 from the admin centre "
			"(Defender "
			"portal, Email authentication settings, DKIM) and put them into the plan; "
			"they cannot be worked out from the domain's name" });
}

/* Another key stands at the selector, and the plan takes it away together with the MX: until then
 * the old provider signs with it. */
static bool waits_for_switch(const struct checking *c, const char *name)
{
	for (size_t i = 0; c->in->phase != PHASE_POST && i < c->in->change_n; i++) {
		const struct rrset *before = c->in->changes[i].before;
		if (before != NULL && dname_equal(before->name, name))
			return true;
	}
	return false;
}

/* "the new provider's DKIM record is", "1 of the new provider's 2 DKIM records is" */
static const char *share_of_planned(struct checking *c, size_t missing, size_t n)
{
	if (n == 1)
		return "the new provider's DKIM record is";
	return arena_printf(c->a, "%zu of the new provider's %zu DKIM records %s", missing, n,
			    missing == 1 ? "is" : "are");
}

static void dkim_target_missing(struct checking *c)
{
	const size_t n = c->in->target_dkim_n;
	const char **list = ARENA_ARRAY(c->a, n, const char *);
	const struct rrset *first = NULL;
	size_t missing = 0;
	if (n == 0)
		tell_where_to_find(c);
	for (size_t i = 0; i < n; i++) {
		const struct rrset *planned = c->in->target_dkim[i];
		enum standing standing = standing_of(c, planned);
		if ((standing != ABSENT && standing != OTHER) || waits_for_switch(c, planned->name))
			continue;
		first = first != NULL ? first : planned;
		list[missing++] = show_planned(c, planned);
		txt_saw_everywhere(c, planned->name, planned->type);
	}
	if (missing == 0)
		return;
	const char *names = check_show_list(c, missing, list);
	check_report(c, (struct check_report){
				check_level(c), check_subject(c, first->name, first->type),
				arena_printf(c->a,
					     "%s not published as planned: %s; its mail would go "
					     "unsigned",
					     share_of_planned(c, missing, n), names),
				arena_printf(c->a, "publish in the zone of %s: %s",
					     check_show(c, c->s->zone), names) });
}

/* Calls fn with the lookup of each selector's key: planned ones, then the source's; each once. */
typedef void selector_fn(struct checking *c, const struct lookup *l, bool source);

static const char *source_name(struct checking *c, size_t i)
{
	return check_below(c, arena_printf(c->a, "%s._domainkey", c->in->source_dkim_selectors[i]));
}

static bool is_planned(const struct checking *c, const char *name)
{
	for (size_t i = 0; i < c->in->target_dkim_n; i++) {
		if (dname_equal(c->in->target_dkim[i]->name, name))
			return true;
	}
	return false;
}

static void each_selector(struct checking *c, selector_fn *fn)
{
	for (size_t i = 0; i < c->in->target_dkim_n; i++) {
		const struct lookup *l = check_lookup(c, c->in->target_dkim[i]->name, RR_TXT);
		if (l != NULL)
			fn(c, l, false);
	}
	for (size_t i = 0;
	     c->in->source_dkim_selectors != NULL && c->in->source_dkim_selectors[i] != NULL; i++) {
		const char *name = source_name(c, i);
		const struct lookup *l = name != NULL ? check_lookup(c, name, RR_TXT) : NULL;
		if (l != NULL && !is_planned(c, name))
			fn(c, l, true);
	}
}

static bool is_gone(const struct seen *seen)
{
	return seen->state == SEEN_NXDOMAIN || seen->state == SEEN_NODATA;
}

static void judge_alias(struct checking *c, const struct lookup *l, bool source)
{
	if (l->seen.alias == NULL || !is_gone(&l->seen))
		return;
	const char *name = check_show(c, l->seen.question.name);
	const char *to = check_show(c, l->seen.alias);
	check_saw_lookup(c, l);
	check_report(c, (struct check_report){
				check_level(c), check_subject(c, l->seen.question.name, RR_CNAME),
				arena_printf(c->a,
					     "the DKIM selector %s is an alias of %s, and there is "
					     "no key: mail signed with it fails",
					     name, to),
				source ? arena_printf(c->a,
						      "ask the old provider for the key at %s, or "
						      "delete the record when nothing is signed "
						      "with it",
						      to)
				       : arena_printf(c->a,
						      "compare the target with what the new "
						      "provider's panel shows, letter by letter; "
						      "if it is the same, turn DKIM on there so "
						      "that %s gets its key",
						      to) });
}

static void dkim_cname_broken(struct checking *c)
{
	each_selector(c, judge_alias);
}

enum { DAYS_KEPT = 7 };
static const int64_t day_ms = INT64_C(86400000);

/* Bounces, retries and slow verification: a queue lives for five days (RFC 5321 §4.5.4.1). */
static bool is_in_flight(const struct checking *c)
{
	const struct history *h = &c->in->history;
	int64_t last = h->mx_changed_ms + (int64_t)h->mx_ttl_at_change * 1000;
	return h->mx_changed_ms == 0 || c->in->now_ms < last + DAYS_KEPT * day_ms;
}

static void judge_old(struct checking *c, const struct lookup *l, bool source)
{
	if (!source || l->seen.alias != NULL || !is_gone(&l->seen))
		return;
	const char *name = check_show(c, l->seen.question.name);
	check_saw_lookup(c, l);
	check_report(
		c,
		(struct check_report){
			check_level(c), check_subject(c, l->seen.question.name, RR_TXT),
			arena_printf(c->a,
				     "the old provider's DKIM selector %s is gone, though mail "
				     "signed with it may still be on its way",
				     name),
			arena_printf(c->a,
				     "publish %s again as the old provider gives it, and keep it "
				     "for %d days after its last mail",
				     name, DAYS_KEPT) });
}

static void dkim_old_removed_early(struct checking *c)
{
	if (is_in_flight(c))
		each_selector(c, judge_old);
}

/* What is wrong with a key; NULL: nothing. */
static const char *key_wrong(struct checking *c, struct slice text)
{
	struct dkim_key key;
	dkim_key_parse(text, &key);
	if (key.state == DKIM_REVOKED)
		return "its p= is empty, which means that it was revoked";
	if (key.state == DKIM_BROKEN)
		return key.why;
	if (key.type == DKIM_RSA && key.bits < DKIM_BITS_LEAST)
		return arena_printf(c->a, "it has %u bits, and receivers ignore keys under 1024",
				    key.bits);
	return NULL;
}

/* One good record is enough: what several mean is left open by RFC 6376 §3.6.2.2. */
static void judge_key(struct checking *c, const struct lookup *l, bool source)
{
	const struct rrset *txt = l->seen.state == SEEN_DATA ? l->seen.rrset : NULL;
	const char *why = NULL;
	for (size_t i = 0; txt != NULL && i < txt->n; i++) {
		why = key_wrong(c, txt_join(c->a, txt->rdata[i]));
		if (why == NULL)
			return;
	}
	if (why == NULL)
		return;
	const char *name = check_show(c, l->seen.question.name);
	check_saw_lookup(c, l);
	check_report(c,
		     (struct check_report){
			     check_level(c), check_subject(c, l->seen.question.name, RR_TXT),
			     arena_printf(c->a,
					  "the DKIM key at %s cannot be used: %s; mail signed "
					  "with it fails",
					  name, why),
			     arena_printf(c->a,
					  "copy the key of %s anew from the %s provider's panel, "
					  "as one record; RSA with 2048 bits",
					  name, source ? "old" : "new") });
}

static void dkim_key_invalid(struct checking *c)
{
	each_selector(c, judge_key);
}

const struct check dkim_checks[] = {
	{ .info = { .id = "dkim-target-missing",
		    .what = "the new provider's DKIM selectors are not published",
		    .rfc = "RFC 6376 §3.6.2",
		    .levels = "iiww",
		    .varies = "info for microsoft365 when the plan names no selectors",
		    .example =
			    "The plan has selector1 and selector2 as aliases, and the zone has "
			    "neither. Mail from the new provider would be unsigned. Publish both "
			    "before the switch, with the targets that the provider shows." },
	  .run = dkim_target_missing },
	{ .info = { .id = "dkim-cname-broken",
		    .what = "a DKIM selector is an alias that leads to no key",
		    .rfc = "RFC 6376 §3.6.2",
		    .levels = "wwww",
		    .example = "selector1._domainkey.x.net is an alias of a name that does not "
			       "exist: a typing mistake, or signing was never turned on at the "
			       "provider. Compare the target letter by letter." },
	  .run = dkim_cname_broken },
	{ .info = { .id = "dkim-old-removed-early",
		    .what = "the old provider's selectors are gone while its mail is in flight",
		    .rfc = "RFC 6376 §6.1.2",
		    .levels = "wwww",
		    .example = "The old records were tidied away on the day of the switch. Mail "
			       "that the old system sent just before cannot be verified any more. "
			       "Keep its selectors for seven days after its last mail." },
	  .run = dkim_old_removed_early },
	{ .info = { .id = "dkim-key-invalid",
		    .what = "a DKIM key is empty, damaged or too short",
		    .rfc = "RFC 6376 §3.6.1, RFC 8301 §3.2, RFC 8463",
		    .levels = "wwww",
		    .example = "A panel cut the key at 255 characters, so that p= is no key any "
			       "more. Or it has 512 bits, which receivers ignore. Copy it anew." },
	  .run = dkim_key_invalid },
	{ .run = NULL },
};
