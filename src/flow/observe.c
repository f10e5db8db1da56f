/*
 * Observations are kept per authoritative address and RRset, as the RRset's JSON: the
 * clocks need to know when the last server changed and which TTL it served before.
 */
#include "flow/observe.h"

#include "flow/asking.h"
#include "flow/flow_priv.h"
#include "flow/observed.h"
#include "flow/one_clock.h"

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
		.kind = OBSERVED_RRSET,
		.subject = observed_subject(a, seen->question.name, seen->question.type),
		.who = server->address,
		.value = js_text(a, value),
	};
	js_free(value);
	return store_observe(f->store, &o, seen->at_ms, e);
}

/* What the parent's servers say of the delegation: a change of it has a clock of its own. */
static int remember_delegation(struct flow *f, struct arena *a, const struct snapshot *snap,
			       struct err *e)
{
	if (snap->parent_ns == NULL)
		return 0;
	struct js *value = rrset_to_js(snap->parent_ns);
	struct observation o = {
		.kind = OBSERVED_RRSET,
		.subject = observed_subject(a, snap->zone, RR_NS),
		.who = OBSERVED_PARENT,
		.value = js_text(a, value),
	};
	js_free(value);
	return store_observe(f->store, &o, snap->ended_ms, e);
}

/* Senders keep a policy for weeks: when it changes, what it said before still counts. */
static int remember_policy(struct flow *f, struct arena *a, const struct snapshot *snap,
			   struct err *e)
{
	struct observed_sts sts;
	if (!observed_sts_of(a, snap, &sts))
		return 0;
	struct js *value = observed_sts_to_js(&sts);
	struct observation o = {
		.kind = OBSERVED_STS,
		.subject = snap->domain,
		.who = OBSERVED_POLICY,
		.value = js_text(a, value),
	};
	js_free(value);
	return store_observe(f->store, &o, snap->sts.at_ms, e);
}

static int remember_servers(struct flow *f, struct arena *a, const struct snapshot *snap,
			    struct err *e)
{
	for (size_t s = 0; s < snap->server_n; s++)
		for (size_t q = 0; q < snap->servers[s].n; q++)
			if (remember_one(f, a, &snap->servers[s], &snap->servers[s].seen[q], e) !=
			    0)
				return -1;
	return 0;
}

/* One transaction for a whole snapshot: half of one would look as if some servers had changed
 * before others. */
static int remember(struct flow *f, struct arena *a, const struct snapshot *snap, struct err *e)
{
	if (db_begin(store_db(f->store), e) != 0)
		return -1;
	if (remember_servers(f, a, snap, e) != 0 || remember_delegation(f, a, snap, e) != 0 ||
	    remember_policy(f, a, snap, e) != 0) {
		db_rollback(store_db(f->store));
		return -1;
	}
	return db_commit(store_db(f->store), e);
}

/* Everything that is looked at is told by one clock: when it is set meanwhile, it is looked at
 * again. */
static int look(struct flow *f, struct arena *a, const struct snapshot_opts *opts,
		const struct snapshot **snap_r, struct err *e)
{
	enum { TRIES = 3 };
	bool set = true;
	for (int i = 0; i < TRIES && set; i++) {
		const struct clock_start before = clock_start(f->opts.clock);
		if (flow_follow_clock(f, &before, e) != 0 || snapshot_take(a, opts, snap_r, e) != 0)
			return -1;
		const struct clock_start after = clock_start(f->opts.clock);
		set = clock_set_between(&before, &after) != 0;
	}
	return 0;
}

/* A read-only store gets nothing, so `status` in a second terminal disturbs no run. */
int flow_observe(struct flow *f, struct arena *a, enum asking_depth depth,
		 const struct snapshot **snap_r, struct err *e)
{
	struct snapshot_opts opts;
	if (flow_asking(f, a, depth, &opts, e) != 0)
		return -1;
	if (f->store == NULL || f->opts.memory != FLOW_WRITE_STORE)
		return snapshot_take(a, &opts, snap_r, e);
	if (look(f, a, &opts, snap_r, e) != 0)
		return -1;
	struct js *doc = snapshot_to_js(*snap_r);
	int rc = flow_put(f, DOC_SNAPSHOT, doc, e);
	js_free(doc);
	return rc == 0 ? remember(f, a, *snap_r, e) : -1;
}
