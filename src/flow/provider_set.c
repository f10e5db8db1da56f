/*
 * Two dozen small documents are read in a few milliseconds: simpler than knowing which one is meant
 * before reading it.
 */
#include <stdlib.h>
#include <string.h>

#include "flow/provider.h"
#include "registrars/manual/manual.h"
#include "registrars/providers/builtin.h"
#include "registrars/rest/rest.h"
#include "registrars/rfc2136/rfc2136.h"
#include "registrars/zonefile/zonefile.h"

struct provider_set {
	struct arena *a; /* owned */
	size_t n;        /* of the described ones */
	struct described **described;
	const struct registrar **table; /* NULL-terminated */
};

static const struct registrar *const coded[] = {
	&registrar_manual,
	&registrar_rfc2136,
	&registrar_zonefile,
};
enum { CODED_N = sizeof(coded) / sizeof(coded[0]) };

static int by_name(const void *x, const void *y)
{
	const struct registrar *const *a = x;
	const struct registrar *const *b = y;
	return strcmp((*a)->name, (*b)->name);
}

static int read_builtin(struct provider_set *s, const struct builtin *b, struct err *e)
{
	struct slice text = { (const char *)b->text, b->len };
	struct described *d = described_new(b->name, text, e);
	if (d == NULL) {
		e->kind = ERR_BUG;
		return -1;
	}
	s->described[s->n++] = d;
	s->table[CODED_N + s->n - 1] = described_registrar(d);
	return 0;
}

struct provider_set *provider_set_new(struct err *e)
{
	struct provider_set *s = mem_alloc(sizeof(*s));
	s->a = arena_new();
	s->described = ARENA_ARRAY(s->a, builtin_n, struct described *);
	s->table = ARENA_ARRAY(s->a, CODED_N + builtin_n + 1, const struct registrar *);
	for (size_t i = 0; i < CODED_N; i++)
		s->table[i] = coded[i];
	for (size_t i = 0; i < builtin_n; i++) {
		if (read_builtin(s, &builtins[i], e) != 0) {
			provider_set_free(s);
			return NULL;
		}
	}
	qsort(s->table, CODED_N + s->n, sizeof(s->table[0]), by_name);
	return s;
}

void provider_set_free(struct provider_set *s)
{
	if (s == NULL)
		return;
	for (size_t i = 0; i < s->n; i++)
		described_free(s->described[i]);
	arena_free(s->a);
	free(s);
}

const struct registrar *const *provider_set_table(const struct provider_set *s)
{
	return s->table;
}
