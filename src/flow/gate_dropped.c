/*
 * Both sides may have fifty thousand rows: the list is sorted once, and looked up by halving.
 */
#include "flow/gate_dropped.h"

#include <stdlib.h>
#include <string.h>

#include "base/vec.h"
#include "flow/flow_priv.h"

static const char *lowered(struct arena *a, const char *address)
{
	char *text = arena_strdup(a, address);
	str_lower(text);
	return text;
}

static int compare(const void *x, const void *y)
{
	const char *const *a = x, *const *b = y;
	return strcmp(*a, *b);
}

static const char **sorted(struct arena *a, const struct copy_list *listed)
{
	const char **list = ARENA_ARRAY(a, listed->n + 1, const char *);
	for (size_t i = 0; i < listed->n; i++)
		list[i] = lowered(a, listed->mailboxes[i].address);
	if (listed->n > 0)
		qsort(list, listed->n, sizeof(*list), compare);
	return list;
}

int gate_dropped(struct flow *f, struct arena *a, const struct copy_list *listed,
		 const struct words *words, struct gate_dropped *dropped_r, struct err *e)
{
	const char *const *known;
	const char **list = sorted(a, listed);
	VEC(const char *) dropped = { 0 };
	*dropped_r = (struct gate_dropped){ 0 };
	if (migrate_addresses(f->store, a, &known, e) != 0)
		return -1;
	for (; *known != NULL; known++) {
		struct migrate_status s;
		const char *key = lowered(a, *known);
		if ((listed->n > 0 && bsearch(&key, list, listed->n, sizeof(*list), compare)) ||
		    words_removed(words, *known))
			continue;
		if (migrate_status(f->store, a, *known, &s, e) != 0)
			return -1;
		if (s.messages > 0 || s.present > 0)
			*vec_push(a, &dropped) = *known;
	}
	*dropped_r = (struct gate_dropped){ dropped.n, dropped.at };
	return 0;
}
