/*
 * The NS set as such: how many servers, under which names, at which addresses.
 */
#include <arpa/inet.h>
#include <string.h>

#include "dns/check/rows.h"
#include "zone/dname.h"

struct names {
	VEC(const char *) list;
};

static void add_names(struct checking *c, struct names *n, const struct rrset *ns)
{
	for (size_t i = 0; ns != NULL && i < ns->n; i++) {
		bool have = false;
		for (size_t k = 0; k < n->list.n; k++)
			have = have || dname_equal(n->list.at[k], ns->rdata[i]);
		if (!have)
			*vec_push(c->a, &n->list) = ns->rdata[i];
	}
}

/* Every name that parent or child lists, each once. */
static struct names ns_names(struct checking *c)
{
	struct names n = { 0 };
	add_names(c, &n, c->s->parent_ns);
	add_names(c, &n, c->s->child_ns);
	return n;
}

/* True when some server is listed but has no address to ask. */
static bool is_without_address(const struct snapshot *s, const char *name)
{
	bool listed = false;
	for (size_t i = 0; i < s->server_n; i++) {
		if (name != NULL && !dname_equal(s->servers[i].name, name))
			continue;
		listed = listed || s->servers[i].address[0] == '\0';
	}
	return listed;
}

/* The octets of an address that name its network, with the family before them: /24, /48. */
struct network {
	unsigned char at[1 + 6];
};

/* A port may stand behind the address. */
static bool network_of(struct checking *c, const char *address, struct network *n_r)
{
	unsigned char octets[16];
	struct slice rest = slice_str(address);
	const char *bare = arena_slice(c->a, slice_until(&rest, '#'));
	memset(n_r, 0, sizeof(*n_r));
	if (inet_pton(AF_INET, bare, octets) == 1) {
		n_r->at[0] = 4;
		memcpy(n_r->at + 1, octets, 3);
		return true;
	}
	if (inet_pton(AF_INET6, bare, octets) != 1)
		return false;
	n_r->at[0] = 6;
	memcpy(n_r->at + 1, octets, 6);
	return true;
}

static bool is_address_before(const struct snapshot *s, size_t at)
{
	for (size_t i = 0; i < at; i++) {
		if (str_eq(s->servers[i].address, s->servers[at].address))
			return true;
	}
	return false;
}

static size_t count_addresses(const struct snapshot *s)
{
	size_t n = 0;
	for (size_t i = 0; i < s->server_n; i++)
		n += s->servers[i].address[0] != '\0' && !is_address_before(s, i);
	return n;
}

/* A second server without address has a finding of its own: not the same thing twice. */
static void ns_single(struct checking *c)
{
	if (count_addresses(c->s) != 1 || is_without_address(c->s, NULL))
		return;
	check_saw_server(c, &c->s->servers[0], "the only address of all name servers");
	check_report(
		c,
		(struct check_report){
			check_level(c), check_subject(c, c->s->zone, RR_NS),
			arena_printf(c->a,
				     "%s has a single name server, %s: while it is down, no mail "
				     "finds its way",
				     check_show(c, c->s->zone),
				     check_show_server(c, &c->s->servers[0])),
			"add a second name server in another network, in the zone and at the "
			"registrar" });
}

/* Certain when the name's own zone says so; else only nobody could find out. */
static const char *why_without(const struct host_view *host)
{
	if (host != NULL && host->state == SEEN_NXDOMAIN)
		return "the name does not exist";
	if (host != NULL && host->state == SEEN_NODATA)
		return "the name has neither A nor AAAA record";
	return "nobody could be asked for it";
}

/* Glue alone does not count: resolvers ask the name's own zone in the end (RFC 2181 §5.4.1). */
static bool has_no_address(const struct snapshot *s, const char *name)
{
	const struct host_view *host = snapshot_host(s, name);
	if (host != NULL && host->alias != NULL)
		return false; /* ns-is-cname tells it */
	if (host != NULL && (host->state == SEEN_NXDOMAIN || host->state == SEEN_NODATA))
		return true;
	return is_without_address(s, name);
}

static void ns_name_unresolvable(struct checking *c)
{
	struct names n = ns_names(c);
	for (size_t i = 0; i < n.list.n; i++) {
		if (!has_no_address(c->s, n.list.at[i]))
			continue;
		const char *name = check_show(c, n.list.at[i]);
		const char *why = why_without(snapshot_host(c->s, n.list.at[i]));
		check_report(
			c, (struct check_report){
				   check_level(c), name,
				   arena_printf(c->a,
						"%s is listed as a name server of %s, but no "
						"address could be found: %s",
						name, check_show(c, c->s->zone), why),
				   arena_printf(c->a,
						"create the address record of %s, or take the name "
						"out of the NS set (in the zone and at the "
						"registrar)",
						name) });
	}
}

/* RFC 2181 §10.3: many resolvers do not follow it, so that server is never asked. */
static void ns_is_cname(struct checking *c)
{
	struct names n = ns_names(c);
	for (size_t i = 0; i < n.list.n; i++) {
		const struct host_view *host = snapshot_host(c->s, n.list.at[i]);
		if (host == NULL || host->alias == NULL)
			continue;
		const char *name = check_show(c, host->name);
		const char *target = check_show(c, host->alias);
		check_report(
			c, (struct check_report){
				   check_level(c), name,
				   arena_printf(c->a,
						"name server %s is an alias of %s: many resolvers "
						"do not follow it and never ask that server",
						name, target),
				   arena_printf(c->a,
						"name %s in the NS records instead, in the zone "
						"and at the registrar",
						target) });
	}
}

/* The glue of one host, against what the host's own zone says. */
struct glue_diff {
	VEC(const char *) glue;
	bool stale;   /* the parent gives an address that is not the host's */
	bool partial; /* it lacks one, though it has others of the same family */
};

static bool is_v6(const char *address)
{
	return strchr(address, ':') != NULL;
}

static bool has_address(const struct host_view *host, const char *address)
{
	for (size_t i = 0; i < host->n; i++) {
		if (str_eq(host->addresses[i], address))
			return true;
	}
	return false;
}

/* A family that is missing as a whole is no fault: registrars often take IPv4 only, and a
 * referral may have no room for both. */
static bool lacks_address(const struct glue_diff *d, const char *address)
{
	bool family = false;
	for (size_t i = 0; i < d->glue.n; i++) {
		if (str_eq(d->glue.at[i], address))
			return false;
		family = family || is_v6(d->glue.at[i]) == is_v6(address);
	}
	return family;
}

static struct glue_diff diff_glue(struct checking *c, const struct host_view *host)
{
	struct glue_diff d = { 0 };
	for (size_t i = 0; i < c->s->glue_n; i++) {
		const struct glue *g = &c->s->glue[i];
		if (!dname_equal(g->host, host->name))
			continue;
		*vec_push(c->a, &d.glue) = g->address;
		d.stale = d.stale || !has_address(host, g->address);
	}
	for (size_t i = 0; i < host->n; i++)
		d.partial = d.partial || lacks_address(&d, host->addresses[i]);
	return d;
}

static void report_glue(struct checking *c, const struct host_view *host, const struct glue_diff *d)
{
	const char *name = check_show(c, host->name);
	const char *own = check_show_list(c, host->n, host->addresses);
	check_report(c, (struct check_report){
				d->stale ? check_level(c) : SEVERITY_INFO, name,
				arena_printf(c->a,
					     "the delegation gives %s for name server %s, its own "
					     "zone gives %s",
					     check_show_list(c, d->glue.n, d->glue.at), name, own),
				arena_printf(c->a,
					     "at the registrar, set the address of the host %s "
					     "(glue record) to %s",
					     name, own) });
}

static void ns_glue_mismatch(struct checking *c)
{
	struct names n = ns_names(c);
	for (size_t i = 0; i < n.list.n; i++) {
		const struct host_view *host = snapshot_host(c->s, n.list.at[i]);
		if (host == NULL || host->alias != NULL || host->state != SEEN_DATA)
			continue;
		struct glue_diff d = diff_glue(c, host);
		if (d.glue.n > 0 && (d.stale || d.partial))
			report_glue(c, host, &d);
	}
}

/* One network for each family at most. */
static void ns_same_subnet(struct checking *c)
{
	struct network first[2] = { 0 };
	if (count_addresses(c->s) < 2)
		return;
	for (size_t i = 0; i < c->s->server_n; i++) {
		struct network n;
		if (!network_of(c, c->s->servers[i].address, &n))
			continue;
		struct network *of_family = &first[n.at[0] == 6];
		if (of_family->at[0] == 0)
			*of_family = n;
		if (memcmp(of_family, &n, sizeof(n)) != 0)
			return;
	}
	for (size_t i = 0; i < c->s->server_n; i++)
		check_saw_server(c, &c->s->servers[i], "in the same network as the others");
	check_report(c, (struct check_report){
				check_level(c), check_subject(c, c->s->zone, RR_NS),
				arena_printf(c->a,
					     "all name servers of %s are in one network (/24, or "
					     "/48 for IPv6): one failure there takes them all",
					     check_show(c, c->s->zone)),
				"nothing to do for the move; for safety, add a name server in "
				"another network" });
}

const struct check name_server_checks[] = {
	{ .info = { .id = "ns-single",
		    .what = "there is only one name server",
		    .rfc = "RFC 2182 §5",
		    .levels = "wwww",
		    .example = "All NS names lead to the address 192.0.2.1. When that machine is "
			       "down on "
			       "the day of the switch, mail stops with it. Add a server in another "
			       "network, or use the DNS host's second one." },
	  .run = ns_single },
	{ .info = { .id = "ns-name-unresolvable",
		    .what = "an NS name has no address",
		    .rfc = "RFC 1912 §2.8",
		    .levels = "wwww",
		    .example = "The zone lists ns2.oldhost.net, and that name does not exist any "
			       "more. "
			       "Resolvers lose time with it. Take it out of the NS records and of "
			       "the delegation." },
	  .run = ns_name_unresolvable },
	{ .info = { .id = "ns-is-cname",
		    .what = "an NS name is an alias",
		    .rfc = "RFC 2181 §10.3",
		    .levels = "wwww",
		    .example = "ns1.treyresearch.com is a CNAME for dns7.host.net. Many resolvers "
			       "refuse "
			       "to follow it. Write dns7.host.net into the NS records." },
	  .run = ns_is_cname },
	{ .info = { .id = "ns-glue-mismatch",
		    .what = "the delegation has other addresses for a name server than its zone",
		    .rfc = "RFC 1034 §4.2.1",
		    .levels = "wwww",
		    .varies = "info when the delegation's addresses are right but not all",
		    .example =
			    "The name server moved to 192.0.2.7, but the registrar still hands out "
			    "192.0.2.1: whoever asks there gets nothing, or an old zone. Set the "
			    "host's address at the registrar." },
	  .run = ns_glue_mismatch },
	{ .info = { .id = "ns-same-subnet",
		    .what = "all name servers are in one network",
		    .rfc = "RFC 2182 §3.1",
		    .levels = "iiii",
		    .example = "Both servers stand in 192.0.2.0/24. Nothing to do for the move; a "
			       "third "
			       "server elsewhere would survive a failure of that network." },
	  .run = ns_same_subnet },
	{ .run = NULL },
};
