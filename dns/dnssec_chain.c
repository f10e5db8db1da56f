/*
 * From the anchor down, link by link (RFC 4035 §5): the parent's signed DS set or its signed
 * absence, then a DNSKEY set that is signed by a key that a DS names.
 */
#include "dns/dnssec_priv.h"
#include "zone/dname.h"

/* RFC 4035 §5.2: algorithms that nobody can check make no zone bogus. */
static struct secure not_followed(const struct judging *j, const char *zone)
{
	return dnssec_is(SECURE_INSECURE,
			 arena_printf(j->a,
				      "the DS of %s has only algorithms or digests that "
				      "resolvers do not follow",
				      dnssec_show(j, zone)));
}

static struct secure no_key(const struct judging *j, const char *zone, bool has_keys)
{
	const char *name = dnssec_show(j, zone);
	if (!has_keys)
		return dnssec_bogus(
			BOGUS_UNSIGNED_CHILD,
			arena_printf(j->a, "%s has a DS in its parent, but no DNSKEY", name));
	return dnssec_bogus(BOGUS_NO_KEY_FOR_DS,
			    arena_printf(j->a, "no DNSKEY of %s fits a DS of its parent", name));
}

/* Who was asked without EDNS sends no signatures, whatever it has. */
static struct secure not_asked_for(const struct judging *j, const char *what, const char *zone)
{
	return dnssec_is(SECURE_UNKNOWN,
			 arena_printf(j->a, "signatures of the %s of %s could not be asked for",
				      what, dnssec_show(j, zone)));
}

/* The answer holds keys; are they the ones that the anchor names, and do they say so? */
static struct secure judge_key_set(struct judging *j, const struct trust *t,
				   const struct seen *dnskey, const struct zone_keys **keys_r)
{
	const struct zone_keys *keys = dnssec_keys(j->a, dnskey->rrset, NULL);
	const struct zone_keys *named = dnssec_anchored(j, keys, t->anchor);
	if (named->n == 0)
		return no_key(j, t->zone->zone, true);
	struct set_verdict v = dnssec_judge_set(j, named, dnskey->rrset, dnskey->proof);
	if (v.no_key)
		return dnssec_bogus(BOGUS_NO_KEY_FOR_DS,
				    arena_printf(j->a,
						 "the key of %s that its DS names does not sign "
						 "the DNSKEY set",
						 dnssec_show(j, t->zone->zone)));
	if (v.secure.state == SECURE_YES)
		*keys_r = keys;
	return v.secure;
}

struct secure dnssec_judge_keys(struct judging *j, const struct trust *t, const struct seen *dnskey,
				const struct zone_keys **keys_r)
{
	const char *zone = t->zone->zone;
	if (!dnssec_anchor_usable(j->a, t->anchor))
		return not_followed(j, zone);
	if (dnskey->without_edns)
		return not_asked_for(j, "DNSKEY set", zone);
	switch (dnskey->state) {
	case SEEN_DATA: break;
	case SEEN_NODATA:
	case SEEN_NXDOMAIN: return no_key(j, zone, false);
	default:
		return dnssec_is(SECURE_UNKNOWN, arena_printf(j->a,
							      "the DNSKEY set of %s could "
							      "not be read",
							      dnssec_show(j, zone)));
	}
	if (dnskey->rrset == NULL || dnskey->rrset->type != RR_DNSKEY ||
	    !dname_equal(dnskey->rrset->name, zone))
		return no_key(j, zone, false); /* an alias at the apex, say */
	return judge_key_set(j, t, dnskey, keys_r);
}

/* One server with old keys or a silent one does not break the zone: the others are heard, and
 * each is judged by itself later. */
static struct secure ask_other_servers(struct judging *j, struct trust *t, struct secure first)
{
	const struct snapshot *s = j->s;
	if (s->zone == NULL || !dname_equal(s->zone, t->zone->zone))
		return first;
	for (size_t i = 0; i < s->server_n; i++) {
		const struct seen *seen = server_seen(&s->servers[i], s->zone, RR_DNSKEY);
		if (seen == NULL)
			continue;
		struct secure again = dnssec_judge_keys(j, t, seen, &t->keys);
		if (again.state == SECURE_YES)
			return again;
		if (first.state == SECURE_UNKNOWN)
			first = again;
	}
	return first;
}

static struct secure judge_by_anchor(struct judging *j, struct trust *t, const struct seen *dnskey)
{
	struct secure secure = dnssec_judge_keys(j, t, dnskey, &t->keys);
	if (secure.state == SECURE_BOGUS || secure.state == SECURE_UNKNOWN)
		secure = ask_other_servers(j, t, secure);
	return secure;
}

/* The parent is SECURE_YES. */
static struct secure judge_ds(struct judging *j, const struct trust *parent,
			      const struct zone_link *link)
{
	const struct denial_query q = { .kind = DENY_DS, .name = link->zone, .type = RR_DS };
	if (link->ds.without_edns)
		return not_asked_for(j, "DS", link->zone);
	switch (link->ds.state) {
	case SEEN_DATA: break;
	case SEEN_NODATA:
	case SEEN_NXDOMAIN: return dnssec_judge_denial(j, parent->keys, link->ds.proof, &q);
	default:
		return dnssec_is(SECURE_UNKNOWN,
				 arena_printf(j->a, "the DS of %s could not be read",
					      dnssec_show(j, link->zone)));
	}
	const struct rrset *ds = link->ds.rrset;
	if (ds == NULL || ds->type != RR_DS || !dname_equal(ds->name, link->zone))
		return dnssec_is(SECURE_UNKNOWN, "the parent's answer for the DS is not of use");
	struct set_verdict v = dnssec_judge_set(j, parent->keys, ds, link->ds.proof);
	if (v.secure.state == SECURE_YES && v.wildcard) /* a DS stands only at its own name */
		v.secure = dnssec_bogus(BOGUS_NO_PROOF, "the DS was made from a wildcard");
	return v.secure;
}

static const struct trust *earlier(const struct judging *j, size_t n, const char *zone)
{
	for (size_t i = 0; zone != NULL && i < n; i++) {
		if (dname_equal(j->trust[i].zone->zone, zone))
			return &j->trust[i];
	}
	return NULL;
}

static bool no_ds_said(const struct zone_link *link)
{
	return link->ds.state == SEEN_NODATA || link->ds.state == SEEN_NXDOMAIN;
}

/* Only what hangs below the parent may be judged by it. Nobody asks for the keys above a zone
 * without DS; then the parent's bare word counts: to doubt it would make nothing safer. */
static struct secure judge_child(struct judging *j, struct trust *t, const struct zone_link *link,
				 const struct trust *parent)
{
	if (parent == NULL || !dname_is_within(link->zone, link->parent) ||
	    dname_equal(link->zone, link->parent))
		return dnssec_is(SECURE_UNKNOWN, "the zone above is not known");
	const struct secure *above = &parent->zone->secure;
	if (above->state == SECURE_BOGUS)
		return dnssec_bogus(BOGUS_ABOVE, above->detail);
	if (above->state == SECURE_UNKNOWN && no_ds_said(link))
		return (struct secure){ .state = SECURE_INSECURE,
					.unproven = true,
					.detail = "the zone above says that there is no DS; its "
						  "own signatures were not looked at" };
	if (above->state != SECURE_YES)
		return (struct secure){ .state = above->state,
					.unproven = above->unproven,
					.detail = above->detail };
	struct secure ds = judge_ds(j, parent, link);
	if (ds.state != SECURE_YES)
		return ds;
	t->anchor = link->ds.rrset;
	return judge_by_anchor(j, t, &link->dnskey);
}

static struct secure judge_link(struct judging *j, size_t i)
{
	const struct zone_link *link = &j->s->links[i];
	struct trust *t = &j->trust[i];
	if (j->opts->anchor == NULL)
		return dnssec_is(SECURE_UNKNOWN, "no trust anchor was given");
	if (link->parent != NULL)
		return judge_child(j, t, link, earlier(j, i, link->parent));
	if (!str_eq(link->zone, "."))
		return dnssec_is(SECURE_UNKNOWN, "the zone above is not known");
	t->anchor = j->opts->anchor;
	return judge_by_anchor(j, t, &link->dnskey);
}

/* The DS records' digests; what no validator knows is counted too. */
static uint32_t digests_of(const struct rrset *ds)
{
	uint32_t bits = 0;
	for (size_t i = 0; i < ds->n; i++) {
		struct slice rest = slice_str(ds->rdata[i]);
		uint64_t type = 0;
		(void)slice_until(&rest, ' ');
		(void)slice_until(&rest, ' ');
		if (slice_to_u64(slice_until(&rest, ' '), &type) && type < 32)
			bits |= UINT32_C(1) << type;
	}
	return bits;
}

static bool holds(const struct seen *seen, uint16_t type)
{
	return seen != NULL && seen->state == SEEN_DATA && seen->rrset != NULL &&
	       seen->rrset->type == type;
}

/* For a zone without DS nobody asked for keys on the way down; its servers were asked. */
static const struct seen *some_dnskey(const struct snapshot *s, const struct zone_link *link)
{
	if (holds(&link->dnskey, RR_DNSKEY) || s->zone == NULL || !dname_equal(s->zone, link->zone))
		return &link->dnskey;
	for (size_t i = 0; i < s->server_n; i++) {
		const struct seen *seen = server_seen(&s->servers[i], s->zone, RR_DNSKEY);
		if (holds(seen, RR_DNSKEY))
			return seen;
	}
	return &link->dnskey;
}

static void fill_facts(const struct judging *j, const struct zone_link *link,
		       struct secure_zone *zone)
{
	const struct seen *dnskey = some_dnskey(j->s, link);
	zone->zone = link->zone;
	zone->has_ds = holds(&link->ds, RR_DS);
	zone->has_dnskey = holds(dnskey, RR_DNSKEY);
	if (zone->has_ds)
		zone->ds_digests = digests_of(link->ds.rrset);
	if (zone->has_dnskey)
		(void)dnssec_keys(j->a, dnskey->rrset, zone);
}

void dnssec_judge_links(struct judging *j)
{
	for (size_t i = 0; i < j->s->link_n; i++) {
		fill_facts(j, &j->s->links[i], j->trust[i].zone);
		j->trust[i].zone->secure = judge_link(j, i);
	}
}
