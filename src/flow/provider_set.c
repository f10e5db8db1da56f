/*
 * Two dozen small documents are read in a few milliseconds: simpler than knowing which one is meant
 * before reading it.
 */
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "base/vec.h"
#include "flow/provider.h"
#include "flow/provider_own.h"
#include "registrars/cpanel/cpanel.h"
#include "registrars/manual/manual.h"
#include "registrars/namecheap/namecheap.h"
#include "registrars/process/process.h"
#include "registrars/providers/builtin.h"
#include "registrars/rest/rest.h"
#include "registrars/rfc2136/rfc2136.h"
#include "registrars/route53/route53.h"
#include "registrars/zonefile/zonefile.h"

struct member {
	const struct registrar *registrar;
	struct described *described; /* owned; NULL: it is code */
	struct provider_origin origin;
};

struct provider_set {
	struct arena *a; /* owned */
	VEC(struct member) members;
	VEC(struct described *) loose; /* owned: of refused members */
	VEC(struct provider_refused) refused;
	const struct registrar **table; /* NULL-terminated */
};

static const struct registrar *const coded[] = {
	&registrar_cpanel,  &registrar_manual,  &registrar_namecheap, &registrar_process,
	&registrar_rfc2136, &registrar_route53, &registrar_zonefile,
};
enum { CODED_N = sizeof(coded) / sizeof(coded[0]), DESCRIPTION_MAX = 1 << 20 };

static struct member *member_named(const struct provider_set *s, const char *name)
{
	for (size_t i = 0; name != NULL && i < s->members.n; i++) {
		if (str_eq(s->members.at[i].registrar->name, name))
			return &s->members.at[i];
	}
	return NULL;
}

static void add_member(struct provider_set *s, const struct registrar *r, struct described *d,
		       const struct provider_origin *o)
{
	*vec_push(s->a, &s->members) = (struct member){ r, d, *o };
}

static const struct provider_origin built_in = { .trust = PROVIDER_BUILT_IN };

static int add_described(struct provider_set *s, const char *name, struct slice text, struct err *e)
{
	struct described *d = described_new(name, text, e);
	if (d == NULL)
		return -1;
	add_member(s, described_registrar(d), d, &built_in);
	return 0;
}

/* -- the user's own -- */

static void refuse_own(struct provider_set *s, struct own_description *d, const char *why)
{
	*vec_push(s->a, &s->loose) = d->described;
	*vec_push(s->a, &s->refused) = (struct provider_refused){
		d->origin.file, why, "give it an id of its own; nothing replaces another provider"
	};
}

static void add_own(struct provider_set *s, struct own_description *d)
{
	if (d->described == NULL) {
		*vec_push(s->a, &s->refused) = d->refused;
		return;
	}
	const struct registrar *r = described_registrar(d->described);
	const struct member *other = member_named(s, r->name);
	if (other == NULL)
		add_member(s, r, d->described, &d->origin);
	else if (other->origin.file == NULL)
		refuse_own(s, d, arena_printf(s->a, "there is a built-in provider '%s'", r->name));
	else
		refuse_own(s, d,
			   arena_printf(s->a, "'%s' is described in '%s' already", r->name,
					other->origin.file));
}

/* -- the set -- */

static int by_name(const void *x, const void *y)
{
	const struct registrar *const *a = x;
	const struct registrar *const *b = y;
	return strcmp((*a)->name, (*b)->name);
}

static struct provider_set *set_new(void)
{
	struct provider_set *s = mem_alloc(sizeof(*s));
	s->a = arena_new();
	return s;
}

static void make_table(struct provider_set *s)
{
	s->table = ARENA_ARRAY(s->a, s->members.n + 1, const struct registrar *);
	for (size_t i = 0; i < s->members.n; i++)
		s->table[i] = s->members.at[i].registrar;
	qsort(s->table, s->members.n, sizeof(s->table[0]), by_name);
}

static struct slice text_of(const struct builtin *b)
{
	return (struct slice){ (const char *)b->text, b->len };
}

/* Builtins have the name of a file. */
bool provider_description(const char *name, struct slice *text_r)
{
	size_t len = strlen(name);
	for (size_t i = 0; i < builtin_n; i++) {
		if (!str_starts(builtins[i].name, name) || !str_eq(builtins[i].name + len, ".json"))
			continue;
		*text_r = text_of(&builtins[i]);
		return true;
	}
	return false;
}

static int add_builtins(struct provider_set *s, struct err *e)
{
	for (size_t i = 0; i < CODED_N; i++)
		add_member(s, coded[i], NULL, &built_in);
	for (size_t i = 0; i < builtin_n; i++) {
		if (add_described(s, builtins[i].name, text_of(&builtins[i]), e) != 0) {
			e->kind = ERR_BUG;
			return -1;
		}
	}
	return 0;
}

struct provider_set *provider_set_new(struct err *e)
{
	struct provider_set *s = set_new();
	struct own_descriptions own;
	if (add_builtins(s, e) != 0) {
		provider_set_free(s);
		return NULL;
	}
	own_load(s->a, &own);
	for (size_t i = 0; i < own.n; i++)
		add_own(s, &own.at[i]);
	make_table(s);
	return s;
}

struct provider_set *provider_set_of_file(const char *path, struct err *e)
{
	struct provider_set *s = set_new();
	struct buf text;
	buf_init(&text);
	int rc = file_read(path, DESCRIPTION_MAX, &text, e);
	if (rc == 0)
		rc = add_described(s, path, buf_slice(&text), e);
	buf_release(&text);
	make_table(s);
	if (rc == 0)
		return s;
	e->kind = ERR_USAGE;
	if (e->hint[0] == '\0')
		err_hint(e, "docs/providers-described.md tells what a description holds; "
			    "`cutover providers` lists the built-in ones");
	provider_set_free(s);
	return NULL;
}

void provider_set_free(struct provider_set *s)
{
	if (s == NULL)
		return;
	for (size_t i = 0; i < s->members.n; i++)
		described_free(s->members.at[i].described);
	for (size_t i = 0; i < s->loose.n; i++)
		described_free(s->loose.at[i]);
	arena_free(s->a);
	free(s);
}

const struct registrar *const *provider_set_table(const struct provider_set *s)
{
	return s->table;
}

const struct registrar *provider_set_find(const struct provider_set *s, const char *name)
{
	const struct member *m = member_named(s, name);
	return m != NULL ? m->registrar : NULL;
}

const struct provider_origin *provider_set_origin(const struct provider_set *s,
						  const struct registrar *r)
{
	return &member_named(s, r->name)->origin;
}

struct provider_powers provider_set_powers(const struct provider_set *s, const struct registrar *r,
					   struct arena *a)
{
	const struct member *m = member_named(s, r->name);
	if (m->described == NULL) {
		const char *const *none = ARENA_ARRAY(a, 1, const char *);
		return (struct provider_powers){ none, none };
	}
	struct described_powers p = described_powers(m->described, a);
	return (struct provider_powers){ p.sends, p.writes };
}

const struct provider_refused *provider_set_refused(const struct provider_set *s, size_t *n_r)
{
	*n_r = s->refused.n;
	return s->refused.at;
}

/* -- the user's word -- */

static int refuse_unconfirmed(const struct provider_origin *o, const char *name, struct err *e)
{
	if (o->trust == PROVIDER_CHANGED)
		(void)err_set(e, ERR_REFUSED,
			      "'%s' has changed since you confirmed the provider '%s'", o->file,
			      name);
	else
		(void)err_set(e, ERR_REFUSED,
			      "the provider '%s' is described by '%s' and was not confirmed yet",
			      name, o->file);
	return err_hint(
		e,
		"see with `cutover providers %s` where it sends your credentials; if that is "
		"right, run `cutover providers %s --confirm`, once",
		name, name);
}

/* "example" is what example.json was to give. */
static bool is_file_of(const char *file, const char *name)
{
	const char *base = strrchr(file, '/');
	base = base != NULL ? base + 1 : file;
	size_t len = strlen(name);
	return strncmp(base, name, len) == 0 && str_eq(base + len, ".json");
}

static int refuse_broken(const struct provider_set *s, const char *name, struct err *e)
{
	for (size_t i = 0; i < s->refused.n; i++) {
		const struct provider_refused *r = &s->refused.at[i];
		if (!is_file_of(r->file, name))
			continue;
		(void)err_set(e, ERR_USAGE, "the description of '%s' is refused: %s", name, r->why);
		return err_hint(e, "%s",
				r->hint != NULL ? r->hint
						: "mend it: `cutover providers check FILE`");
	}
	return 0;
}

int provider_set_may_use(const struct provider_set *s, const char *name, struct err *e)
{
	const struct member *m = member_named(s, name);
	if (m == NULL)
		return name != NULL ? refuse_broken(s, name, e) : 0;
	if (m->origin.trust == PROVIDER_BUILT_IN || m->origin.trust == PROVIDER_CONFIRMED)
		return 0;
	return refuse_unconfirmed(&m->origin, name, e);
}

int provider_set_confirm(struct provider_set *s, const struct registrar *r, int64_t now_ms,
			 struct err *e)
{
	struct provider_origin *o = &member_named(s, r->name)->origin;
	if (o->trust == PROVIDER_BUILT_IN) {
		(void)err_set(e, ERR_USAGE, "the provider '%s' is built in", r->name);
		return err_hint(e, "only descriptions of your own are confirmed");
	}
	if (own_confirm(o, r, now_ms, e) != 0)
		return -1;
	o->trust = PROVIDER_CONFIRMED;
	return 0;
}
