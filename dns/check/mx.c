/*
 * Where does mail go now? The table of the family, and the rows that need no more than the
 * records themselves.
 */
#include "dns/check/mx.h"

#include <string.h>

#include "dns/who.h"

/* The domain's MX answer of the first server that can be read; NULL when none can. */
static const struct seen *mx_seen(const struct checking *c)
{
	return check_first_readable(c, c->s->domain, RR_MX);
}

/* Published only to prove ownership at Microsoft: no host of that name exists. */
static bool has_only_markers(struct mx_list list)
{
	for (size_t i = 0; i < list.n; i++) {
		if (!who_is_verification_mx(list.at[i].host))
			return false;
	}
	return list.n > 0;
}

/* Not a blocker before the switch: the domain may get its first mail by this move. */
static void mx_missing(struct checking *c)
{
	struct mx_list served = mx_served(c);
	bool markers = has_only_markers(served);
	if (mx_seen(c) == NULL || (served.n > 0 && !markers))
		return;
	bool too_late = c->in->phase == PHASE_POST && mx_plan_expects_mail(c);
	mx_saw_everywhere(c);
	check_report(
		c, (struct check_report){
			   .severity = too_late ? SEVERITY_BLOCKER : check_level(c),
			   .subject = check_subject(c, c->s->domain, RR_MX),
			   .message = arena_printf(
				   c->a,
				   markers ? "the only MX of %s is Microsoft's marker for "
					     "verification, behind which no server stands: mail "
					     "cannot be delivered"
					   : "%s has no MX record: senders try its own address, if "
					     "it has one",
				   check_show(c, c->s->domain)),
			   .remedy = mx_plan_text(c) });
}

/* Served now; whether it may be so depends on the plan. */
static void mx_null(struct checking *c)
{
	const struct seen *seen = mx_seen(c);
	if (seen == NULL || seen->state != SEEN_DATA || !mx_is_null(mx_list_of(c, seen->rrset)))
		return;
	bool too_late = c->in->phase == PHASE_POST && mx_plan_expects_mail(c);
	mx_saw_everywhere(c);
	check_report(c, (struct check_report){
				.severity = too_late ? SEVERITY_BLOCKER : check_level(c),
				.subject = check_subject(c, c->s->domain, RR_MX),
				.message = arena_printf(
					c->a, "%s says with a null MX that it takes no mail",
					check_show(c, c->s->domain)),
				.remedy = c->in->target_mx != NULL
						  ? mx_plan_text(c)
						  : "nothing to do, unless the domain shall get "
						    "mail" });
}

/* A single server's set counts: senders see one set, not the union. */
static void mx_null_mixed(struct checking *c)
{
	bool mixed = false;
	for (size_t i = 0; i < c->s->server_n && !mixed; i++) {
		const struct seen *seen = server_seen(&c->s->servers[i], c->s->domain, RR_MX);
		struct mx_list list = mx_list_of(c, seen != NULL ? seen->rrset : NULL);
		mixed = list.n > 1 && mx_list_has(list, ".");
	}
	if (!mixed)
		return;
	mx_saw_everywhere(c);
	check_report(c, (struct check_report){
				.severity = check_level(c),
				.subject = check_subject(c, c->s->domain, RR_MX),
				.message = arena_printf(
					c->a,
					"%s has a null MX beside other MX records: some senders "
					"will return its mail at once",
					check_show(c, c->s->domain)),
				.remedy = "remove the MX record whose host is \".\"; it says that "
					  "the domain takes no mail and must stand alone" });
}

/* Several addresses of one kind behind one name are several servers. */
static bool has_many_addresses(const struct host_view *host)
{
	size_t v6 = 0;
	for (size_t i = 0; i < host->n; i++)
		v6 += strchr(host->addresses[i], ':') != NULL;
	return v6 > 1 || host->n - v6 > 1;
}

static void mx_single(struct checking *c)
{
	const struct seen *seen = mx_seen(c);
	struct mx_list list = mx_list_of(c, seen != NULL ? seen->rrset : NULL);
	if (list.n != 1 || mx_is_null(list) || has_only_markers(list))
		return;
	const struct who *who = who_is(WHO_MAIL, list.at[0].host);
	const struct host_view *host = snapshot_host(c->s, list.at[0].host);
	if ((who != NULL && who->one_name) || host == NULL || host->state != SEEN_DATA ||
	    has_many_addresses(host))
		return;
	mx_saw_everywhere(c);
	check_report(c,
		     (struct check_report){
			     .severity = check_level(c),
			     .subject = check_subject(c, c->s->domain, RR_MX),
			     .message = arena_printf(
				     c->a,
				     "all mail for %s goes to one server, %s: while it is down, "
				     "mail waits at the senders",
				     check_show(c, c->s->domain), check_show(c, list.at[0].host)),
			     .remedy = "nothing to do, if the provider wants it so; else add "
				       "its second MX host" });
}

/* Before the switch a long TTL is what the plan is for; at the switch it is fatal. */
static void mx_ttl_high(struct checking *c)
{
	uint32_t ttl = 0;
	char wait[TIME_TEXT_MAX];
	if (c->in->max_mx_ttl == 0 || !snapshot_rrset(c->s, c->s->domain, RR_MX, NULL, &ttl) ||
	    ttl <= c->in->max_mx_ttl)
		return;
	mx_saw_everywhere(c);
	check_report(
		c, (struct check_report){
			   .severity = check_level(c),
			   .subject = check_subject(c, c->s->domain, RR_MX),
			   .message = arena_printf(
				   c->a,
				   "the MX record's TTL is %u s: after a change, caches send mail "
				   "to the old server for up to %s",
				   (unsigned)ttl, duration_format((int64_t)ttl * 1000, wait)),
			   .remedy = arena_printf(
				   c->a,
				   "lower the TTL of every MX record to %u s or less and wait %s "
				   "(the old TTL) before the switch",
				   (unsigned)c->in->max_mx_ttl, wait) });
}

const struct check mx_checks[] = {
	{ .info = { .id = "mx-missing",
		    .what = "the domain has no MX record",
		    .rfc = "RFC 5321 §5.1",
		    .levels = "wwww",
		    .varies = "a blocker after the switch, when the plan expects mail",
		    .example = "Senders fall back to the domain's own A record, which is mostly a "
			       "web server. Publish the MX of the provider that has the "
			       "mailboxes." },
	  .run = mx_missing },
	{ .info = { .id = "mx-null",
		    .what = "the domain says that it takes no mail",
		    .rfc = "RFC 7505",
		    .levels = "iiii",
		    .varies = "a blocker after the switch, when the plan expects mail",
		    .example = "\"0 .\" is a null MX: senders return mail at once instead of "
			       "trying. Right for a domain without mail; wrong once mailboxes "
			       "exist." },
	  .run = mx_null },
	{ .info = { .id = "mx-null-mixed",
		    .what = "a null MX stands beside other MX records",
		    .rfc = "RFC 7505 §3",
		    .levels = "bbbb",
		    .example =
			    "\"0 .\" and \"10 mail.example.net\" contradict each other, and each "
			    "sender decides for itself. Remove one of the two." },
	  .run = mx_null_mixed },
	{ .info = { .id = "mx-target-cname",
		    .what = "an MX host is an alias",
		    .rfc = "RFC 2181 §10.3, RFC 5321 §5.1",
		    .levels = "wwww",
		    .example = "mail.example.com is a CNAME of host7.provider.net. Most senders "
			       "follow it, some refuse. Name the host itself in the MX." },
	  .run = mx_target_cname },
	{ .info = { .id = "mx-target-unresolvable",
		    .what = "an MX host has no address",
		    .rfc = "RFC 5321 §5.1",
		    .levels = "bbbb",
		    .varies =
			    "a warning while another host of the set can be reached, when the "
			    "host's servers give no usable answer, and in the audit for a planned "
			    "host; info for Microsoft's marker for verification (*.msv1.invalid)",
		    .example = "A typing error in the host name, or a host that was removed. The "
			       "message tells whether the name does not exist, has no address, or "
			       "could not be asked for." },
	  .run = mx_target_unresolvable },
	{ .info = { .id = "mx-target-ip",
		    .what = "an MX record names an IP address instead of a host",
		    .rfc = "RFC 1035 §3.3.9, RFC 5321 §5.1",
		    .levels = "bbbb",
		    .example = "\"10 192.0.2.25\" in an MX is read as a host named \"192.0.2.25\", "
			       "which does not exist. Give the address a name and put that into "
			       "the MX." },
	  .run = mx_target_ip },
	{ .info = { .id = "mx-target-bogon",
		    .what = "an MX host has an address that the Internet cannot reach",
		    .rfc = "RFC 1918, RFC 6890",
		    .levels = "bbbb",
		    .varies = "networks of treat_as_public are left out",
		    .example = "mail.example.com has the address 192.168.1.10, good only inside "
			       "the office. Publish the address under which the server is reached "
			       "from outside." },
	  .run = mx_target_bogon },
	{ .info = { .id = "mx-single",
		    .what = "all mail goes to one server",
		    .rfc = "-",
		    .levels = "iiii",
		    .varies = "not said of providers that have many addresses behind one name",
		    .example = "One MX with one address: while that machine is down, mail waits at "
			       "the senders, for days if need be. No mail is lost by it." },
	  .run = mx_single },
	{ .info = { .id = "mx-ttl-high",
		    .what = "the MX TTL is above the limit",
		    .rfc = "RFC 1035 §3.2.1",
		    .levels = "iwb-",
		    .example = "A TTL of 86400 s means that senders may use the old server for a "
			       "day after the switch. Lower it, then wait for as long as the OLD "
			       "TTL was." },
	  .run = mx_ttl_high },
	{ .info = { .id = "mx-old-remains",
		    .what = "an MX of the old system is still in the set after the switch",
		    .rfc = "RFC 5321 §5.1",
		    .levels = "---b",
		    .varies = "a warning when its preference is worse than the planned host's",
		    .example = "\"10 mx.old.org\" stayed as a backup beside \"0 "
			       "example-com.mail.protection.outlook.com\". Some senders, and all "
			       "spammers, deliver there. Remove it." },
	  .run = mx_old_remains },
	{ .info = { .id = "mx-not-target",
		    .what = "the MX is not the planned one after the switch",
		    .rfc = "RFC 5321 §5.1",
		    .levels = "---b",
		    .example =
			    "The change was made in the wrong panel, with a typing error, or "
			    "with another preference. Publish exactly the records of the plan." },
	  .run = mx_not_target },
	{ .info = { .id = "mx-priority-conflict",
		    .what = "another MX is as preferred as the planned one, or more",
		    .rfc = "RFC 5321 §5.1",
		    .levels = "---b",
		    .example = "\"0 mail.example.com\" beside the planned \"0 smtp.google.com\": "
			       "half of the mail goes elsewhere. Remove the other record." },
	  .run = mx_priority_conflict },
	{ .info = { .id = "mx-target-unprovisioned",
		    .what = "a planned MX host does not exist yet",
		    .rfc = "RFC 8020",
		    .levels = "wwbb",
		    .example = "example-com.mail.protection.outlook.com does not exist until the "
			       "tenant has accepted the domain. Verify the domain there and add "
			       "its e-mail service first." },
	  .run = mx_target_unprovisioned },
	{ .info = { .id = "mx-tenant-key",
		    .what = "the MX host's name belongs to another domain or tenant",
		    .rfc = "-",
		    .levels = "iiib",
		    .varies = "info while only the name looks unusual: the admin centre's value "
			      "wins over any rule",
		    .example = "The MX of example.com is example-net.mail.protection.outlook.com: "
			       "copied from another domain. Copy the host that the admin centre "
			       "shows for this one." },
	  .run = mx_tenant_key },
	{ .info = { .id = "mx-subdomain-old",
		    .what = "a name below the domain has its MX at the old system",
		    .rfc = "RFC 5321 §5.1",
		    .levels = "wwww",
		    .example = "lists.example.com has an MX of its own and stays behind when the "
			       "old system is switched off. Move it as well, or remove the "
			       "record." },
	  .run = mx_subdomain_old },
	{ .info = { .id = "mx-ptr-missing",
		    .what = "an address of an MX host of one's own has no PTR record",
		    .rfc = "RFC 1912 §2.1",
		    .levels = "iiii",
		    .example = "mail.example.com has 198.51.100.25, for which no name is "
			       "registered. Mail that this host sends is often refused. Whoever "
			       "rents out the address can set it." },
	  .run = mx_ptr_missing },
	{ .run = NULL },
};
