/*
 * Is the zone still the one that the plan was made for?
 */
#include "dns/check/mx.h"
#include "dns/who.h"
#include "zone/dname.h"

/* As it should be: absent when n is 0; else the same data and TTL. Within the policy's limit
 * the MX may have another TTL: a panel offers only a few values. */
static bool is_as_planned(const struct checking *c, const struct rrset *want,
			  const struct seen *seen)
{
	if (want->n == 0) /* where an alias leads is another name's record */
		return seen->state != SEEN_DATA || !dname_equal(seen->rrset->name, want->name);
	if (!rrset_equal(seen->rrset, want))
		return false;
	uint32_t limit = c->in->max_mx_ttl;
	bool both_low = want->ttl <= limit && seen->rrset->ttl <= limit;
	return seen->rrset->ttl == want->ttl || (want->type == RR_MX && both_low);
}

/* A secondary that has an older serial lags; that is not somebody's edit (RFC 1982). */
static bool lags(const struct checking *c, const struct server_view *v)
{
	for (size_t i = 0; i < c->s->server_n; i++) {
		const struct server_view *other = &c->s->servers[i];
		bool newer = other->has_soa && v->has_soa &&
			     (int32_t)(other->soa.serial - v->soa.serial) > 0;
		if (other->state == SERVER_OK && newer)
			return true;
	}
	return false;
}

/* A server that readably serves something else than planned; NULL when none. */
static const struct seen *drifted(const struct checking *c, const struct rrset *want)
{
	for (size_t i = 0; i < c->s->server_n; i++) {
		const struct server_view *v = &c->s->servers[i];
		const struct seen *seen = server_seen(v, want->name, want->type);
		if (v->state == SERVER_OK && !lags(c, v) && check_is_readable(seen) &&
		    !is_as_planned(c, want, seen))
			return seen;
	}
	return NULL;
}

/* An empty set is the plan's way to say "there shall be none". */
static const char *show_planned(struct checking *c, const struct rrset *want)
{
	return want->n == 0 ? "absent"
			    : arena_printf(c->a, "%s (TTL %u)", check_show_rdata(c, want),
					   (unsigned)want->ttl);
}

/* A warning, not a blocker: before-images are read again right before each write. */
static void plan_drift(struct checking *c)
{
	if (c->in->planned == NULL)
		return;
	for (size_t k = 0; c->in->planned[k] != NULL; k++) {
		const struct rrset *want = c->in->planned[k];
		const struct seen *seen = drifted(c, want);
		if (seen == NULL)
			continue;
		for (size_t i = 0; i < c->s->server_n; i++) {
			const struct seen *at = server_seen(&c->s->servers[i], want->name,
							    want->type);
			if (check_is_readable(at))
				check_saw_seen(c, &c->s->servers[i], at);
		}
		check_report(
			c, (struct check_report){
				   .severity = check_level(c),
				   .subject = check_subject(c, want->name, want->type),
				   .message = arena_printf(
					   c->a,
					   "somebody changed the zone since the plan was made: %s "
					   "should be %s",
					   check_subject(c, want->name, want->type),
					   show_planned(c, want)),
				   .remedy = "find out who changed it and why, then make the plan "
					     "again (cutover plan)" });
	}
}

/* "v=spf1", "v=DMARC1": what a machine-read TXT begins with; empty for tokens and other texts. */
static struct slice version_of(struct slice text)
{
	size_t n = 0;
	while (n < text.len && text.ptr[n] != ' ' && text.ptr[n] != ';')
		n++;
	return slice_starts_nocase(text, SLICE_LIT("v=")) ? (struct slice){ text.ptr, n }
							  : (struct slice){ text.ptr, 0 };
}

/* A new text of the same kind stands in for it: an SPF record is changed, not deleted. */
static bool is_rewritten(const struct checking *c, const char *rdata, const struct rrset *after)
{
	struct slice version = version_of(txt_join(c->a, rdata));
	for (size_t i = 0; version.len > 0 && after != NULL && i < after->n; i++) {
		if (slice_eq_nocase(version_of(txt_join(c->a, after->rdata[i])), version))
			return true;
	}
	return false;
}

/* A CNAME that the plan wants at the name tolerates nothing beside it (RFC 1034 §3.6.2). */
static bool gives_way_to_alias(const struct checking *c, const struct rrset *before)
{
	for (size_t i = 0; i < c->in->change_n; i++) {
		const struct rrset *after = c->in->changes[i].after;
		if (after != NULL && after->type == RR_CNAME && before->type != RR_CNAME &&
		    dname_equal(after->name, before->name))
			return true;
	}
	return false;
}

/* The one record of its name is changed (an alias), or the MX of the old system goes: that is what
 * the plan is for. Without a list of old hosts every MX is the old system's. */
static bool is_meant_to_go(const struct checking *c, const struct check_change *ch,
			   const char *rdata)
{
	struct mx mx;
	if (gives_way_to_alias(c, ch->before))
		return true;
	switch (ch->before->type) {
	case RR_CNAME: return ch->after != NULL;
	case RR_TXT: return is_rewritten(c, rdata, ch->after);
	case RR_MX:
		return ch->after != NULL &&
		       (c->in->source_mx == NULL || c->in->source_mx[0] == NULL ||
			!mx_parse(c->a, rdata, &mx) || str_eq(mx.host, ".") ||
			who_is_verification_mx(mx.host) || mx_is_planned_host(c, mx.host) ||
			mx_is_named_host(c, mx.host));
	default: return false;
	}
}

static void report_delete(struct checking *c, const struct rrset *before, const char *rdata)
{
	const struct seen *seen = check_first_readable(c, before->name, before->type);
	for (size_t i = 0; seen != NULL && i < c->s->server_n; i++) {
		const struct seen *at = server_seen(&c->s->servers[i], before->name, before->type);
		if (check_is_readable(at))
			check_saw_seen(c, &c->s->servers[i], at);
	}
	check_report(
		c,
		(struct check_report){
			.severity = check_level(c),
			.subject = check_subject(c, before->name, before->type),
			.message = arena_printf(
				c->a,
				"the plan would delete %s at %s, of which it does not know what it "
				"is for",
				rdata, check_show(c, before->name)),
			.remedy = "if it may go, name it in the project file (an MX host in "
				  "source.mx) or remove it by hand; else make the plan again so "
				  "that it stays" });
}

/* Records of one name and type are one RRset: writing it without one of them deletes that. */
static void unknown_record_delete(struct checking *c)
{
	for (size_t i = 0; i < c->in->change_n; i++) {
		const struct check_change *ch = &c->in->changes[i];
		for (size_t k = 0; !ch->by_hand && ch->before != NULL && k < ch->before->n; k++) {
			const char *rdata = ch->before->rdata[k];
			if (!rrset_has(ch->after, rdata) && !is_meant_to_go(c, ch, rdata))
				report_delete(c, ch->before, rdata);
		}
	}
}

const struct check plan_checks[] = {
	{ .info = { .id = "plan-drift",
		    .what = "the zone changed since the plan was made",
		    .rfc = "-",
		    .levels = "www-",
		    .example = "Somebody added an MX in the panel after the plan was made. Nothing "
			       "is overwritten: look at the change, then plan again." },
	  .run = plan_drift },
	{ .info = { .id = "unknown-record-delete",
		    .what = "the plan would delete a record that it does not know",
		    .rfc = "RFC 2181 §5",
		    .levels = "bbb-",
		    .example = "The MX set has \"20 backup.example.org\", which is neither the "
			       "old system's nor planned. Perhaps it is a filter or a fax "
			       "gateway: find out before it goes." },
	  .run = unknown_record_delete },
	{ .run = NULL },
};
