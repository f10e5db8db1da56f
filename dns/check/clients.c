/*
 * Where mail programs look for the server: autodiscover and SRV records. After the switch
 * only; before it they have to be old.
 */
#include "dns/check/mx.h"
#include "zone/dname.h"

/* The host of an SRV rdata, "0 1 443 host."; NULL for ".", which means "not offered"
 * (RFC 2782). */
static const char *srv_host(const char *rdata)
{
	struct slice rest = slice_str(rdata);
	for (size_t i = 0; i < 3; i++)
		(void)slice_until(&rest, ' ');
	return rest.len > 0 && !slice_eq(rest, SLICE_LIT(".")) ? rest.ptr : NULL;
}

/* With a wish, everything else is old; without one, only what is known to be the old system's. */
static bool is_old_target(const struct checking *c, const char *host)
{
	if (c->in->target_autodiscover != NULL)
		return !dname_equal(host, c->in->target_autodiscover);
	return mx_is_old_host(c, host);
}

static const char *new_record(struct checking *c, const char *name)
{
	if (c->in->target_autodiscover == NULL)
		return arena_printf(c->a,
				    "remove the record at %s, or let it name the new provider's "
				    "server",
				    check_show(c, name));
	return arena_printf(c->a, "replace it by a CNAME record at %s to %s",
			    arena_printf(c->a, "autodiscover.%s", check_show(c, c->s->domain)),
			    check_show(c, c->in->target_autodiscover));
}

struct stale_record {
	const char *name;
	uint16_t type;
	const char *points_to; /* for people */
};

static void report_autodiscover(struct checking *c, struct stale_record r, const char *via)
{
	check_report(c, (struct check_report){
				.severity = check_level(c),
				.subject = check_subject(c, r.name, r.type),
				.message = arena_printf(
					c->a,
					"mail programs are still sent to %s by %s%s: they go on "
					"with the old mailbox",
					r.points_to, check_show(c, r.name), via),
				.remedy = new_record(c, r.name) });
}

/* A name that nobody has gets the same answer: the record is a wildcard's. */
static const char *by_wildcard(struct checking *c, const struct seen *seen)
{
	const char *probe = c->s->random_label != NULL ? check_below(c, c->s->random_label) : NULL;
	const struct seen *other = probe != NULL ? snapshot_lookup(c->s, probe, seen->question.type)
						 : NULL;
	bool same = other != NULL && other->state == SEEN_DATA && seen->rrset != NULL &&
		    other->rrset->n == seen->rrset->n &&
		    str_eq(other->rrset->rdata[0], seen->rrset->rdata[0]);
	return same ? " (through the wildcard record)" : "";
}

/* True when the name is an alias, old or not: then its addresses are the alias's. */
static bool judge_cname(struct checking *c, const char *name)
{
	const struct seen *seen = check_first_readable(c, name, RR_CNAME);
	if (seen == NULL || seen->state != SEEN_DATA || seen->rrset->n == 0)
		return false;
	if (is_old_target(c, seen->rrset->rdata[0])) {
		for (size_t i = 0; i < c->s->server_n; i++) {
			const struct seen *at = server_seen(&c->s->servers[i], name, RR_CNAME);
			if (check_is_readable(at))
				check_saw_seen(c, &c->s->servers[i], at);
		}
		report_autodiscover(c,
				    (struct stale_record){ name, RR_CNAME,
							   check_show(c, seen->rrset->rdata[0]) },
				    by_wildcard(c, seen));
	}
	return true;
}

/* The addresses that the host is known to have. */
static bool has_address(const struct host_view *host, const char *address)
{
	for (size_t i = 0; host != NULL && i < host->n; i++) {
		if (str_eq(host->addresses[i], address))
			return true;
	}
	return false;
}

/* An address says not whose it is. It is old when a CNAME is wanted there, unless it is the wanted
 * host's; else when one of the old MX hosts has it. */
static bool is_old_address(const struct checking *c, const char *address)
{
	if (c->in->target_autodiscover != NULL)
		return !has_address(snapshot_host(c->s, c->in->target_autodiscover), address);
	for (size_t i = 0; i < c->s->host_n; i++) {
		if (mx_is_old_host(c, c->s->hosts[i].name) && has_address(&c->s->hosts[i], address))
			return true;
	}
	return false;
}

static void judge_address(struct checking *c, const char *name)
{
	const struct seen *seen = check_first_readable(c, name, RR_A);
	const struct lookup *l = seen == NULL ? check_lookup(c, name, RR_A) : NULL;
	seen = l != NULL ? &l->seen : seen;
	if (seen == NULL || seen->state != SEEN_DATA || seen->alias != NULL ||
	    seen->rrset->n == 0 || !is_old_address(c, seen->rrset->rdata[0]))
		return;
	if (l != NULL)
		check_saw_lookup(c, l);
	report_autodiscover(c, (struct stale_record){ name, RR_A, seen->rrset->rdata[0] },
			    by_wildcard(c, seen));
}

static void judge_srv(struct checking *c)
{
	const char *name = check_below(c, "_autodiscover._tcp");
	const struct lookup *l = name != NULL ? check_lookup(c, name, RR_SRV) : NULL;
	if (l == NULL || l->seen.state != SEEN_DATA)
		return;
	for (size_t i = 0; i < l->seen.rrset->n; i++) {
		const char *host = srv_host(l->seen.rrset->rdata[i]);
		if (host == NULL || !is_old_target(c, host))
			continue;
		check_saw_lookup(c, l);
		report_autodiscover(c, (struct stale_record){ name, RR_SRV, check_show(c, host) },
				    by_wildcard(c, &l->seen));
	}
}

static void autodiscover_old(struct checking *c)
{
	const char *name = check_below(c, "autodiscover");
	if (name != NULL && !judge_cname(c, name))
		judge_address(c, name);
	judge_srv(c);
}

/* RFC 6186, RFC 8314. Only what is known to be the old system's: the new provider may have any
 * names. */
static void client_srv_old(struct checking *c)
{
	static const char *const services[] = { "_imaps._tcp", "_imap._tcp", "_submission._tcp",
						"_submissions._tcp", "_pop3s._tcp" };
	for (size_t i = 0; i < sizeof(services) / sizeof(services[0]); i++) {
		const char *name = check_below(c, services[i]);
		const struct lookup *l = name != NULL ? check_lookup(c, name, RR_SRV) : NULL;
		for (size_t k = 0; l != NULL && l->seen.rrset != NULL && k < l->seen.rrset->n;
		     k++) {
			const char *host = srv_host(l->seen.rrset->rdata[k]);
			if (host == NULL || !mx_is_old_host(c, host))
				continue;
			check_saw_lookup(c, l);
			check_report(
				c, (struct check_report){
					   .severity = check_level(c),
					   .subject = check_subject(c, name, RR_SRV),
					   .message = arena_printf(
						   c->a,
						   "mail programs that look for %s are still sent "
						   "to the old server %s",
						   check_show(c, name), check_show(c, host)),
					   .remedy = arena_printf(
						   c->a,
						   "let the SRV record at %s name the new "
						   "provider's server, or remove it",
						   check_show(c, name)) });
		}
	}
}

const struct check client_checks[] = {
	{ .info = { .id = "autodiscover-old",
		    .what = "autodiscover still leads to the old system after the switch",
		    .rfc = "RFC 2782",
		    .levels = "---w",
		    .example = "autodiscover.example.com is still a CNAME to the old provider, an "
			       "A record, or _autodiscover._tcp an SRV record: new profiles are "
			       "set up with the old mailbox." },
	  .run = autodiscover_old },
	{ .info = { .id = "client-srv-old",
		    .what = "SRV records for mail programs still name the old server",
		    .rfc = "RFC 6186, RFC 8314 §5.1",
		    .levels = "---i",
		    .example = "_imaps._tcp.example.com names imap.old.org. Programs that look "
			       "there set up the old mailbox." },
	  .run = client_srv_old },
	{ .run = NULL },
};
