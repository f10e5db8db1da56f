/*
 * The gate of the SPF record: by what receivers reach when they follow it, not by its words. What
 * an include of the record's own leads to needs no second one.
 */
#include "dns/spf_tree.h"
#include "flow/gates_priv.h"
#include "flow/spf_edit.h"
#include "zone/dname.h"

/* What one record comes to, and whose it is. */
struct judged {
	enum spf_cover cover;
	const struct spf_tree *tree;
	const struct rrset *txt;
	const char *address; /* NULL: the record that the switch will write */
};

static struct judged judge(struct arena *a, const struct gate_evidence *ev, const struct rrset *txt)
{
	const struct spf_tree *t = spf_tree_with(a, ev->audit->snap, txt);
	return (struct judged){ spf_tree_judge(t, a, ev->project->target_spf), t, txt, NULL };
}

/* A record that the switch will write counts as well: SPF changes together with the MX, not
 * before. NULL: the plan leaves it as it is. */
static const struct rrset *planned(const struct gate_evidence *ev)
{
	for (size_t i = 0; ev->plan != NULL && i < ev->plan->switching->n; i++) {
		const struct change *c = &ev->plan->switching->changes[i];
		if (c->type == RR_TXT && dname_equal(c->name, ev->project->domain))
			return c->after;
	}
	return NULL;
}

/* Receivers ask any server: the worst of those whose TXT can be read counts. A sure no outweighs a
 * doubt. False: none can be read. */
static bool worst_of_servers(struct arena *a, const struct gate_evidence *ev, struct judged *worst)
{
	static const int weight[] = {
		[SPF_COVERS] = 0, [SPF_COVER_UNREAD] = 1, [SPF_GIVES_UP] = 2, [SPF_COVERS_NOT] = 3
	};
	const struct snapshot *snap = ev->audit->snap;
	bool any = false;
	for (size_t i = 0; i < snap->server_n; i++) {
		const struct seen *seen = server_seen(&snap->servers[i], ev->project->domain,
						      RR_TXT);
		if (seen == NULL || seen->state > SEEN_NXDOMAIN)
			continue;
		struct judged j = judge(a, ev, seen->state == SEEN_DATA ? seen->rrset : NULL);
		j.address = snap->servers[i].address;
		if (!any || weight[j.cover] > weight[worst->cover])
			*worst = j;
		any = true;
	}
	return any;
}

static void may_send(struct arena *a, const struct gate_evidence *ev, struct gate *g,
		     const struct judged *j)
{
	const char *term = ev->project->target_spf;
	if (!spf_has(a, j->txt, term))
		gate_open(a, g, "the SPF record leads to %s through what it includes", term);
	else if (j->address == NULL)
		gate_open(a, g, "the switch puts %s into the SPF record", term);
	else
		gate_open(a, g, "the SPF record holds %s", term);
}

static void gives_up(struct arena *a, const struct gate_evidence *ev, struct gate *g,
		     const struct judged *j)
{
	const struct spf_tree *t = j->tree;
	if (t->loop != NULL)
		gate_close(
			a, g, "take out the include that leads back, then `cutover plan`",
			"the SPF record leads to %s, but at %s it leads back to itself: receivers "
			"give up",
			ev->project->target_spf, dname_show(a, t->loop));
	else
		gate_close(a, g,
			   "take an include out that sends no more, or replace it by its ip4: and "
			   "ip6: terms; then `cutover plan`",
			   "the SPF record leads to %s, but needs %zu DNS look-ups, and "
			   "receivers give up at %d",
			   ev->project->target_spf, t->lookups, SPF_LOOKUPS_MAX);
	gate_about(a, g, arena_printf(a, "%s given up", ev->project->target_spf));
}

static void is_unread(struct arena *a, const struct gate_evidence *ev, struct gate *g,
		      const struct judged *j)
{
	const char *name = spf_tree_unread(j->tree);
	gate_unknown(
		a, g, "plan again (`cutover plan`): it puts the term into the record itself",
		"the SPF record at %s does not hold %s; whether something that it includes does "
		"could not be told: %s%s",
		j->address, ev->project->target_spf, name != NULL ? dname_show(a, name) : "",
		name != NULL ? " could not be read" : "a part of it is chosen by macros");
}

void gate_spf_covers_target(struct arena *a, const struct gate_evidence *ev, struct gate *g)
{
	const struct project *p = ev->project;
	if (p->target_spf == NULL) {
		gate_close(a, g, "write target.spf (what the new provider asks for, \"include:…\")",
			   "the project does not say which SPF term covers the new provider");
		gate_about(a, g, "no term");
		return;
	}
	const struct rrset *after = planned(ev);
	struct judged j = { .cover = SPF_COVERS_NOT };
	if (after != NULL)
		j = judge(a, ev, after);
	bool writes_it = j.cover == SPF_COVERS || j.cover == SPF_GIVES_UP;
	bool any = writes_it || worst_of_servers(a, ev, &j);
	gate_about(a, g, p->target_spf);
	if (j.cover == SPF_COVERS)
		may_send(a, ev, g, &j);
	else if (j.cover == SPF_GIVES_UP)
		gives_up(a, ev, g, &j);
	else if (j.cover == SPF_COVER_UNREAD)
		is_unread(a, ev, g, &j);
	else
		gate_close(a, g, "plan again: `cutover plan`",
			   "neither the plan nor %s has %s in the SPF record",
			   any ? j.address : "any server", p->target_spf);
}
