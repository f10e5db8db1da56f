/*
 * A finished task as the snapshot's value.
 */
#include "dns/walk.h"

/* A before AAAA, as they were asked; nobody's mail needs more addresses of one host. */
static void host_add(struct arena *a, struct host_view *h, const struct walk_task *t)
{
	size_t n = 0;
	for (size_t k = 0; k < t->type_n; k++)
		n += t->sets[k] != NULL ? t->sets[k]->n : 0;
	n = n < HOST_ADDRESSES_MAX ? n : HOST_ADDRESSES_MAX;
	const char **list = ARENA_ARRAY(a, n, const char *);
	for (size_t k = 0; k < t->type_n; k++) {
		for (size_t i = 0; t->sets[k] != NULL && i < t->sets[k]->n && h->n < n; i++)
			list[h->n++] = t->sets[k]->rdata[i];
	}
	h->addresses = list;
}

struct host_view walk_host_view(struct arena *a, const struct walk_task *t)
{
	struct host_view h = { .name = t->name, .alias = t->alias, .state = SEEN_NODATA };
	host_add(a, &h, t);
	for (size_t k = 0; k < t->type_n && h.n == 0; k++) {
		if (t->states[k] == SEEN_UNREADABLE || h.state == SEEN_UNREADABLE)
			h.state = SEEN_UNREADABLE;
		else if (t->states[k] == SEEN_NXDOMAIN)
			h.state = SEEN_NXDOMAIN;
	}
	if (h.n > 0)
		h.state = SEEN_DATA;
	return h;
}
