/*
 * Observations are kept per authoritative address and RRset, as the RRset's JSON: the
 * clocks need to know when the last server changed and which TTL it served before.
 */
#include "flow/observe.h"

#include <inttypes.h>

#include "flow/asking.h"
#include "flow/flow_priv.h"
#include "zone/dname.h"

#define KIND_RRSET "rrset"

static const char *subject_of(struct arena *a, const char *name, uint16_t type)
{
	return arena_printf(a, "%s %s", name, rr_type_name(a, type));
}

/* No answer is no observation: that a server was silent says nothing about its zone. */
static int remember_one(struct flow *f, struct arena *a, const struct server_view *server,
			const struct seen *seen, struct err *e)
{
	bool readable = seen->state == SEEN_DATA || seen->state == SEEN_NODATA ||
			seen->state == SEEN_NXDOMAIN;
	if (!readable)
		return 0;
	struct js *value = rrset_to_js(seen->state == SEEN_DATA ? seen->rrset : NULL);
	struct observation o = {
		.kind = KIND_RRSET,
		.subject = subject_of(a, seen->question.name, seen->question.type),
		.who = server->address,
		.value = js_text(a, value),
	};
	js_free(value);
	return store_observe(f->store, &o, seen->at_ms, e);
}

/* One transaction for a whole snapshot: half of one would look as if some servers had changed
 * before others. */
static int remember(struct flow *f, struct arena *a, const struct snapshot *snap, struct err *e)
{
	if (db_begin(store_db(f->store), e) != 0)
		return -1;
	for (size_t s = 0; s < snap->server_n; s++)
		for (size_t q = 0; q < snap->servers[s].n; q++)
			if (remember_one(f, a, &snap->servers[s], &snap->servers[s].seen[q], e) !=
			    0) {
				db_rollback(store_db(f->store));
				return -1;
			}
	return db_commit(store_db(f->store), e);
}

/* A read-only store gets nothing, so `status` in a second terminal disturbs no run. */
int flow_observe(struct flow *f, struct arena *a, enum asking_depth depth,
		 const struct snapshot **snap_r, struct err *e)
{
	struct snapshot_opts opts;
	if (flow_asking(f, a, depth, &opts, e) != 0 || snapshot_take(a, &opts, snap_r, e) != 0)
		return -1;
	if (f->store == NULL || f->opts.memory != FLOW_WRITE_STORE)
		return 0;
	struct js *doc = snapshot_to_js(*snap_r);
	int rc = flow_put(f, DOC_SNAPSHOT, doc, e);
	js_free(doc);
	return rc == 0 ? remember(f, a, *snap_r, e) : -1;
}

/* ---- history ---------------------------------------------------------------------- */

/* A server served something else until `end_ms` at the latest; caches keep it longer. */
static void note_other(struct since *s, const struct rrset *rrset, int64_t end_ms)
{
	s->was_other = true;
	if (rrset == NULL)
		return;
	if (rrset->ttl > s->ttl_before)
		s->ttl_before = rrset->ttl;
	if (end_ms + (int64_t)rrset->ttl * 1000 > s->cached_until_ms)
		s->cached_until_ms = end_ms + (int64_t)rrset->ttl * 1000;
}

struct since observe_since(struct arena *a, const struct observation *rows, size_t n,
			   observe_test_fn *test, const void *ctx)
{
	struct since s = { 0 };
	for (size_t i = 0; i < n; i++) {
		struct err e;
		struct js *v = js_parse(slice_str(rows[i].value), &e);
		const struct rrset *rrset = js_is_object(v) ? rrset_from_js(a, v, &e) : NULL;
		js_free(v);
		bool now = test(rrset, ctx);
		if (now && !s.holds)
			s.since_ms = rows[i].first_ms;
		if (!now)
			note_other(&s, rrset, i + 1 < n ? rows[i + 1].first_ms : rows[i].last_ms);
		s.holds = now;
	}
	return s;
}

/* Whose memory, and the servers of which snapshot. */
struct looking {
	struct flow *f;
	struct arena *a;
	const struct snapshot *snap;
};

/* What an RRset shall be like. */
struct condition {
	struct dns_question q;
	observe_test_fn *test;
	const void *ctx;
};

/* The condition at all servers: since the last of them fulfils it. */
static int since_at_all(const struct looking *l, const struct condition *c, struct since *all_r,
			struct err *e)
{
	*all_r = (struct since){ .holds = true };
	bool any = false;
	for (size_t i = 0; i < l->snap->server_n; i++) {
		struct observation_list seen;
		struct observation like = {
			.kind = KIND_RRSET,
			.subject = subject_of(l->a, c->q.name, c->q.type),
			.who = l->snap->servers[i].address,
		};
		if (l->snap->servers[i].state != SERVER_OK)
			continue;
		if (store_observations(l->f->store, l->a, &like, &seen, e) != 0)
			return -1;
		struct since s = observe_since(l->a, seen.rows, seen.n, c->test, c->ctx);
		any = true;
		all_r->holds = all_r->holds && s.holds;
		all_r->was_other = all_r->was_other || s.was_other;
		if (s.since_ms > all_r->since_ms)
			all_r->since_ms = s.since_ms;
		if (s.ttl_before > all_r->ttl_before)
			all_r->ttl_before = s.ttl_before;
		if (s.cached_until_ms > all_r->cached_until_ms)
			all_r->cached_until_ms = s.cached_until_ms;
	}
	all_r->holds = all_r->holds && any;
	return 0;
}

static bool ttl_is_low(const struct rrset *rrset, const void *ctx)
{
	const uint32_t *limit = ctx;
	return rrset != NULL && rrset->ttl <= *limit;
}

static bool is_target_mx(const struct rrset *rrset, const void *ctx)
{
	return rrset != NULL && rrset_equal(rrset, ctx);
}

static bool has_token(const struct rrset *rrset, const void *ctx)
{
	return rrset != NULL && rrset_has(rrset, ctx);
}

static int mx_history(const struct looking *l, struct history *h, struct err *e)
{
	const struct project *p = l->f->opts.project;
	struct condition low = { { p->domain, RR_MX }, ttl_is_low, &p->policy.max_mx_ttl };
	struct condition moved = { { p->domain, RR_MX }, is_target_mx, p->target_mx };
	struct since s;
	if (since_at_all(l, &low, &s, e) != 0)
		return -1;
	if (s.holds) {
		h->mx_ttl_lowered_ms = s.since_ms;
		h->mx_old_ttl = s.was_other ? s.ttl_before : p->history.mx_old_ttl;
	}
	/* What a person did before we looked may drain later than what we saw: the later counts. */
	int64_t by_hand_ms = p->history.mx_ttl_lowered_ms;
	int64_t by_hand_end = by_hand_ms + (int64_t)p->history.mx_old_ttl * 1000;
	int64_t seen_end = h->mx_ttl_lowered_ms + (int64_t)h->mx_old_ttl * 1000;
	if (s.holds && by_hand_ms != 0 && (!s.was_other || by_hand_end > seen_end)) {
		h->mx_ttl_lowered_ms = by_hand_ms;
		h->mx_old_ttl = p->history.mx_old_ttl;
	}
	if (p->target_mx == NULL)
		return 0;
	if (since_at_all(l, &moved, &s, e) != 0)
		return -1;
	if (s.holds && s.was_other) {
		/* Not the highest TTL ever seen: what had run out before the change is gone. */
		int64_t left_ms = s.cached_until_ms - s.since_ms;
		h->mx_changed_ms = s.since_ms;
		h->mx_ttl_at_change = left_ms > 0 ? (uint32_t)((left_ms + 999) / 1000) : 0;
	} else if (s.holds) {
		h->mx_changed_ms = p->history.mx_changed_ms;
		h->mx_ttl_at_change = p->history.mx_old_ttl;
	}
	return 0;
}

/* Since when every server has the token, and the TTL of what stood there before it. */
static int txt_history(const struct looking *l, struct history *h, struct err *e)
{
	const struct project *p = l->f->opts.project;
	struct condition there = { { p->ownership_name, RR_TXT }, has_token, NULL };
	struct since s;
	if (p->ownership_txt == NULL)
		return 0;
	there.ctx = txt_quote(l->a, slice_str(p->ownership_txt));
	if (since_at_all(l, &there, &s, e) != 0)
		return -1;
	if (s.holds && s.was_other) {
		h->txt_created_ms = s.since_ms;
		h->txt_old_ttl = s.ttl_before;
	} else if (s.holds) {
		h->txt_created_ms = p->history.txt_created_ms;
		h->txt_old_ttl = p->history.txt_old_ttl;
	}
	return 0;
}

/* Without a store nothing was ever observed and the project's word is all there is. */
int flow_history(struct flow *f, struct arena *a, const struct snapshot *snap,
		 struct history *history_r, struct err *e)
{
	const struct project *p = f->opts.project;
	const struct looking l = { f, a, snap };
	*history_r = (struct history){
		.ns_changed_ms = p->history.ns_changed_ms,
		.ns_old_ttl = p->history.ns_old_ttl,
	};
	if (f->store == NULL) {
		history_r->mx_ttl_lowered_ms = p->history.mx_ttl_lowered_ms;
		history_r->mx_old_ttl = p->history.mx_old_ttl;
		history_r->mx_changed_ms = p->history.mx_changed_ms;
		history_r->mx_ttl_at_change = p->history.mx_old_ttl;
		history_r->txt_created_ms = p->history.txt_created_ms;
		history_r->txt_old_ttl = p->history.txt_old_ttl;
		return 0;
	}
	return mx_history(&l, history_r, e) == 0 ? txt_history(&l, history_r, e) : -1;
}
