/*
 * The plan's identity and its document.
 */
#include "flow/plan_priv.h"

#include "base/digest.h"
#include "base/json.h"

/* Over all sets: what a person reviewed is what is applied, or the plan is refused. The two that
 * most plans leave empty count only when they are not. */
const char *plan_hash(struct arena *a, const struct plan *plan)
{
	char *hex = arena_alloc(a, SHA256_HEX_LEN + 1);
	const char *all = arena_printf(a, "%s %s", change_set_hash(a, plan->staging),
				       change_set_hash(a, plan->switching));
	if (plan->policy->n > 0)
		all = arena_printf(a, "%s policy %s", all, change_set_hash(a, plan->policy));
	if (plan->cleanup->n > 0)
		all = arena_printf(a, "%s cleanup %s", all, change_set_hash(a, plan->cleanup));
	sha256_hex_of(slice_str(all), hex);
	return hex;
}

static void add_wish(struct buf *b, const char *text)
{
	buf_addf(b, "%s\n", text != NULL ? text : "-");
}

const char *plan_wishes(struct arena *a, const struct project *p)
{
	struct buf b;
	char *hex = arena_alloc(a, SHA256_HEX_LEN + 1);
	buf_init(&b);
	add_wish(&b, p->domain);
	if (p->target_mx != NULL)
		rrset_print(p->target_mx, &b);
	buf_addf(&b, "%u %u %u\n", p->target_mx_ttl, p->policy.staged_mx_ttl, p->policy.max_mx_ttl);
	add_wish(&b, p->target_spf);
	add_wish(&b, p->target_autodiscover);
	add_wish(&b, p->ownership_name);
	add_wish(&b, p->ownership_txt);
	add_wish(&b, p->ownership_keep);
	add_wish(&b, p->source_spf);
	buf_addf(&b, "%u\n", p->target_settled_mx_ttl);
	for (const char *const *t = p->target_tlsa; t != NULL && *t != NULL; t++)
		add_wish(&b, *t);
	for (const char *const *h = p->source_mx; h != NULL && *h != NULL; h++)
		add_wish(&b, *h);
	for (size_t i = 0; i < p->dkim_n; i++)
		buf_addf(&b, "%s %u %s\n", p->dkim[i].name, (unsigned)p->dkim[i].type,
			 p->dkim[i].value);
	sha256_hex_of(buf_slice(&b), hex);
	buf_release(&b);
	return hex;
}

static struct js *texts_to_js(const char *const *texts)
{
	struct js *v = js_array();
	for (; texts != NULL && *texts != NULL; texts++)
		js_push(v, js_string(*texts));
	return v;
}

/* Over everything above it: a file that somebody edited after the review shows. */
static void add_digest(struct js *v)
{
	char hex[SHA256_HEX_LEN + 1];
	struct arena *a = arena_new();
	sha256_hex_of(slice_str(js_text(a, v)), hex);
	arena_free(a);
	js_set_str(v, "digest", hex);
}

struct js *plan_to_js(const struct plan *plan)
{
	struct js *v = js_object();
	js_set_int(v, "version", 1);
	js_set_str(v, "domain", plan->domain);
	js_set_str(v, "zone", plan->zone);
	js_set_str(v, "provider", plan->provider);
	if (plan->place != NULL)
		js_set_str(v, "place", plan->place);
	js_set_time(v, "made_at", plan->made_ms);
	js_set_time(v, "snapshot_at", plan->snapshot_ms);
	js_set_int(v, "max_changed_rrsets", plan->max_changed);
	js_set(v, "staging", change_set_to_js(plan->staging));
	js_set(v, "policy", change_set_to_js(plan->policy));
	js_set(v, "switch", change_set_to_js(plan->switching));
	js_set(v, "cleanup", change_set_to_js(plan->cleanup));
	js_set(v, "by_hand", texts_to_js(plan->by_hand));
	js_set_str(v, "hash", plan->hash);
	js_set_str(v, "wishes", plan->wishes);
	if (plan->behind_seq != 0)
		js_set_int(v, "behind", plan->behind_seq);
	add_digest(v);
	return v;
}

static const char *const *texts_from_js(struct arena *a, const struct js *v)
{
	size_t n = js_len(v);
	const char **list = ARENA_ARRAY(a, n + 1, const char *);
	for (size_t i = 0; i < n; i++)
		list[i] = arena_strdup(a, js_str(js_at(v, i)));
	return list;
}

/* A plan of an earlier version of this program has only the two that every plan needs. */
static const struct change_set *set_or_none(struct arena *a, const struct js *v, const char *id,
					    const struct plan *plan, struct err *e)
{
	const struct js *set = js_get(v, id);
	if (js_is_object(set))
		return change_set_from_js(a, set, e);
	struct change_set *none = ARENA_NEW(a, struct change_set);
	*none = (struct change_set){ .id = id, .zone = plan->staging->zone };
	return none;
}

static int sets_from_js(struct arena *a, const struct js *v, struct plan *plan, struct err *e)
{
	plan->staging = change_set_from_js(a, js_get(v, "staging"), e);
	if (plan->staging == NULL)
		return -1;
	plan->switching = change_set_from_js(a, js_get(v, "switch"), e);
	plan->policy = plan->switching != NULL ? set_or_none(a, v, "policy", plan, e) : NULL;
	plan->cleanup = plan->policy != NULL ? set_or_none(a, v, "cleanup", plan, e) : NULL;
	return plan->cleanup != NULL ? 0 : -1;
}

/* The hash is computed anew from what was read: an edited document cannot bring its own. */
const struct plan *plan_from_js(struct arena *a, const struct js *v, struct err *e)
{
	struct plan *plan = ARENA_NEW(a, struct plan);
	plan->made_ms = js_get_time(v, "made_at");
	plan->snapshot_ms = js_get_time(v, "snapshot_at");
	plan->domain = arena_strdup(a, js_get_str(v, "domain"));
	plan->zone = arena_strdup(a, js_get_str(v, "zone"));
	plan->provider = js_is_string(js_get(v, "provider"))
				 ? arena_strdup(a, js_get_str(v, "provider"))
				 : NULL;
	plan->place = js_is_string(js_get(v, "place")) ? arena_strdup(a, js_get_str(v, "place"))
						       : NULL;
	plan->max_changed = (unsigned)js_get_int(v, "max_changed_rrsets");
	plan->wishes = arena_strdup(a, js_get_str(v, "wishes"));
	plan->behind_seq = js_get_int(v, "behind");
	plan->by_hand = texts_from_js(a, js_get(v, "by_hand"));
	if (sets_from_js(a, v, plan, e) != 0)
		return NULL;
	plan->hash = plan_hash(a, plan);
	if (!str_eq(plan->hash, js_get_str(v, "hash"))) {
		err_set(e, ERR_REFUSED, "reading the plan of %s: its hash does not fit its content",
			plan->domain);
		err_hint(e, "the plan was edited or damaged; make a new one with `cutover plan`");
		return NULL;
	}
	return plan;
}
