/*
 * What a receiver meets on its way down the tree: limits, holes and circles. A loop is said
 * alone, for it has no number of lookups; and a hole is no void lookup.
 */
#include "dns/check/spf.h"
#include "zone/dname.h"

/* Where the lookups go: "include:a.net 4, include:b.net 9, mx 1". */
static const char *show_costs(struct checking *c, const struct spf_tree *t)
{
	const struct spf_record *r = t->nodes[0].record;
	struct buf b;
	buf_init(&b);
	for (size_t i = 0; i < r->n && b.len < 400; i++) {
		const struct spf_directive *d = &r->directives[i];
		bool leads = d->kind == SPF_INCLUDE || d->kind == SPF_REDIRECT;
		for (size_t k = 0; leads && d->name != NULL && k < t->n; k++) {
			if (dname_equal(t->nodes[k].view->name, d->name))
				buf_addf(&b, "%s%s %zu", b.len > 0 ? ", " : "",
					 check_show(c, d->name), t->nodes[k].lookups + 1);
		}
	}
	const char *text = arena_slice(c->a, buf_slice(&b));
	buf_release(&b);
	return text;
}

static void report_crowded(struct checking *c, const struct spf_tree *t)
{
	spf_report(c, NULL,
		   arena_printf(c->a,
				"an \"mx\" term in the SPF of %s asks for %s, which has more than "
				"10 MX hosts; receivers then ignore the whole record",
				check_show(c, c->s->domain), check_show(c, t->crowded_mx)),
		   arena_printf(c->a, "name the hosts of %s by ip4: and ip6: instead of \"mx\"",
				check_show(c, t->crowded_mx)));
}

void spf_lookups(struct checking *c)
{
	const struct spf_tree *t = c->spf;
	if (t->crowded_mx != NULL)
		report_crowded(c, t);
	if (t->loop != NULL || t->lookups <= SPF_LOOKUPS_MAX)
		return;
	const char *costs = show_costs(c, t);
	spf_saw_everywhere(c);
	spf_report(c, NULL,
		   arena_printf(c->a,
				"the SPF of %s needs %zu DNS lookups; receivers stop after 10 and "
				"ignore the whole record%s%s",
				check_show(c, c->s->domain), t->lookups,
				costs[0] != '\0' ? ". Most are in: " : "", costs),
		   "take out includes of services that no longer send, or replace names by their "
		   "networks (ip4:, ip6:), until 10 are left");
}

void spf_void_lookups(struct checking *c)
{
	const struct spf_tree *t = c->spf;
	if (t->void_n <= SPF_VOIDS_MAX)
		return;
	const char *list = check_show_list(c, t->void_n, t->voids);
	spf_saw_everywhere(c);
	spf_report(c, NULL,
		   arena_printf(c->a,
				"%zu terms in the SPF of %s name what does not exist (%s); many "
				"receivers stop after 2 such answers",
				t->void_n, check_show(c, c->s->domain), list),
		   arena_printf(c->a, "take these terms out, or correct their names: %s", list));
}

/* NULL when the record at a node is one, or when it could not be read. */
static const char *what_is_broken(const struct spf_node *node)
{
	if (node->view->n > 1)
		return "which has more than one SPF record";
	if (node->view->n == 1)
		return NULL;
	switch (node->view->state) {
	case SEEN_NXDOMAIN: return "which does not exist";
	case SEEN_DATA:
	case SEEN_NODATA: return "which has no SPF record";
	default: return NULL;
	}
}

void spf_include_broken(struct checking *c)
{
	const struct spf_tree *t = c->spf;
	for (size_t i = 1; i < t->n; i++) {
		const struct spf_node *node = &t->nodes[i];
		const char *what = node->reached ? what_is_broken(node) : NULL;
		if (what == NULL)
			continue;
		const char *name = check_show(c, node->view->name);
		const char *via = node->view->via != NULL ? node->view->via : "include";
		spf_saw_record(c, node->view);
		spf_report(c, check_subject(c, node->view->name, RR_TXT),
			   arena_printf(c->a,
					"the SPF of %s has %s %s, %s; receivers then ignore the "
					"whole record",
					check_show(c, node->from), via, name, what),
			   arena_printf(c->a,
					"take the %s of %s out of the v=spf1 record of %s, or "
					"correct its name",
					via, name, check_show(c, node->from)));
	}
}

void spf_include_loop(struct checking *c)
{
	const struct spf_tree *t = c->spf;
	if (t->loop == NULL)
		return;
	const char *name = check_show(c, t->loop);
	spf_saw_everywhere(c);
	spf_report(
		c, check_subject(c, t->loop, RR_TXT),
		arena_printf(c->a,
			     "the SPF of %s leads to the one of %s, which leads back to itself; "
			     "receivers go round until their limit and ignore the whole record",
			     check_show(c, c->s->domain), name),
		arena_printf(c->a, "take out the include or redirect that leads back to %s", name));
}
