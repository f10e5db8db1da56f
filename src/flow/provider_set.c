/*
 * Two dozen small documents are read in a few milliseconds: simpler than knowing which one is meant
 * before reading it.
 */
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
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
	size_t table_n;
	const struct registrar **table; /* NULL-terminated */
};

static const struct registrar *const coded[] = {
	&registrar_manual,
	&registrar_rfc2136,
	&registrar_zonefile,
};
enum { CODED_N = sizeof(coded) / sizeof(coded[0]), DESCRIPTION_MAX = 1 << 20 };

static int by_name(const void *x, const void *y)
{
	const struct registrar *const *a = x;
	const struct registrar *const *b = y;
	return strcmp((*a)->name, (*b)->name);
}

static struct provider_set *set_new(size_t coded_n, size_t described_n)
{
	struct provider_set *s = mem_alloc(sizeof(*s));
	s->a = arena_new();
	s->described = ARENA_ARRAY(s->a, described_n, struct described *);
	s->table = ARENA_ARRAY(s->a, coded_n + described_n + 1, const struct registrar *);
	for (size_t i = 0; i < coded_n; i++)
		s->table[s->table_n++] = coded[i];
	return s;
}

static int add_described(struct provider_set *s, const char *name, struct slice text, struct err *e)
{
	struct described *d = described_new(name, text, e);
	if (d == NULL)
		return -1;
	s->described[s->n++] = d;
	s->table[s->table_n++] = described_registrar(d);
	return 0;
}

struct provider_set *provider_set_new(struct err *e)
{
	struct provider_set *s = set_new(CODED_N, builtin_n);
	for (size_t i = 0; i < builtin_n; i++) {
		struct slice text = { (const char *)builtins[i].text, builtins[i].len };
		if (add_described(s, builtins[i].name, text, e) != 0) {
			e->kind = ERR_BUG;
			provider_set_free(s);
			return NULL;
		}
	}
	qsort(s->table, s->table_n, sizeof(s->table[0]), by_name);
	return s;
}

struct provider_set *provider_set_of_file(const char *path, struct err *e)
{
	struct provider_set *s = set_new(0, 1);
	struct buf text;
	buf_init(&text);
	int rc = file_read(path, DESCRIPTION_MAX, &text, e);
	if (rc == 0)
		rc = add_described(s, path, buf_slice(&text), e);
	buf_release(&text);
	if (rc == 0)
		return s;
	e->kind = ERR_USAGE;
	provider_set_free(s);
	return NULL;
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

const struct registrar *provider_set_find(const struct provider_set *s, const char *name)
{
	for (size_t i = 0; name != NULL && s->table[i] != NULL; i++) {
		if (str_eq(s->table[i]->name, name))
			return s->table[i];
	}
	return NULL;
}
