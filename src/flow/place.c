/*
 * Only what says which zone is meant is compared. How we sign in and how long we wait may change at
 * any time: keys are renewed, and a rollback may have to run from another machine.
 */
#include "flow/place.h"

#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "flow/flow_priv.h"
#include "flow/provider.h"

/* Options of any provider that may differ between a change and its rollback: about who asks, and
 * the zone's id, which a session tells whether it is given or looked up. */
static bool says_no_place(const char *option)
{
	static const char *const names[] = { "account",       "client_ip", "domain_id",
					     "key_algorithm", "key_name",  "mail_setting",
					     "managed_zone",  "region",    "timeout",
					     "zone_id",       "zone_ttl" };
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (str_eq(names[i], option))
			return true;
	return false;
}

static int by_name(const void *x, const void *y)
{
	const struct project_value *const *a = x;
	const struct project_value *const *b = y;
	return strcmp((*a)->name, (*b)->name);
}

/* Sorted, for two lines of the file may change places. */
static const char *place_text(struct arena *a, const struct project *p)
{
	const struct project_value **sorted = ARENA_ARRAY(a, p->dns_option_n + 1,
							  const struct project_value *);
	size_t n = 0;
	struct buf b;
	for (size_t i = 0; i < p->dns_option_n; i++)
		if (!says_no_place(p->dns_options[i].name))
			sorted[n++] = &p->dns_options[i];
	if (n > 1)
		qsort(sorted, n, sizeof(sorted[0]), by_name);
	buf_init(&b);
	buf_adds(&b, p->dns_provider);
	for (size_t i = 0; i < n; i++)
		buf_addf(&b, "%s%s %s", i == 0 ? " (" : ", ", sorted[i]->name, sorted[i]->text);
	buf_adds(&b, n > 0 ? ")" : "");
	const char *text = arena_slice(a, buf_slice(&b));
	buf_release(&b);
	return text;
}

struct place place_of_project(const struct flow *f, struct arena *a)
{
	const struct project *p = f->opts.project;
	bool none = p->dns_provider == NULL || provider_of_project_is_by_hand(f);
	return (struct place){ .at = none ? NULL : place_text(a, p) };
}

struct place place_of_session(const struct flow *f, struct arena *a, const struct provider *p)
{
	struct place place = place_of_project(f, a);
	const char *zone = registrar_zone_id(provider_call(p));
	if (place.at != NULL && zone != NULL)
		place.zone = arena_strdup(a, zone);
	return place;
}

void place_to_js(const struct place *place, struct js *v)
{
	if (place->at != NULL)
		js_set_str(v, "place", place->at);
	if (place->zone != NULL)
		js_set_str(v, "zone_id", place->zone);
}

static const char *member(struct arena *a, const struct js *v, const char *name)
{
	const struct js *text = js_get(v, name);
	return js_is_string(text) ? arena_strdup(a, js_str(text)) : NULL;
}

struct place place_from_js(struct arena *a, const struct js *v)
{
	return (struct place){ member(a, v, "place"), member(a, v, "zone_id") };
}

static bool both_differ(const char *x, const char *y)
{
	return x != NULL && y != NULL && !str_eq(x, y);
}

bool place_differs(const struct place *was, const struct place *now)
{
	return both_differ(was->at, now->at) || both_differ(was->zone, now->zone);
}

static int compare(const struct flow *f, const struct place *was, const struct place *now,
		   struct err *e)
{
	const char *path = f->opts.project->path;
	if (both_differ(was->at, now->at)) {
		(void)err_set(e, ERR_REFUSED,
			      "it was changed at %s, and %s names %s now: there it can be neither "
			      "found nor taken back",
			      was->at, path, now->at);
		return err_hint(e, "nothing of it was written; write under `dns` what stood there "
				   "then, and run the same command again; or `cutover rollback "
				   "--by-hand` takes it back by a sheet for the panel");
	}
	if (place_differs(was, now)) {
		(void)err_set(e, ERR_REFUSED,
			      "it was changed in the zone %s at %s, and these credentials lead to "
			      "another zone of that name, %s",
			      was->zone, now->at, now->zone);
		return err_hint(e, "nothing of it was written; use the credentials of the account "
				   "that it was changed in, and run the same command again");
	}
	return 0;
}

int place_check(const struct flow *f, struct arena *a, const struct place *was, struct err *e)
{
	const struct place now = place_of_project(f, a);
	return compare(f, was, &now, e);
}

int place_check_session(const struct flow *f, struct arena *a, const struct place *was,
			const struct provider *p, struct err *e)
{
	const struct place now = place_of_session(f, a, p);
	return compare(f, was, &now, e);
}
