/*
 * Read from the snapshot where no earlier change speaks over it. What the servers do not agree on,
 * or could not be read, gives no plan: a before-image is a fact.
 */
#include "flow/picture.h"

#include "zone/dname.h"

/* A secondary with an older serial (RFC 1982) is on its way to what the newer ones show. */
static bool is_newest(const struct snapshot *snap, const struct server_view *v)
{
	for (size_t i = 0; i < snap->server_n; i++) {
		const struct server_view *other = &snap->servers[i];
		if (other->has_soa && v->has_soa &&
		    (int32_t)(other->soa.serial - v->soa.serial) > 0)
			return false;
	}
	return true;
}

/* The type's own set; an alias answers for another one. */
static const struct rrset *own_set(const struct seen *seen, const char *name)
{
	bool own = seen->state == SEEN_DATA && dname_equal(seen->rrset->name, name);
	return own ? seen->rrset : NULL;
}

/* What the servers with the newest serial agree on. */
static int served(const struct picture *pic, const char *name, uint16_t type,
		  const struct rrset **rrset_r, struct err *e)
{
	bool any = false;
	*rrset_r = NULL;
	for (size_t i = 0; i < pic->snap->server_n; i++) {
		const struct server_view *v = &pic->snap->servers[i];
		const struct seen *seen = server_seen(v, name, type);
		if (seen == NULL || seen->state == SEEN_UNREADABLE || seen->state == SEEN_LAME ||
		    !is_newest(pic->snap, v))
			continue;
		if (seen->state == SEEN_REFERRAL)
			return err_set(e, ERR_REFUSED,
				       "planning %s %s: the name is delegated to another zone",
				       dname_show(pic->a, name), rr_type_name(pic->a, type));
		if (any && !rrset_equal(*rrset_r, own_set(seen, name))) {
			err_set(e, ERR_REFUSED, "planning %s %s: the servers do not agree on it",
				dname_show(pic->a, name), rr_type_name(pic->a, type));
			return err_hint(e, "see `cutover audit`; plan when they show the same");
		}
		if (!any)
			*rrset_r = own_set(seen, name);
		any = true;
	}
	if (any)
		return 0;
	err_set(e, ERR_REFUSED, "planning %s %s: no authoritative server gave a readable answer",
		dname_show(pic->a, name), rr_type_name(pic->a, type));
	return err_hint(e, "see `cutover audit`; a plan is only made from what was read");
}

/* What is there as the plan sees it at this point; -1 when no server could be read. */
int picture_now(const struct picture *pic, const char *name, uint16_t type,
		const struct rrset **rrset_r, struct err *e)
{
	for (size_t i = pic->earlier.n; i-- > 0;)
		if (pic->earlier.at[i].type == type && dname_equal(pic->earlier.at[i].name, name)) {
			*rrset_r = pic->earlier.at[i].after;
			return 0;
		}
	return served(pic, name, type, rrset_r, e);
}

/* At a provider whose records have the zone's TTL, that of the SOA tells it. */
static uint32_t zone_ttl(const struct picture *pic, uint32_t otherwise)
{
	for (size_t i = 0; i < pic->snap->server_n; i++) {
		const struct server_view *v = &pic->snap->servers[i];
		if (v->has_soa && is_newest(pic->snap, v))
			return v->soa_ttl;
	}
	return otherwise;
}

static uint32_t possible_ttl(const struct picture *pic, const struct rrset *before,
			     const struct rrset *after)
{
	if ((pic->provider->capabilities & REGISTRAR_ZONE_TTL) == 0)
		return registrar_ttl(pic->provider, after->ttl);
	return before != NULL ? before->ttl : zone_ttl(pic, after->ttl);
}

bool picture_asked(const struct picture *pic, const char *name, uint16_t type)
{
	for (size_t i = 0; i < pic->snap->server_n; i++)
		if (server_seen(&pic->snap->servers[i], name, type) != NULL)
			return true;
	return false;
}

/* Nothing lowers the TTL of this MX, so how long the old one lives on is told with it. */
static const struct rrset *fit_zone_ttl(struct picture *pic, const struct rrset *before,
					const struct rrset *after, const char **why)
{
	uint32_t ttl = possible_ttl(pic, before, after);
	*why = arena_printf(pic->a, "%s (its TTL is that of all records at %s: %u s)", *why,
			    pic->provider->title, (unsigned)ttl);
	return rrset_with_ttl(pic->a, after, ttl);
}

/* The TTL that the provider can have, and what the person is told of it. One that is there already
 * is possible. */
static const struct rrset *fit_ttl(struct picture *pic, const struct rrset *before,
				   const struct rrset *after, const char **why)
{
	if (after == NULL || pic->provider == NULL)
		return after;
	if (after->type == RR_MX && (pic->provider->capabilities & REGISTRAR_ZONE_TTL) != 0)
		return fit_zone_ttl(pic, before, after, why);
	if (before != NULL && before->ttl == after->ttl)
		return after;
	uint32_t ttl = possible_ttl(pic, before, after);
	if (ttl == after->ttl)
		return after;
	*why = arena_printf(pic->a, "%s (a TTL of %u s cannot be had at %s: %u s)", *why,
			    (unsigned)after->ttl, pic->provider->title, (unsigned)ttl);
	return rrset_with_ttl(pic->a, after, ttl);
}

void picture_change(struct picture *pic, const struct rrset *before, const struct rrset *wished,
		    const char *why)
{
	const struct rrset *after = fit_ttl(pic, before, wished, &why);
	const struct rrset *some = after != NULL ? after : before;
	if (some == NULL || rrset_same(before, after)) /* as it shall be */
		return;
	*vec_push(pic->a, &pic->changes) = (struct change){
		.name = some->name,
		.type = some->type,
		.before = before,
		.after = after,
		.why = why,
	};
}

const struct rrset *picture_single(struct picture *pic, const char *name, uint16_t type,
				   uint32_t ttl, const char *rdata, struct err *e)
{
	return rrset_make(pic->a, name, type, ttl, 1, &rdata, e);
}

const struct change_set *picture_close(struct picture *pic, const char *id, struct err *e)
{
	struct change_set *cs = ARENA_NEW(pic->a, struct change_set);
	*cs = (struct change_set){
		.id = id,
		.zone = pic->snap->zone,
		.n = pic->changes.n,
		.changes = pic->changes.at,
	};
	for (size_t i = 0; i < pic->changes.n; i++)
		*vec_push(pic->a, &pic->earlier) = pic->changes.at[i];
	pic->changes.at = NULL;
	pic->changes.n = pic->changes.cap = 0;
	return change_set_check(cs, e) == 0 ? cs : NULL;
}
