/*
 * Servers with a common trait get one finding together: a firewall before eight addresses
 * is one thing to repair, not eight.
 */
#include "dns/check/rows.h"
#include "zone/dname.h"

struct check_group check_group_by(struct checking *c, check_trait_fn *trait)
{
	struct check_group g = { 0 };
	for (size_t i = 0; i < c->s->server_n; i++) {
		const struct server_view *v = &c->s->servers[i];
		const char *saw = v->state == SERVER_OK ? trait(c, v) : NULL;
		if (saw == NULL)
			continue;
		check_saw_server(c, v, saw);
		*vec_push(c->a, &g.list) = v;
	}
	return g;
}

/* One server often has two addresses, and they stand side by side or far apart. */
static bool is_named_before(const struct check_group *g, size_t at)
{
	for (size_t i = 0; i < at; i++) {
		if (dname_equal(g->list.at[i]->name, g->list.at[at]->name))
			return true;
	}
	return false;
}

const char *check_group_names(struct checking *c, const struct check_group *g)
{
	const char **names = ARENA_ARRAY(c->a, g->list.n + 1, const char *);
	size_t n = 0;
	for (size_t i = 0; i < g->list.n; i++) {
		if (!is_named_before(g, i))
			names[n++] = check_show(c, g->list.at[i]->name);
	}
	return check_show_list(c, n, names);
}

const char *check_group_subject(struct checking *c, const struct check_group *g)
{
	return g->list.n == 1 ? check_show_server(c, g->list.at[0])
			      : check_subject(c, c->s->zone, RR_NS);
}
