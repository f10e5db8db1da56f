/*
 * Where does mail go now, and can it get there?
 */
#include "dns/check/rows.h"
#include "zone/dname.h"

/* The domain's MX answer of the first server that can be read; NULL when none can. */
static const struct seen *mx_seen(const struct checking *c)
{
	return check_first_readable(c, c->s->domain, RR_MX);
}

/* Every server's answer, also those that agree: who lacks the record shows by comparison. */
static void saw_mx_everywhere(struct checking *c)
{
	for (size_t i = 0; i < c->s->server_n; i++) {
		const struct seen *seen = server_seen(&c->s->servers[i], c->s->domain, RR_MX);
		if (seen != NULL)
			check_saw_seen(c, &c->s->servers[i], seen);
	}
}

/* Some server has an MX set. */
static bool mx_anywhere(const struct checking *c)
{
	return snapshot_rrset(c->s, c->s->domain, RR_MX, NULL, NULL);
}

/* RFC 7505 §3: one record, its host the root; the preference is not looked at. */
static bool is_null_mx(const struct checking *c, const struct rrset *mx)
{
	struct mx only;
	return mx->n == 1 && mx_parse(c->a, mx->rdata[0], &only) && str_eq(only.host, ".");
}

/* A plan may also move a domain that takes none. */
static bool plan_expects_mail(const struct checking *c)
{
	return c->in->target_mx != NULL && !is_null_mx(c, c->in->target_mx);
}

/* The very records where they are known: they can be copied from the report. */
static const char *plan_text(struct checking *c)
{
	if (c->in->target_mx == NULL)
		return "add the MX records of the mail provider";
	return arena_printf(c->a, "publish the planned MX: %s",
			    check_show_rdata(c, c->in->target_mx));
}

/* Not a blocker before the switch: the domain may get its first mail by this move. */
static void mx_missing(struct checking *c)
{
	if (mx_seen(c) == NULL || mx_anywhere(c))
		return;
	bool too_late = c->in->phase == PHASE_POST && plan_expects_mail(c);
	saw_mx_everywhere(c);
	check_report(
		c,
		(struct check_report){
			too_late ? SEVERITY_BLOCKER : SEVERITY_WARNING,
			check_subject(c, c->s->domain, RR_MX),
			arena_printf(
				c->a,
				"%s has no MX record: senders try its own address, if it has one",
				check_show(c, c->s->domain)),
			plan_text(c) });
}

/* Served now; whether it may be so depends on the plan. */
static void mx_null(struct checking *c)
{
	const struct seen *seen = mx_seen(c);
	if (seen == NULL || seen->state != SEEN_DATA || !is_null_mx(c, seen->rrset))
		return;
	bool too_late = c->in->phase == PHASE_POST && plan_expects_mail(c);
	saw_mx_everywhere(c);
	check_report(c, (struct check_report){
				too_late ? SEVERITY_BLOCKER : SEVERITY_INFO,
				check_subject(c, c->s->domain, RR_MX),
				arena_printf(c->a, "%s says with a null MX that it takes no mail",
					     check_show(c, c->s->domain)),
				c->in->target_mx != NULL
					? plan_text(c)
					: "nothing to do, unless the domain shall get mail" });
}

/* Calls fn for each host of the published MX sets of all servers, each once. */
static void each_mx_host(struct checking *c,
			 void (*fn)(struct checking *, const struct host_view *))
{
	for (size_t h = 0; h < c->s->host_n; h++) {
		bool used = false;
		for (size_t i = 0; i < c->s->server_n; i++) {
			const struct seen *seen = server_seen(&c->s->servers[i], c->s->domain,
							      RR_MX);
			for (size_t k = 0;
			     seen != NULL && seen->rrset != NULL && k < seen->rrset->n; k++) {
				struct mx mx;
				used = used || (mx_parse(c->a, seen->rrset->rdata[k], &mx) &&
						dname_equal(mx.host, c->s->hosts[h].name));
			}
		}
		if (used)
			fn(c, &c->s->hosts[h]);
	}
}

/* RFC 2181 §10.3. Most senders cope, so it is a warning. */
static void report_alias(struct checking *c, const struct host_view *host)
{
	if (host->alias == NULL)
		return;
	check_report(
		c,
		(struct check_report){
			SEVERITY_WARNING, check_subject(c, c->s->domain, RR_MX),
			arena_printf(c->a,
				     "MX host %s is an alias of %s; an MX must name a host itself",
				     check_show(c, host->name), check_show(c, host->alias)),
			arena_printf(c->a, "change the MX record to %s",
				     check_show(c, host->alias)) });
}

/* Present hosts only: the plan's own are the provider's to know. */
static void mx_target_cname(struct checking *c)
{
	each_mx_host(c, report_alias);
}

/* The states that certainly have no address; the rest is "could not be found out". */
static const char *why_no_address(const struct host_view *host)
{
	switch (host->state) {
	case SEEN_NXDOMAIN: return "the name does not exist";
	case SEEN_NODATA: return "the name has neither A nor AAAA record";
	default: return "its name servers give no usable answer";
	}
}

/* How many of a set's hosts were looked up, and how many of them surely have no address. */
struct tally {
	size_t known, dead;
};

/* "." is a null MX and no host. */
static struct tally tally_hosts(struct checking *c, const struct rrset *mx)
{
	struct tally t = { 0, 0 };
	for (size_t i = 0; i < mx->n; i++) {
		struct mx one;
		if (!mx_parse(c->a, mx->rdata[i], &one) || str_eq(one.host, "."))
			continue;
		const struct host_view *host = snapshot_host(c->s, one.host);
		t.known += host != NULL;
		t.dead += host != NULL &&
			  (host->state == SEEN_NXDOMAIN || host->state == SEEN_NODATA);
	}
	return t;
}

/* A blocker only when every host is dead: with one alive, mail still gets through. */
static void report_unresolvable(struct checking *c, const struct rrset *mx, const char *which,
				enum severity worst)
{
	struct tally t = tally_hosts(c, mx);
	/* A host that was not looked up may be alive. */
	bool all = t.known == mx->n && t.dead == t.known;
	for (size_t i = 0; i < mx->n; i++) {
		struct mx one;
		const struct host_view *host = mx_parse(c->a, mx->rdata[i], &one)
						       ? snapshot_host(c->s, one.host)
						       : NULL;
		if (host == NULL || host->state == SEEN_DATA)
			continue;
		check_report(
			c,
			(struct check_report){
				all ? worst : SEVERITY_WARNING,
				check_subject(c, c->s->domain, RR_MX),
				arena_printf(c->a,
					     "%s MX host %s has no address that could be found: %s",
					     which, check_show(c, host->name),
					     why_no_address(host)),
				arena_printf(
					c->a,
					"correct the spelling of the MX host, or have %s created",
					check_show(c, host->name)) });
	}
}

/* Served and planned set, each host of both once they differ. */
static void mx_target_unresolvable(struct checking *c)
{
	const struct seen *seen = mx_seen(c);
	const struct rrset *served = seen != NULL ? seen->rrset : NULL;
	if (served != NULL)
		report_unresolvable(c, served, "the", SEVERITY_BLOCKER);
	/* Before anything is staged the new host may not exist yet. */
	enum severity planned = c->in->phase == PHASE_AUDIT ? SEVERITY_WARNING : SEVERITY_BLOCKER;
	if (c->in->target_mx != NULL && !rrset_equal(c->in->target_mx, served))
		report_unresolvable(c, c->in->target_mx, "the planned", planned);
}

/* Before the switch a long TTL is what the plan is for; at the switch it is fatal; after
 * it, it is nobody's business. */
static void mx_ttl_high(struct checking *c)
{
	static const enum severity severities[] = { [PHASE_AUDIT] = SEVERITY_INFO,
						    [PHASE_VERIFY] = SEVERITY_WARNING,
						    [PHASE_READY] = SEVERITY_BLOCKER };
	uint32_t ttl = 0;
	char wait[TIME_TEXT_MAX];
	if (c->in->phase == PHASE_POST || c->in->max_mx_ttl == 0 ||
	    !snapshot_rrset(c->s, c->s->domain, RR_MX, NULL, &ttl) || ttl <= c->in->max_mx_ttl)
		return;
	saw_mx_everywhere(c);
	check_report(
		c,
		(struct check_report){
			severities[c->in->phase], check_subject(c, c->s->domain, RR_MX),
			arena_printf(
				c->a,
				"the MX record's TTL is %u s: after a change, caches send mail to "
				"the old server for up to %s",
				(unsigned)ttl, duration_format((int64_t)ttl * 1000, wait)),
			arena_printf(c->a,
				     "lower the TTL of every MX record to %u s or less and wait %s "
				     "(the old TTL) before the switch",
				     (unsigned)c->in->max_mx_ttl, wait) });
}

const struct check mx_checks[] = {
	{ .info = { .id = "mx-missing",
		    .what = "the domain has no MX record",
		    .rfc = "RFC 5321 §5.1" },
	  .run = mx_missing },
	{ .info = { .id = "mx-null",
		    .what = "the domain says that it takes no mail",
		    .rfc = "RFC 7505" },
	  .run = mx_null },
	{ .info = { .id = "mx-target-cname",
		    .what = "an MX host is an alias",
		    .rfc = "RFC 2181 §10.3, RFC 5321 §5.1" },
	  .run = mx_target_cname },
	{ .info = { .id = "mx-target-unresolvable",
		    .what = "an MX host has no address",
		    .rfc = "RFC 5321 §5.1" },
	  .run = mx_target_unresolvable },
	{ .info = { .id = "mx-ttl-high",
		    .what = "the MX TTL is above the limit",
		    .rfc = "RFC 1035 §3.2.1" },
	  .run = mx_ttl_high },
	{ .run = NULL },
};
