/*
 * The hosts that MX records name, and their addresses.
 */
#include "dns/check/address.h"
#include "dns/check/mx.h"
#include "dns/who.h"
#include "zone/dname.h"

void mx_saw_host(struct checking *c, const struct host_view *host)
{
	*vec_push(c->a, &c->saw) = (struct evidence){
		.server = "the walk from the root",
		.address = "",
		.at_ms = c->s->ended_ms,
		.saw = arena_printf(c->a, "%s: %s", check_show(c, host->name),
				    host->n > 0 ? check_show_list(c, host->n, host->addresses)
						: seen_state_name(host->state)),
	};
}

/* Where mail goes now and shall go: served and planned, each host once. */
static struct mx_list all_hosts(const struct checking *c)
{
	struct mx_list served = mx_served(c);
	struct mx_list plan = mx_list_of(c, c->in->target_mx);
	VEC(struct mx) all = { 0 };
	for (size_t i = 0; i < served.n + plan.n; i++) {
		const struct mx *mx = i < served.n ? &served.at[i] : &plan.at[i - served.n];
		if (!str_eq(mx->host, ".") &&
		    !mx_list_has((struct mx_list){ all.n, all.at }, mx->host))
			*vec_push(c->a, &all) = *mx;
	}
	return (struct mx_list){ all.n, all.at };
}

/* RFC 2181 §10.3. Most senders cope, so it is a warning. Served hosts only: the plan's own are
 * the provider's to know. */
void mx_target_cname(struct checking *c)
{
	struct mx_list served = mx_served(c);
	for (size_t i = 0; i < c->s->host_n; i++) {
		const struct host_view *host = &c->s->hosts[i];
		if (host->alias == NULL || !mx_list_has(served, host->name))
			continue;
		mx_saw_host(c, host);
		check_report(c,
			     (struct check_report){
				     .severity = check_level(c),
				     .subject = check_subject(c, c->s->domain, RR_MX),
				     .message = arena_printf(
					     c->a,
					     "MX host %s is an alias of %s; an MX must name a "
					     "host itself",
					     check_show(c, host->name), check_show(c, host->alias)),
				     .remedy = arena_printf(c->a, "change the MX record to %s",
							    check_show(c, host->alias)) });
	}
}

/* A name that is an address, or became one when a panel put the zone behind it. */
static bool is_literal(const struct checking *c, const char *host)
{
	size_t len = slice_str(host).len;
	size_t tail = slice_str(c->s->zone).len;
	if (address_is_literal(host))
		return true;
	if (c->s->zone == NULL || len <= tail || !dname_is_within(host, c->s->zone))
		return false;
	return address_is_literal(arena_slice(c->a, (struct slice){ host, len - tail }));
}

/* The states that certainly have no address; the rest is "could not be found out". */
static const char *why_no_address(const struct checking *c, const struct host_view *host)
{
	switch (host->state) {
	case SEEN_NXDOMAIN: return "the name does not exist";
	case SEEN_NODATA: return "the name has neither A nor AAAA record";
	default:
		if (c->s->too_much)
			return "its name servers sent too much to be read";
		return c->s->out_of_time ? "that could not be told in time"
					 : "its name servers give no usable answer";
	}
}

/* Surely without an address, as opposed to one that could not be asked for. */
static bool is_dead(const struct host_view *host)
{
	return host != NULL && (host->state == SEEN_NXDOMAIN || host->state == SEEN_NODATA);
}

/* What has a check of its own: null MX, addresses as names, planned hosts that do not exist
 * yet. */
static bool is_said_elsewhere(const struct checking *c, const char *host)
{
	const struct host_view *view = snapshot_host(c->s, host);
	return str_eq(host, ".") || is_literal(c, host) ||
	       (view != NULL && view->state == SEEN_NXDOMAIN && mx_is_planned_host(c, host));
}

/* Every host is dead; one that was not looked up may be alive. */
static bool all_dead(const struct checking *c, struct mx_list list)
{
	for (size_t i = 0; i < list.n; i++) {
		if (!is_dead(snapshot_host(c->s, list.at[i].host)))
			return false;
	}
	return true;
}

/* `which` begins the sentence: "the", "the planned". */
static void report_unresolvable(struct checking *c, struct mx_list list, const char *which,
				enum severity worst)
{
	bool all = all_dead(c, list);
	for (size_t i = 0; i < list.n; i++) {
		const struct host_view *host = snapshot_host(c->s, list.at[i].host);
		if (host == NULL || host->state == SEEN_DATA ||
		    is_said_elsewhere(c, list.at[i].host) ||
		    who_is_verification_mx(list.at[i].host))
			continue;
		mx_saw_host(c, host);
		check_report(
			c,
			(struct check_report){
				.severity = all ? worst : SEVERITY_WARNING,
				.subject = check_subject(c, c->s->domain, RR_MX),
				.message = arena_printf(
					c->a,
					"%s MX host %s has no address that could be found: %s",
					which, check_show(c, host->name), why_no_address(c, host)),
				.remedy = is_dead(host)
						  ? arena_printf(c->a,
								 "correct the spelling of the MX "
								 "host, or have %s created",
								 check_show(c, host->name))
						  : arena_printf(
							    c->a,
							    "run the audit again; if it stays "
							    "so, ask whoever serves the zone of "
							    "%s",
							    check_show(c, host->name)) });
	}
}

/* Left behind for years and harmless; other tools call it a dead MX. */
static void report_markers(struct checking *c, struct mx_list served)
{
	for (size_t i = 0; served.n > 1 && i < served.n; i++) {
		if (!who_is_verification_mx(served.at[i].host))
			continue;
		check_report(
			c,
			(struct check_report){
				.severity = SEVERITY_INFO,
				.subject = check_subject(c, c->s->domain, RR_MX),
				.message = arena_printf(
					c->a,
					"the MX record %s is only Microsoft's marker for "
					"verification: no server stands behind it, and it breaks "
					"nothing",
					check_show(c, served.at[i].host)),
				.remedy = "remove it once the domain is verified" });
	}
}

/* Served and planned set, each host of both once they differ. */
void mx_target_unresolvable(struct checking *c)
{
	struct mx_list served = mx_served(c);
	struct mx_list plan = mx_list_of(c, c->in->target_mx);
	const struct seen *seen = check_first_readable(c, c->s->domain, RR_MX);
	report_unresolvable(c, served, "the", check_level(c));
	report_markers(c, served);
	/* Before anything is staged the new host may lack its address. */
	if (plan.n > 0 && (seen == NULL || !rrset_equal(c->in->target_mx, seen->rrset)))
		report_unresolvable(c, plan, "the planned",
				    c->in->phase == PHASE_AUDIT ? SEVERITY_WARNING
								: SEVERITY_BLOCKER);
}

void mx_target_ip(struct checking *c)
{
	struct mx_list list = all_hosts(c);
	for (size_t i = 0; i < list.n; i++) {
		if (!is_literal(c, list.at[i].host))
			continue;
		mx_saw_everywhere(c);
		check_report(
			c, (struct check_report){
				   .severity = check_level(c),
				   .subject = check_subject(c, c->s->domain, RR_MX),
				   .message = arena_printf(
					   c->a,
					   "the MX names the address %s instead of a host: senders "
					   "look for a host of that name and find none",
					   check_show(c, list.at[i].host)),
				   .remedy = "give the address a name with an A or AAAA record, "
					     "and put that name into the MX" });
	}
}

/* A closed lab's networks stand for the Internet there. */
static bool is_public_here(const struct checking *c, const char *address)
{
	const char *const *network = c->in->treat_as_public;
	for (; network != NULL && *network != NULL; network++) {
		if (address_is_in(address, *network))
			return true;
	}
	return address_special(address) == NULL;
}

static void report_bogon(struct checking *c, const struct host_view *host, const char *address)
{
	mx_saw_host(c, host);
	check_report(c,
		     (struct check_report){
			     .severity = check_level(c),
			     .subject = check_subject(c, c->s->domain, RR_MX),
			     .message = arena_printf(
				     c->a,
				     "MX host %s has the address %s, %s: nobody outside can "
				     "deliver mail there",
				     check_show(c, host->name), address, address_special(address)),
			     .remedy = arena_printf(
				     c->a,
				     "in the A or AAAA record of %s, put the address under "
				     "which the server is reached from the Internet",
				     check_show(c, host->name)) });
}

void mx_target_bogon(struct checking *c)
{
	struct mx_list list = all_hosts(c);
	for (size_t i = 0; i < list.n; i++) {
		const struct host_view *host = snapshot_host(c->s, list.at[i].host);
		for (size_t k = 0; host != NULL && k < host->n; k++) {
			if (!is_public_here(c, host->addresses[k]))
				report_bogon(c, host, host->addresses[k]);
		}
	}
}

/* Readably absent; what was not asked or not answered counts as there. */
static bool has_no_ptr(struct checking *c, const char *address)
{
	const char *name = address_reverse(c->a, address);
	const struct lookup *l = name != NULL ? check_lookup(c, name, RR_PTR) : NULL;
	if (l == NULL || (l->seen.state != SEEN_NODATA && l->seen.state != SEEN_NXDOMAIN))
		return false;
	check_saw_lookup(c, l);
	return true;
}

/* Only the domain's own hosts: other people's addresses are theirs to name. */
void mx_ptr_missing(struct checking *c)
{
	struct mx_list list = all_hosts(c);
	for (size_t i = 0; i < list.n; i++) {
		const struct host_view *host = snapshot_host(c->s, list.at[i].host);
		if (host == NULL || !dname_is_within(host->name, c->s->domain))
			continue;
		for (size_t k = 0; k < host->n; k++) {
			const char *address = host->addresses[k];
			if (!is_public_here(c, address) || !has_no_ptr(c, address))
				continue;
			check_report(
				c,
				(struct check_report){
					.severity = check_level(c),
					.subject = arena_printf(c->a, "%s %s",
								check_show(c, host->name), address),
					.message = arena_printf(
						c->a,
						"the address %s of MX host %s has no PTR record: "
						"mail that it sends may be refused",
						address, check_show(c, host->name)),
					.remedy = arena_printf(
						c->a,
						"have whoever rents out the address set its PTR "
						"record to %s",
						check_show(c, host->name)) });
		}
	}
}
