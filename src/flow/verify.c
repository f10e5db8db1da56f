/*
 * A watch is a table of who (server or resolver) against what (record of a set). The time
 * of the next look is the earliest moment at which a row can change: at a resolver when
 * its cached data runs out, at a server after a growing pause, for nobody announces when a
 * secondary loads the zone.
 */
#include "flow/verify.h"

#include "base/vec.h"
#include "flow/apply.h"
#include "flow/flow_priv.h"
#include "flow/observe.h"
#include "flow/plan.h"
#include "flow/steps.h"
#include "flow/wish.h"
#include "io/wait.h"
#include "zone/dname.h"

enum { FIRST_RETRY_MS = 1000, LAST_RETRY_MS = 30 * 1000 };

typedef VEC(struct watch_row) row_list;

static int64_t retry_after(unsigned tries)
{
	int64_t ms = FIRST_RETRY_MS;
	while (tries-- > 0 && ms < LAST_RETRY_MS)
		ms *= 2;
	return ms < LAST_RETRY_MS ? ms : LAST_RETRY_MS;
}

static const char *describe(struct arena *a, const struct seen *s)
{
	switch (s->state) {
	case SEEN_DATA:
		return arena_printf(a, "%zu record%s, TTL %u", s->rrset->n,
				    s->rrset->n == 1 ? "" : "s", s->rrset->ttl);
	case SEEN_NODATA:
	case SEEN_NXDOMAIN: return "no such record";
	case SEEN_REFERRAL: return "the name is delegated away";
	case SEEN_LAME: return "not authoritative";
	case SEEN_UNREADABLE: break;
	}
	return s->note != NULL ? s->note : "no readable answer";
}

/* A row is open until something proves the wish. */
static struct watch_row row_of(struct arena *a, const struct change *c, const char *who,
			       const char *address, const struct seen *s)
{
	return (struct watch_row){
		.who = who,
		.address = address,
		.record = arena_printf(a, "%s %s", dname_show(a, c->name),
				       rr_type_name(a, c->type)),
		.as_wished = false,
		.saw = s != NULL ? describe(a, s) : "was not asked",
	};
}

/* Authoritative data has no remaining time: when it changes is not known (until_ms stays 0). */
static void watch_server(struct arena *a, row_list *rows, const struct change *c,
			 const struct server_view *server, uint32_t max_mx_ttl)
{
	const struct seen *s = server_seen(server, c->name, c->type);
	struct watch_row row = row_of(a, c, dname_show(a, server->name), server->address, s);
	if (s != NULL && s->state == SEEN_DATA)
		row.as_wished = wish_is_met(c, s->rrset, max_mx_ttl);
	else if (s != NULL && (s->state == SEEN_NODATA || s->state == SEEN_NXDOMAIN))
		row.as_wished = c->after == NULL;
	*vec_push(a, rows) = row;
}

/* A resolver's TTL counts down, so only its data is compared. What it holds runs out when
 * its remaining TTL does; a negative answer after min(SOA TTL, MINIMUM). */
static void watch_resolver(struct arena *a, row_list *rows, const struct change *c,
			   const struct resolver_view *resolver)
{
	const struct seen *s = resolver_seen(resolver, c->name, c->type);
	if (!resolver->works || s == NULL)
		return;
	struct watch_row row = row_of(a, c, "resolver", resolver->address, s);
	bool negative = s->state == SEEN_NODATA || s->state == SEEN_NXDOMAIN;
	/* Where an alias leads is another name's record. */
	bool own = s->state == SEEN_DATA && dname_equal(s->rrset->name, c->name);
	row.as_wished = own ? rrset_equal(s->rrset, c->after)
			    : (negative || s->state == SEEN_DATA) && c->after == NULL;
	if (s->state == SEEN_DATA)
		row.until_ms = s->at_ms + (int64_t)s->rrset->ttl * 1000;
	else if (negative && s->negative_ttl > 0)
		row.until_ms = s->at_ms + (int64_t)s->negative_ttl * 1000;
	*vec_push(a, rows) = row;
}

/* A server may change at any moment: look again soon. A cache cannot change before its
 * time: when only caches are awaited, sleep exactly until the first runs out. */
static int64_t next_look(const row_list *rows, unsigned tries, int64_t now_ms)
{
	int64_t soon = now_ms + retry_after(tries);
	int64_t first = INT64_MAX;
	for (size_t i = 0; i < rows->n; i++) {
		if (rows->at[i].as_wished)
			continue;
		if (rows->at[i].until_ms <= now_ms)
			return soon;
		if (rows->at[i].until_ms < first)
			first = rows->at[i].until_ms;
	}
	/* A cache that is asked in the same second may still count 0: one second more. */
	return first == INT64_MAX ? soon : first + FIRST_RETRY_MS;
}

struct watch watch_make(struct arena *a, const struct watch_input *in)
{
	const struct snapshot *snap = in->snap;
	const struct change_set *cs = in->changes;
	row_list rows = { 0 };
	struct watch w = { .at_ms = in->now_ms };
	for (size_t i = 0; i < cs->n; i++) {
		for (size_t s = 0; s < snap->server_n; s++)
			watch_server(a, &rows, &cs->changes[i], &snap->servers[s], in->max_mx_ttl);
		for (size_t r = 0; r < snap->resolver_n; r++)
			watch_resolver(a, &rows, &cs->changes[i], &snap->resolvers[r]);
	}
	if (snap->server_n == 0 && cs->n > 0)
		*vec_push(a, &rows) = (struct watch_row){ .who = "authoritative servers",
							  .address = "",
							  .record = dname_show(a, snap->domain),
							  .saw = "none was found" };
	w.rows = rows.at;
	w.n = rows.n;
	for (size_t i = 0; i < rows.n; i++)
		w.open += !rows.at[i].as_wished;
	w.next_ms = next_look(&rows, in->tries, in->now_ms);
	return w;
}

struct js *watch_to_js(const struct watch *w)
{
	struct js *v = js_object();
	struct js *list = js_array();
	for (size_t i = 0; i < w->n; i++) {
		struct js *row = js_object();
		js_set_str(row, "who", w->rows[i].who);
		js_set_str(row, "address", w->rows[i].address);
		js_set_str(row, "record", w->rows[i].record);
		js_set_bool(row, "as_wished", w->rows[i].as_wished);
		js_set_str(row, "saw", w->rows[i].saw);
		js_set_time(row, "until", w->rows[i].until_ms);
		js_push(list, row);
	}
	js_set_int(v, "version", 1);
	js_set_time(v, "at", w->at_ms);
	js_set_int(v, "open", (int64_t)w->open);
	js_set_time(v, "next", w->next_ms);
	js_set(v, "rows", list);
	return v;
}

size_t watch_from_js(struct arena *a, const struct js *v, struct watch *watch_r)
{
	const struct js *list = js_get(v, "rows");
	size_t n = js_len(list);
	struct watch_row *rows = ARENA_ARRAY(a, n + 1, struct watch_row);
	for (size_t i = 0; i < n; i++) {
		const struct js *row = js_at(list, i);
		rows[i] = (struct watch_row){
			.who = arena_strdup(a, js_get_str(row, "who")),
			.address = arena_strdup(a, js_get_str(row, "address")),
			.record = arena_strdup(a, js_get_str(row, "record")),
			.as_wished = js_get_bool(row, "as_wished"),
			.saw = arena_strdup(a, js_get_str(row, "saw")),
			.until_ms = js_get_time(row, "until"),
		};
	}
	*watch_r = (struct watch){ js_get_time(v, "at"), n, rows, (size_t)js_get_int(v, "open"),
				   js_get_time(v, "next") };
	return n;
}

int flow_watch_load(struct flow *f, struct arena *a, struct watch *watch_r, struct err *e)
{
	struct js *doc;
	*watch_r = (struct watch){ 0 };
	if (flow_get(f, DOC_VERIFY, &doc, NULL, e) != 0)
		return -1;
	if (doc != NULL)
		(void)watch_from_js(a, doc, watch_r);
	js_free(doc);
	return 0;
}

static int keep(struct flow *f, const struct watch *w, unsigned tries, struct err *e)
{
	struct js *doc = watch_to_js(w);
	js_set_int(doc, "tries", tries);
	int rc = flow_put(f, DOC_VERIFY, doc, e);
	js_free(doc);
	return rc;
}

/* How often this watch has looked in vain so far. */
static int earlier_tries(struct flow *f, unsigned *tries_r, struct err *e)
{
	struct js *doc;
	if (flow_get(f, DOC_VERIFY, &doc, NULL, e) != 0)
		return -1;
	bool open = js_get_int(doc, "open") > 0;
	*tries_r = open ? (unsigned)js_get_int(doc, "tries") + 1 : 0;
	js_free(doc);
	return 0;
}

static const struct watch_row *first_open(const struct watch *w)
{
	for (size_t i = 0; i < w->n; i++)
		if (!w->rows[i].as_wished)
			return &w->rows[i];
	return NULL;
}

/* Names one row and the number of the others: a screenful of names helps nobody who waits. */
static void conclude(struct arena *a, const struct watch *w, struct step_outcome *out)
{
	const struct watch_row *r = first_open(w);
	if (r == NULL) {
		step_done(out, "every server and resolver shows the %s (%zu answers)",
			  w->n > 0 ? "changed records" : "zone as planned", w->n);
		return;
	}
	char until[TIME_TEXT_MAX];
	const char *when = r->until_ms > w->at_ms ? arena_printf(a, " until %s at most",
								 time_format(r->until_ms, until))
						  : "";
	step_wait(out, w->next_ms, "%s %s does not show the new %s yet (%s%s); %zu of %zu open",
		  r->who, r->address, r->record, r->saw, when, w->open, w->n);
}

/* What should be seen: the records that the journal has in force, after the switch those
 * of the switch too; while nothing is in force (a person changes the panel), the plan's. */
static int wished(struct flow *f, struct arena *a, const struct plan *plan,
		  const struct change_set **cs_r, struct err *e)
{
	struct applied_group *groups;
	size_t n;
	if (flow_applied(f, a, &groups, &n, e) != 0)
		return -1;
	const struct change_set *first = plan->staging->n > 0 ? plan->staging : plan->policy;
	*cs_r = n > 0 ? applied_result(a, groups, n) : first;
	return 0;
}

int flow_watch(struct flow *f, struct arena *a, const struct snapshot *snap, struct watch *watch_r,
	       struct err *e)
{
	struct applied_group *groups;
	size_t n = 0;
	*watch_r = (struct watch){ 0 };
	if (f->store == NULL)
		return 0;
	if (flow_applied(f, a, &groups, &n, e) != 0)
		return -1;
	if (n > 0)
		*watch_r = watch_make(a, &(struct watch_input){ snap, applied_result(a, groups, n),
								f->opts.project->policy.max_mx_ttl,
								0, flow_now_ms(f) });
	return 0;
}

static int look(struct flow *f, struct arena *a, struct step_outcome *out, struct err *e)
{
	const struct plan *plan;
	const struct snapshot *snap;
	const struct change_set *cs;
	unsigned tries;
	if (flow_plan_load(f, a, &plan, e) != 0 || earlier_tries(f, &tries, e) != 0)
		return -1;
	if (plan == NULL) {
		step_stop(out, "run `cutover plan`, then `cutover stage`",
			  "there is no plan to verify");
		return 0;
	}
	if (wished(f, a, plan, &cs, e) != 0 || flow_observe(f, a, ASK_RECORDS, &snap, e) != 0)
		return -1;
	struct watch w = watch_make(a, &(struct watch_input){ snap, cs,
							      f->opts.project->policy.max_mx_ttl,
							      tries, flow_now_ms(f) });
	conclude(a, &w, out);
	return keep(f, &w, tries, e);
}

int step_verify(struct flow *f, struct step_outcome *out, struct err *e)
{
	struct arena *a = arena_new();
	int rc = look(f, a, out, e);
	arena_free(a);
	return rc;
}

/* Resolvers do not count here: their caches are what the old TTL is waited for. */
static const struct watch_row *lagging_server(const struct watch *w)
{
	for (size_t i = 0; i < w->n; i++)
		if (!w->rows[i].as_wished && !str_eq(w->rows[i].who, "resolver"))
			return &w->rows[i];
	return NULL;
}

/* Authoritative servers only, and for a limited time: a zone transfer takes seconds, and one
 * that never comes needs a person. */
int flow_await_served(struct flow *f, struct arena *a, const struct change_set *cs,
		      int64_t deadline_ms, struct err *e)
{
	for (unsigned tries = 0;; tries++) {
		const struct snapshot *snap;
		if (flow_observe(f, a, ASK_RECORDS, &snap, e) != 0)
			return -1;
		int64_t now = flow_now_ms(f);
		struct watch w = watch_make(
			a, &(struct watch_input){ snap, cs, f->opts.project->policy.max_mx_ttl,
						  tries, now });
		const struct watch_row *lag = lagging_server(&w);
		if (lag == NULL)
			return 0;
		if (now >= deadline_ms) {
			err_set(e, ERR_WAITING, "%s (%s) still shows the old %s (%s)", lag->who,
				lag->address, lag->record, lag->saw);
			return err_hint(
				e, "the change is made and journalled; look at that server, then "
				   "run the same command again");
		}
		if (wait_until(f->opts.clock, now + retry_after(tries), f->cancel, e) != 0)
			return -1;
	}
}
