/*
 * Looking things up in a snapshot.
 */
#include "dns/snapshot.h"
#include "zone/dname.h"

/* Linear: a snapshot has a few dozen questions. */
static const struct seen *find(const struct seen *seen, size_t n, const char *name, uint16_t type)
{
	for (size_t i = 0; i < n; i++) {
		if (seen[i].question.type == type && dname_equal(seen[i].question.name, name))
			return &seen[i];
	}
	return NULL;
}

const struct seen *server_seen(const struct server_view *s, const char *name, uint16_t type)
{
	return find(s->seen, s->n, name, type);
}

const struct seen *resolver_seen(const struct resolver_view *r, const char *name, uint16_t type)
{
	return find(r->seen, r->n, name, type);
}

bool snapshot_rrset(const struct snapshot *s, const char *name, uint16_t type,
		    const struct rrset **rrset_r, uint32_t *max_ttl_r)
{
	const struct rrset *first = NULL;
	uint32_t max_ttl = 0;
	for (size_t i = 0; i < s->server_n; i++) {
		const struct seen *seen = server_seen(&s->servers[i], name, type);
		if (seen == NULL || seen->state != SEEN_DATA || seen->rrset == NULL)
			continue;
		first = first != NULL ? first : seen->rrset;
		max_ttl = seen->rrset->ttl > max_ttl ? seen->rrset->ttl : max_ttl;
	}
	if (rrset_r != NULL)
		*rrset_r = first;
	if (max_ttl_r != NULL)
		*max_ttl_r = max_ttl;
	return first != NULL;
}

const struct host_view *snapshot_host(const struct snapshot *s, const char *name)
{
	for (size_t i = 0; i < s->host_n; i++) {
		if (dname_equal(s->hosts[i].name, name))
			return &s->hosts[i];
	}
	return NULL;
}

/* Linear: a domain has some dozens. */
const struct seen *snapshot_lookup(const struct snapshot *s, const char *name, uint16_t type)
{
	for (size_t i = 0; i < s->lookup_n; i++) {
		const struct seen *seen = &s->lookups[i].seen;
		if (seen->question.type == type && dname_equal(seen->question.name, name))
			return seen;
	}
	return NULL;
}

bool seen_is_away(const struct seen *seen)
{
	return seen->state == SEEN_REFERRAL || (seen->alias != NULL && seen->rrset == NULL);
}

const struct seen *snapshot_follow(const struct snapshot *s, const struct seen *seen)
{
	const struct seen *found = NULL;
	if (seen != NULL && seen_is_away(seen))
		found = snapshot_lookup(s, seen->question.name, seen->question.type);
	return found != NULL ? found : seen;
}

const char *server_state_name(enum server_state state)
{
	static const char *const names[] = { "ok", "lame", "silent" };
	return names[state];
}

const char *seen_state_name(enum seen_state state)
{
	static const char *const names[] = { "data",       "nodata",   "nxdomain",
					     "unreadable", "referral", "lame" };
	return names[state];
}

const char *delegation_state_name(enum delegation_state state)
{
	static const char *const names[] = { "ok", "missing", "in-parent-zone", "broken",
					     "unreachable" };
	return names[state];
}

const char *dns_outcome_name(enum dns_outcome outcome)
{
	static const char *const names[] = { "answered", "silent",    "refused",  "truncated",
					     "garbage",  "cancelled", "no-route", "no-socket" };
	return names[outcome];
}

const char *dns_edns_name(enum dns_edns edns)
{
	static const char *const names[] = { "unknown", "ok", "dropped", "refused", "ignored" };
	return names[edns];
}

const char *probe_name(enum probe probe)
{
	static const char *const names[] = { "not-tried", "yes", "no" };
	return names[probe];
}

const char *other_role_name(enum other_role role)
{
	static const char *const names[] = { "panel", "previous" };
	return names[role];
}

const char *sts_fetch_name(enum sts_fetch fetch)
{
	static const char *const names[] = { "not-asked", "fetched", "failed" };
	return names[fetch];
}
