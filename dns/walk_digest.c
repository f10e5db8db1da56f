/*
 * What an answer does to a line. The first useful one wins and the other servers' are given
 * up.
 */
#include "dns/walk_priv.h"

#include "zone/dname.h"

static void lower_ttl(struct line *l, uint32_t ttl_s)
{
	l->ttl = ttl_s < l->ttl ? ttl_s : l->ttl;
}

/* An alias may lead through several zones; a validator needs all that was signed on the way. */
static void keep_sections(struct line *l, const struct dns_answer *ans)
{
	struct arena *a = l->w->a;
	for (size_t i = 0; i < ans->answer_n; i++)
		*vec_push(a, &l->answer) = ans->answer[i];
	for (size_t i = 0; i < ans->authority_n; i++) {
		if (ans->authority[i]->type != RR_NS)
			*vec_push(a, &l->authority) = ans->authority[i];
	}
}

static bool any_signed(const struct line *l)
{
	for (size_t i = 0; i < l->answer.n; i++) {
		if (l->answer.at[i]->type == RR_RRSIG)
			return true;
	}
	for (size_t i = 0; i < l->authority.n; i++) {
		if (l->authority.at[i]->type == RR_RRSIG)
			return true;
	}
	return false;
}

/* The whole way in one proof, as a resolver would answer. */
static const struct seen_proof *joined_proof(struct line *l, const struct dns_answer *ans)
{
	keep_sections(l, ans);
	if (!any_signed(l))
		return NULL;
	struct seen_proof p = { l->answer.n, l->authority.n, l->answer.at, l->authority.at };
	return arena_memdup(l->w->a, &p, sizeof(p));
}

/* The observation under the name that was wished for. */
static struct seen final_seen(struct line *l, const struct dns_ask *ask)
{
	struct seen s = judge_seen(l->w->a, l->at->name, ask);
	s.question = (struct dns_question){ l->t->name, l->t->types[l->i] };
	if (l->aliases == 0)
		return s;
	s.alias = l->qname;
	if (l->answer.n > 0)
		s.proof = joined_proof(l, ask->reply.answer);
	return s;
}

static void line_end(struct line *l, enum seen_state state)
{
	struct walk_task *t = l->t;
	line_leave_scout(l);
	l->done = true;
	t->states[l->i] = state;
	if (l->aliases > 0)
		t->alias = l->qname;
	cut_host_line(l->w, t, l->i);
	walk_finish(l->w, t);
}

void line_found_cut(struct line *l, struct cut *c, enum seen_state state)
{
	line_abandon(l);
	l->t->cut = c;
	l->t->seen[l->i].question = (struct dns_question){ l->t->name, RR_NS };
	l->t->seen[l->i].state = state;
	l->t->seen[l->i].rrset = c->ns;
	line_end(l, state);
}

/* What the parent said about DS belongs to the cut, whoever asked. */
static void keep_ds(const struct line *l, const struct dns_answer *ans)
{
	const struct walk_task *t = l->t;
	struct cut *c = name_map_find(&l->w->cuts, t->name, 0);
	if (t->types[l->i] != RR_DS || l->aliases > 0 || c == NULL || c->ds_known)
		return;
	c->ds = t->seen[l->i];
	c->ds_known = true;
	if (c->parent == l->at)
		c->parent = cut_between(l->w, l->at, t->name, ans);
}

/* The server may hold a zone below as well, and answer from it without a referral: the SOA of a
 * denial tells. */
static struct cut *cut_of_answer(const struct line *l, const struct judgement *j)
{
	bool deeper = j->set == NULL && j->soa_owner != NULL &&
		      !dname_equal(j->soa_owner, l->at->name);
	return deeper ? cut_shared(l->w, l->at, j->soa_owner) : l->at;
}

static void line_take(struct line *l, const struct judgement *j, const struct dns_ask *ask)
{
	struct walk_task *t = l->t;
	bool data = j->verdict == VERDICT_DATA;
	t->seen[l->i] = final_seen(l, ask);
	t->by[l->i] = ask->address;
	t->sets[l->i] = data ? j->set : NULL;
	t->cut = cut_of_answer(l, j);
	lower_ttl(l, data ? j->set->ttl : t->seen[l->i].negative_ttl);
	keep_ds(l, ask->reply.answer);
	line_end(l, data                             ? SEEN_DATA
		    : j->verdict == VERDICT_NXDOMAIN ? SEEN_NXDOMAIN
						     : SEEN_NODATA);
}

/* A negative answer to the question where the zone begins. The server may also hold a
 * zone between: then that one's own NS set is asked for. */
static void cut_negative(struct line *l, const struct judgement *j, const struct dns_ask *ask)
{
	struct walk_task *t = l->t;
	struct cut *at = l->at;
	bool nxdomain = j->verdict == VERDICT_NXDOMAIN;
	if (j->soa_owner != NULL && !dname_equal(j->soa_owner, at->name) &&
	    !dname_equal(j->soa_owner, l->qname) && !nxdomain) {
		l->qname = j->soa_owner;
		l->tried = 0;
		l->all = false;
		return;
	}
	struct arena *a = l->w->a;
	t->note = arena_printf(a, "%s for %s from %s, a server of %s",
			       nxdomain ? "NXDOMAIN" : "no delegation", dname_show(a, t->name),
			       ask->address,
			       str_eq(at->name, ".") ? "the root" : dname_show(a, at->name));
	t->cut = at;
	t->seen[0] = final_seen(l, ask);
	line_end(l, nxdomain ? SEEN_NXDOMAIN : SEEN_NODATA);
}

/* The server of the parent holds the child too and answers for it: no referral tells. */
static void cut_passed(struct line *l, const struct judgement *j, const struct dns_ask *ask)
{
	struct cut *c = cut_learn(l->w, l->at, j->set, ask);
	if (c == NULL) {
		line_fail(l, "there are too many zones on the way");
		return;
	}
	c->ns_by_child = true;
	if (c->addresses.n == 0)
		*vec_push(l->w->a, &c->addresses) = (struct cut_address){ "", ask->address };
	l->t->seen[0] = final_seen(l, ask);
	line_found_cut(l, c, dname_equal(l->qname, l->t->name) ? SEEN_DATA : SEEN_NODATA);
}

/* Others than the wished cut only bring the line a level deeper. */
static void line_referred(struct line *l, const struct judgement *j, const struct dns_ask *ask)
{
	l->at->work->delegates = true;
	struct cut *c = cut_learn(l->w, l->at, j->set, ask);
	if (c == NULL) {
		line_fail(l, "there are too many zones on the way");
		return;
	}
	line_leave_scout(l);
	if (!l->t->find_cut || !dname_equal(c->name, l->t->name))
		return;
	l->t->seen[0] = judge_seen(l->w->a, l->at->name, ask);
	line_found_cut(l, c, SEEN_DATA);
}

/* The answer may go on at the target, which counts while the server may speak for it. */
static bool speaks_of(const struct line *l, const struct dns_answer *ans, const char *target)
{
	size_t n = ans->answer_n;
	return cut_for(l->w, target) == l->at &&
	       (dns_section_find(ans->answer, n, target, l->t->types[l->i]) != NULL ||
		dns_section_find(ans->answer, n, target, RR_CNAME) != NULL);
}

/* Follows it within the answer. False when it leads elsewhere: the line starts again there, or
 * has failed. *ask is then about the target. */
static bool follow_alias(struct line *l, struct judgement *j, struct dns_ask *ask)
{
	const struct dns_answer *ans = ask->reply.answer;
	while (j->verdict == VERDICT_ALIAS) {
		const struct rrset *set = dns_section_find(ans->answer, ans->answer_n, l->qname,
							   RR_CNAME);
		lower_ttl(l, set->ttl);
		line_leave_scout(l);
		l->qname = j->target;
		l->fresh = l->fresh || walk_is_fresh(l->w, j->target);
		l->tried = 0;
		l->all = false;
		if (++l->aliases > ALIASES_MAX) {
			line_fail(l, "its aliases never end");
			return false;
		}
		if (!speaks_of(l, ans, j->target)) {
			keep_sections(l, ans);
			return false;
		}
		ask->question.name = j->target;
		*j = judge_iterative(l->w->a, l->at->name, ask);
	}
	return true;
}

static void line_useful(struct line *l, struct judgement *j, struct dns_ask *ask)
{
	l->steps++;
	if (j->verdict == VERDICT_REFERRAL)
		line_referred(l, j, ask);
	else if (l->t->find_cut && j->verdict == VERDICT_DATA)
		cut_passed(l, j, ask);
	else if (l->t->find_cut)
		cut_negative(l, j, ask);
	else if (follow_alias(l, j, ask))
		line_take(l, j, ask);
	if (!l->done)
		walk_queue(l->w, l);
}

/* Kept for the case that no other is better: an answer says more than silence. */
static void line_useless(struct line *l, const struct dns_ask *ask)
{
	struct arena *a = l->w->a;
	bool first = l->last == NULL;
	if (first)
		l->last = ARENA_NEW(a, struct seen);
	if (first || ask->reply.outcome == DNS_ANSWERED) {
		*l->last = judge_seen(a, l->at->name, ask);
		l->t->by[l->i] = ask->address;
	}
	if (l->asks != NULL)
		return;
	l->all = true;
	l->hedge_ms = 0;
	walk_queue(l->w, l);
}

void line_digest(struct line *l, struct walk_ask *wa)
{
	struct dns_ask ask = wa->ask; /* an alias changes its question */
	struct judgement j = judge_iterative(l->w->a, l->at->name, &ask);
	if (j.verdict == VERDICT_USELESS) {
		line_useless(l, &ask);
		return;
	}
	line_abandon(l);
	cut_good(l->w, l->at, wa->server);
	line_useful(l, &j, &ask);
}
