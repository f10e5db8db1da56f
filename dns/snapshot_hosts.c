/*
 * Names that must have addresses: where mail goes, who serves the zone, where
 * the policy lies. For mail hosts TLSA too, which needs no address.
 */
#include <arpa/inet.h>

#include "dns/judge.h"
#include "dns/taking.h"
#include "zone/dname.h"

enum {
	POINTERS_MAX = 8, /* addresses of own mail hosts whose PTR is looked up */
	FORETOLD_MAX = 8, /* hosts taken from one resolver's MX set */
};

/* Wishing for a name again gives the same task. */
static bool has_host(const struct snapshot_job *j, const struct walk_task *t)
{
	for (size_t i = 0; i < j->hosts.n; i++) {
		if (j->hosts.at[i] == t)
			return true;
	}
	return false;
}

struct walk_task *taking_host(struct snapshot_job *j, const char *name, walk_done_fn *fn, void *ctx)
{
	if (j->over)
		return NULL;
	struct walk_task *t = walk_want_host(j->walk, name);
	if (t == NULL)
		return NULL;
	if (!has_host(j, t)) {
		if (j->hosts.n >= HOSTS_MAX)
			return NULL;
		*vec_push(j->a, &j->hosts) = t;
	}
	if (fn != NULL)
		walk_on_done(j->walk, t, fn, ctx);
	return t;
}

/* 192.0.2.1 is 1.2.0.192.in-addr.arpa (RFC 1035 §3.5); NULL when it is no IPv4 address. */
static const char *reverse4(struct arena *a, const char *address)
{
	unsigned char b[4];
	if (inet_pton(AF_INET, address, b) != 1)
		return NULL;
	return arena_printf(a, "%u.%u.%u.%u.in-addr.arpa.", b[3], b[2], b[1], b[0]);
}

/* By nibbles, the last first (RFC 3596 §2.5). */
static const char *reverse6(struct arena *a, const char *address)
{
	static const char hex[] = "0123456789abcdef";
	unsigned char b[16];
	char nibbles[65];
	if (inet_pton(AF_INET6, address, b) != 1)
		return NULL;
	for (size_t i = 0; i < 16; i++) {
		nibbles[4 * i] = hex[b[15 - i] & 0xf];
		nibbles[4 * i + 2] = hex[b[15 - i] >> 4];
		nibbles[4 * i + 1] = nibbles[4 * i + 3] = '.';
	}
	nibbles[64] = '\0';
	return arena_printf(a, "%sip6.arpa.", nibbles);
}

/* Only a host of the domain itself has a PTR that its owner can do something about. */
static void mail_host_done(void *ctx, struct walk_task *t)
{
	struct snapshot_job *j = ctx;
	for (size_t k = 0; k < t->type_n && !j->over; k++) {
		for (size_t i = 0; t->sets[k] != NULL && i < t->sets[k]->n; i++) {
			const char *address = t->sets[k]->rdata[i];
			const char *name = t->sets[k]->type == RR_A ? reverse4(j->a, address)
								    : reverse6(j->a, address);
			if (name == NULL || j->pointers++ >= POINTERS_MAX)
				return;
			(void)taking_lookup(j, name, RR_PTR);
		}
	}
}

/* Once each: whether its TLSA was asked for tells. "." is the null MX's host.
 */
void taking_mail_host(struct snapshot_job *j, const char *name)
{
	struct err e = { 0 };
	const char *tlsa = dname_in_zone(j->a, "_25._tcp", name, &e);
	size_t before = j->lookups.n;
	if (str_eq(name, ".") || tlsa == NULL)
		return;
	struct walk_task *t = taking_host(j, name, NULL, NULL);
	(void)taking_lookup(j, tlsa, RR_TLSA);
	if (t != NULL && j->lookups.n > before && dname_is_within(name, j->opts.domain))
		walk_on_done(j->walk, t, mail_host_done, j);
}

/* The domain's MX set; NULL when it is something else. */
static const struct rrset *mx_of(const struct snapshot_job *j, const struct seen *seen)
{
	bool own = seen->state == SEEN_DATA && seen->question.type == RR_MX &&
		   dname_equal(seen->question.name, j->opts.domain);
	return own ? seen->rrset : NULL;
}

/* Addresses only: what else belongs to a mail host is asked for when a server of the zone names
 * it. */
void taking_hosts_foretold(struct snapshot_job *j, const struct seen *seen)
{
	const struct rrset *mx = mx_of(j, seen);
	for (size_t i = 0; mx != NULL && i < mx->n && i < FORETOLD_MAX; i++) {
		const char *host = rdata_host(j->a, RR_MX, mx->rdata[i]);
		if (host != NULL && !str_eq(host, "."))
			(void)taking_host(j, host, NULL, NULL);
	}
}

void taking_hosts_heard(struct snapshot_job *j, const struct seen *seen)
{
	const struct rrset *mx = mx_of(j, seen);
	for (size_t i = 0; mx != NULL && i < mx->n && i < HOSTS_MAX; i++) {
		const char *host = rdata_host(j->a, RR_MX, mx->rdata[i]);
		if (host != NULL)
			taking_mail_host(j, host);
	}
}

/* The hosts as they are handed out. */
struct host_list {
	struct snapshot_job *job;
	struct host_view *at;
	size_t n;
};

/* Once each; the job's list is short. */
static void hand_out(struct host_list *l, const char *name)
{
	const struct snapshot_job *j = l->job;
	for (size_t i = 0; i < l->n; i++) {
		if (dname_equal(l->at[i].name, name))
			return;
	}
	for (size_t i = 0; i < j->hosts.n; i++) {
		if (j->hosts.at[i]->done && dname_equal(j->hosts.at[i]->name, name))
			l->at[l->n++] = walk_host_view(j->a, j->hosts.at[i]);
	}
}

static void hand_out_set(struct host_list *l, const struct rrset *set)
{
	for (size_t i = 0; set != NULL && i < set->n && i < HOSTS_MAX; i++) {
		const char *host = rdata_host(l->job->a, set->type, set->rdata[i]);
		if (host != NULL)
			hand_out(l, host);
	}
}

void taking_hosts_finish(struct snapshot_job *j)
{
	struct snapshot *s = j->s;
	struct host_list l = { .job = j };
	l.at = ARENA_ARRAY(j->a, j->hosts.n, struct host_view);
	for (size_t i = 0; i < s->server_n; i++) {
		const struct seen *mx = server_seen(&s->servers[i], j->opts.domain, RR_MX);
		hand_out_set(&l, mx != NULL ? mx->rrset : NULL);
	}
	for (size_t i = 0; i < j->opts.host_n; i++)
		hand_out(&l, j->opts.hosts[i]);
	hand_out_set(&l, s->parent_ns);
	hand_out_set(&l, s->child_ns);
	for (size_t i = 0; i < j->hosts.n; i++)
		hand_out(&l, j->hosts.at[i]->name);
	s->host_n = l.n;
	s->hosts = l.at;
}
