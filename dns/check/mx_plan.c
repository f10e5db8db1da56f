/*
 * The served MX against the planned one. The plan is what the target's admin centre said; no
 * rule makes a host name here.
 */
#include "dns/check/mx.h"
#include "dns/who.h"
#include "zone/dname.h"

#define MICROSOFT_ZONE "mail.protection.outlook.com."

static bool has_exact(struct mx_list list, const struct mx *mx)
{
	for (size_t i = 0; i < list.n; i++) {
		if (list.at[i].preference == mx->preference &&
		    dname_equal(list.at[i].host, mx->host))
			return true;
	}
	return false;
}

static bool is_microsoft(const char *host)
{
	const struct who *who = who_is(WHO_MAIL, host);
	return who != NULL && str_eq(who->id, "microsoft365");
}

/* A set of which nothing was said yet: with records, and no null MX. */
static struct mx_list judged_set(const struct checking *c, size_t server)
{
	const struct server_view *v = &c->s->servers[server];
	const struct seen *seen = server_seen(v, c->s->domain, RR_MX);
	struct mx_list none = { 0, NULL };
	if (v->state != SERVER_OK || seen == NULL || seen->state != SEEN_DATA)
		return none;
	struct mx_list list = mx_list_of(c, seen->rrset);
	return mx_list_has(list, ".") ? none : list;
}

/* The served host that is Microsoft's while the planned one, Microsoft's too, is not there: then
 * the name was copied from another domain. NULL: none. */
static const char *foreign_key(const struct checking *c, struct mx_list served)
{
	struct mx_list plan = mx_list_of(c, c->in->target_mx);
	bool planned_there = false;
	bool microsoft = false;
	for (size_t i = 0; i < plan.n; i++) {
		microsoft = microsoft || is_microsoft(plan.at[i].host);
		planned_there = planned_there || mx_list_has(served, plan.at[i].host);
	}
	for (size_t i = 0; microsoft && !planned_there && i < served.n; i++) {
		if (is_microsoft(served.at[i].host))
			return served.at[i].host;
	}
	return NULL;
}

/* What a server's set lacks of the plan, in words; NULL: nothing. */
static const char *lacks(struct checking *c, struct mx_list served)
{
	struct mx_list plan = mx_list_of(c, c->in->target_mx);
	for (size_t i = 0; i < plan.n; i++) {
		const struct mx *want = &plan.at[i];
		if (has_exact(served, want))
			continue;
		if (!mx_list_has(served, want->host))
			return arena_printf(c->a, "%s is not in it", check_show(c, want->host));
		return arena_printf(c->a, "%s must have the preference %u",
				    check_show(c, want->host), (unsigned)want->preference);
	}
	return NULL;
}

void mx_not_target(struct checking *c)
{
	const char *what = NULL;
	size_t wrong = 0;
	size_t judged = 0;
	for (size_t i = 0; mx_plan_expects_mail(c) && i < c->s->server_n; i++) {
		struct mx_list served = judged_set(c, i);
		const char *here = served.n > 0 ? lacks(c, served) : NULL;
		judged += served.n > 0;
		if (here == NULL || foreign_key(c, served) != NULL)
			continue;
		what = what != NULL ? what : here;
		wrong++;
	}
	if (wrong == 0)
		return;
	mx_saw_everywhere(c);
	check_report(
		c, (struct check_report){
			   .severity = check_level(c),
			   .subject = check_subject(c, c->s->domain, RR_MX),
			   .message = arena_printf(c->a, "the MX at %s is not the planned one: %s",
						   check_show_share(c, wrong, judged), what),
			   .remedy = mx_plan_text(c) });
}

/* A planned host is served, so that others in the set can be held against it. */
static bool switch_is_visible(const struct checking *c, struct mx_list served)
{
	for (size_t i = 0; i < served.n; i++) {
		if (mx_is_planned_host(c, served.at[i].host))
			return true;
	}
	return false;
}

/* The preference at which the planned hosts are served, the best of them. */
static uint16_t planned_best(const struct checking *c, struct mx_list served)
{
	uint16_t best = UINT16_MAX;
	for (size_t i = 0; i < served.n; i++) {
		if (mx_is_planned_host(c, served.at[i].host) && served.at[i].preference < best)
			best = served.at[i].preference;
	}
	return best;
}

/* One that is as preferred as the planned host is mx_priority_conflict's. Without a planned host
 * in the set nothing was switched yet, which is mx_not_target's. */
void mx_old_remains(struct checking *c)
{
	struct mx_list served = mx_served(c);
	if (!switch_is_visible(c, served))
		return;
	uint16_t best = planned_best(c, served);
	for (size_t i = 0; i < served.n; i++) {
		const struct mx *mx = &served.at[i];
		if (!mx_is_old_host(c, mx->host) || mx->preference == best)
			continue;
		bool preferred = mx->preference < best;
		mx_saw_everywhere(c);
		check_report(c,
			     (struct check_report){
				     .severity = preferred ? check_level(c) : SEVERITY_WARNING,
				     .subject = check_subject(c, c->s->domain, RR_MX),
				     .message = arena_printf(
					     c->a,
					     preferred ? "the old MX host %s is still there and is "
							 "preferred (%u): mail goes on to the old "
							 "system"
						       : "the old MX host %s is still there (%u): "
							 "some mail goes on to the old system",
					     check_show(c, mx->host), (unsigned)mx->preference),
				     .remedy = arena_printf(
					     c->a, "remove the MX record %u %s; leave only: %s",
					     (unsigned)mx->preference, check_show(c, mx->host),
					     check_show_rdata(c, c->in->target_mx)) });
	}
}

/* Neither planned nor a marker nor the old system's, unless that is exactly as preferred. */
void mx_priority_conflict(struct checking *c)
{
	struct mx_list served = mx_served(c);
	if (!switch_is_visible(c, served))
		return;
	uint16_t best = planned_best(c, served);
	for (size_t i = 0; i < served.n; i++) {
		const struct mx *mx = &served.at[i];
		if (mx_is_planned_host(c, mx->host) || mx->preference > best ||
		    str_eq(mx->host, ".") ||
		    (mx_is_old_host(c, mx->host) && mx->preference != best))
			continue;
		mx_saw_everywhere(c);
		check_report(c, (struct check_report){
					.severity = check_level(c),
					.subject = check_subject(c, c->s->domain, RR_MX),
					.message = arena_printf(
						c->a,
						"the MX host %s is %s preferred as the planned one "
						"(%u against %u): mail goes there",
						check_show(c, mx->host),
						mx->preference == best ? "as" : "more",
						(unsigned)mx->preference, (unsigned)best),
					.remedy = arena_printf(
						c->a, "remove the MX record %u %s; leave only: %s",
						(unsigned)mx->preference, check_show(c, mx->host),
						check_show_rdata(c, c->in->target_mx)) });
	}
}

/* Certainly not there: the name itself does not exist. */
void mx_target_unprovisioned(struct checking *c)
{
	struct mx_list plan = mx_list_of(c, c->in->target_mx);
	for (size_t i = 0; i < plan.n; i++) {
		const struct host_view *host = snapshot_host(c->s, plan.at[i].host);
		if (host == NULL || host->state != SEEN_NXDOMAIN)
			continue;
		bool microsoft = is_microsoft(host->name);
		mx_saw_host(c, host);
		check_report(
			c,
			(struct check_report){
				.severity = check_level(c),
				.subject = check_subject(c, c->s->domain, RR_MX),
				.message = arena_printf(
					c->a, "the planned MX host %s does not exist yet%s",
					check_show(c, host->name),
					microsoft ? ": the tenant has not accepted the domain"
						  : ""),
				.remedy = microsoft ? "verify the domain in the Microsoft 365 "
						      "admin centre, add its e-mail service, and "
						      "compare the MX host it shows with the plan"
						    : "have the new provider set the domain up, "
						      "and compare the MX host it shows with the "
						      "plan" });
	}
}

/* Letters and digits of a name's beginning, up to its end: dots and hyphens may be written
 * either way in a key, and a suffix may follow. */
static bool starts_alike(const char *key, const char *domain)
{
	while (*domain != '\0') {
		if (*domain == '.' || *domain == '-')
			domain++;
		else if (*key == '-')
			key++;
		else if (*key++ != *domain++)
			return false;
	}
	return true;
}

static bool has_unusual_key(const struct checking *c, const char *host)
{
	return dname_is_within(host, MICROSOFT_ZONE) && !dname_equal(host, MICROSOFT_ZONE) &&
	       !starts_alike(host, c->s->domain);
}

/* The name is only a hint, for the admin centre may show another: worth a look, no more. */
static void report_unusual_key(struct checking *c, struct mx_list list, const char *which)
{
	for (size_t i = 0; i < list.n; i++) {
		if (!has_unusual_key(c, list.at[i].host))
			continue;
		check_report(c, (struct check_report){
					.severity = SEVERITY_INFO,
					.subject = check_subject(c, c->s->domain, RR_MX),
					.message = arena_printf(
						c->a,
						"%s MX host %s is not named after %s, as "
						"Microsoft's mostly are",
						which, check_show(c, list.at[i].host),
						check_show(c, c->s->domain)),
					.remedy = "compare it with the MX host that the Microsoft "
						  "365 admin centre shows for this domain; what it "
						  "shows is right" });
	}
}

void mx_tenant_key(struct checking *c)
{
	struct mx_list served = mx_served(c);
	const char *foreign = foreign_key(c, served);
	if (c->in->target_mx == NULL) {
		report_unusual_key(c, served, "the");
	} else if (c->in->phase != PHASE_POST) {
		report_unusual_key(c, mx_list_of(c, c->in->target_mx), "the planned");
	} else if (foreign != NULL) {
		mx_saw_everywhere(c);
		check_report(c,
			     (struct check_report){
				     .severity = check_level(c),
				     .subject = check_subject(c, c->s->domain, RR_MX),
				     .message = arena_printf(
					     c->a,
					     "the MX host %s is Microsoft's but not this domain's: "
					     "it refuses the mail or gives it to another tenant",
					     check_show(c, foreign)),
				     .remedy = mx_plan_text(c) });
	}
}

/* The set that any name below the domain gets that has none; NULL: no wildcard. */
static const struct rrset *wildcard_mx(struct checking *c)
{
	const char *probe = c->s->random_label != NULL ? check_below(c, c->s->random_label) : NULL;
	const struct seen *seen = probe != NULL ? snapshot_lookup(c->s, probe, RR_MX) : NULL;
	return seen != NULL && seen->state == SEEN_DATA ? seen->rrset : NULL;
}

static const char *old_host_in(const struct checking *c, const struct rrset *set)
{
	struct mx_list list = mx_list_of(c, set);
	for (size_t i = 0; i < list.n; i++) {
		if (mx_is_old_host(c, list.at[i].host))
			return list.at[i].host;
	}
	return NULL;
}

/* Same records, whatever the owner. */
static bool same_records(const struct rrset *a, const struct rrset *b)
{
	bool same = a != NULL && b != NULL && a->n == b->n;
	for (size_t i = 0; same && i < a->n; i++)
		same = str_eq(a->rdata[i], b->rdata[i]);
	return same;
}

static void report_subdomain(struct checking *c, const struct lookup *l, const char *name)
{
	const char *old = old_host_in(c, l->seen.rrset);
	check_saw_lookup(c, l);
	check_report(
		c, (struct check_report){
			   .severity = check_level(c),
			   .subject = arena_printf(c->a, "%s MX", name),
			   .message = arena_printf(
				   c->a,
				   "mail for %s goes to the old system (%s), and does so after the "
				   "switch as well",
				   name, check_show(c, old)),
			   .remedy = arena_printf(c->a,
						  "change the MX of %s too, or remove it if nobody "
						  "gets mail there",
						  name) });
}

/* A wildcard answers for every name that is asked for: it is said once. */
void mx_subdomain_old(struct checking *c)
{
	const struct rrset *wildcard = wildcard_mx(c);
	for (size_t i = 0; i < c->s->lookup_n; i++) {
		const struct lookup *l = &c->s->lookups[i];
		const char *name = l->seen.question.name;
		bool below = dname_is_within(name, c->s->domain) &&
			     !dname_equal(name, c->s->domain);
		if (l->seen.question.type != RR_MX || l->seen.state != SEEN_DATA || !below ||
		    old_host_in(c, l->seen.rrset) == NULL)
			continue;
		if (l->seen.rrset == wildcard)
			report_subdomain(c, l,
					 arena_printf(c->a, "*.%s", check_show(c, c->s->domain)));
		else if (!same_records(l->seen.rrset, wildcard))
			report_subdomain(c, l, check_show(c, name));
	}
}
