/*
 * The MTA-STS id and the policy are kept as one value, though they come from the DNS and from a web
 * server: what a sender has in its cache is the pair as it was at one moment, and a clock that knew
 * only one of them could count from the wrong change.
 */
#include "flow/observed.h"

#include "base/json.h"
#include "base/vec.h"
#include "dns/sts_policy.h"
#include "dns/sts_record.h"

const char *observed_subject(struct arena *a, const char *name, uint16_t type)
{
	return arena_printf(a, "%s %s", name, rr_type_name(a, type));
}

/* The id of the first record that is one; two records are an error that a check tells. */
static const char *record_id(struct arena *a, const struct snapshot *snap)
{
	const struct rrset *txt = NULL;
	const char *name = arena_printf(a, "_mta-sts.%s", snap->domain);
	struct slice id;
	for (size_t i = 0; txt == NULL && i < snap->server_n; i++) {
		const struct server_view *v = &snap->servers[i];
		const struct seen *seen = snapshot_follow(snap, server_seen(v, name, RR_TXT));
		txt = seen != NULL && seen->state == SEEN_DATA ? seen->rrset : NULL;
	}
	for (size_t i = 0; txt != NULL && i < txt->n; i++)
		if (sts_record_wrong(txt_join(a, txt->rdata[i]), &id) == NULL)
			return arena_slice(a, id);
	return NULL;
}

bool observed_sts_of(struct arena *a, const struct snapshot *snap, struct observed_sts *sts_r)
{
	struct sts_policy policy;
	const char *id = record_id(a, snap);
	if (id == NULL || snap->sts.fetch != STS_FETCHED ||
	    sts_policy_wrong(a, slice_str(snap->sts.body), &policy) != NULL)
		return false;
	const char **mx = ARENA_ARRAY(a, policy.mx_n + 1, const char *);
	for (size_t i = 0; i < policy.mx_n; i++)
		mx[i] = policy.mx[i];
	*sts_r = (struct observed_sts){ id, policy.max_age_s, mx, policy.mode != STS_MODE_ENFORCE };
	return true;
}

struct js *observed_sts_to_js(const struct observed_sts *sts)
{
	struct js *v = js_object();
	struct js *mx = js_array();
	for (const char *const *one = sts->mx; one != NULL && *one != NULL; one++)
		js_push(mx, js_string(*one));
	js_set_str(v, "id", sts->id);
	js_set_int(v, "max_age", sts->max_age_s);
	js_set(v, "mx", mx);
	if (sts->is_lax)
		js_set_bool(v, "lax", true);
	return v;
}

bool observed_sts_from(struct arena *a, const char *text, struct observed_sts *sts_r)
{
	struct err e = { 0 };
	struct js *v = js_parse(slice_str(text), &e);
	const struct js *list = js_get(v, "mx");
	bool ok = js_is_object(v) && js_get_str(v, "id")[0] != '\0';
	const char **mx = ARENA_ARRAY(a, js_len(list) + 1, const char *);
	for (size_t i = 0; i < js_len(list); i++)
		mx[i] = arena_strdup(a, js_str(js_at(list, i)));
	*sts_r = (struct observed_sts){ arena_strdup(a, js_get_str(v, "id")),
					(uint32_t)(js_get_int(v, "max_age") & UINT32_MAX), mx,
					js_get_bool(v, "lax") };
	js_free(v);
	return ok;
}

bool observed_sts_equal(const struct observed_sts *a, const struct observed_sts *b)
{
	size_t i = 0;
	if (!str_eq(a->id, b->id) || a->max_age_s != b->max_age_s)
		return false;
	while (a->mx[i] != NULL && b->mx[i] != NULL && str_eq(a->mx[i], b->mx[i]))
		i++;
	return a->mx[i] == NULL && b->mx[i] == NULL;
}
