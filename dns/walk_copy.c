/*
 * Deep copies: the cache must not point into the arena of one domain's audit, nor the audit into
 * the cache. The same code writes into an arena or into a block, whose size a first round into
 * a scratch arena tells.
 */
#include <string.h>

#include "dns/walk_priv.h"

enum { ALIGN = _Alignof(max_align_t) };

static void *sink_alloc(struct sink *to, size_t size)
{
	size_t at = to->used;
	to->used += (size + ALIGN - 1) / ALIGN * ALIGN;
	return to->a != NULL ? arena_alloc(to->a, size) : to->block + at;
}

static void *sink_dup(struct sink *to, const void *p, size_t size)
{
	void *copy = sink_alloc(to, size);
	if (size > 0)
		memcpy(copy, p, size);
	return copy;
}

const char *copy_text(struct sink *to, const char *text)
{
	return text != NULL ? sink_dup(to, text, strlen(text) + 1) : NULL;
}

static const struct rrset *copy_set(struct sink *to, const struct rrset *s)
{
	if (s == NULL)
		return NULL;
	struct rrset *copy = sink_dup(to, s, sizeof(*s));
	const char **rdata = sink_alloc(to, s->n * sizeof(*rdata));
	for (size_t i = 0; i < s->n; i++)
		rdata[i] = copy_text(to, s->rdata[i]);
	copy->name = copy_text(to, s->name);
	copy->rdata = rdata;
	return copy;
}

static const struct rrset *const *copy_section(struct sink *to, const struct rrset *const *list,
					       size_t n)
{
	const struct rrset **copy = sink_alloc(to, n * sizeof(const struct rrset *));
	for (size_t i = 0; i < n; i++)
		copy[i] = copy_set(to, list[i]);
	return copy;
}

static const struct seen_proof *copy_proof(struct sink *to, const struct seen_proof *p)
{
	if (p == NULL)
		return NULL;
	struct seen_proof *copy = sink_dup(to, p, sizeof(*p));
	copy->answer = copy_section(to, p->answer, p->answer_n);
	copy->authority = copy_section(to, p->authority, p->authority_n);
	return copy;
}

static struct seen copy_seen(struct sink *to, const struct seen *s)
{
	struct seen copy = *s;
	copy.question.name = copy_text(to, s->question.name);
	copy.rrset = copy_set(to, s->rrset);
	copy.alias = copy_text(to, s->alias);
	copy.note = copy_text(to, s->note);
	copy.proof = copy_proof(to, s->proof);
	return copy;
}

struct cut *copy_cut(struct sink *to, const struct cut *c)
{
	struct cut *copy = sink_dup(to, c, sizeof(*c));
	size_t n = c->addresses.n;
	copy->name = copy_text(to, c->name);
	copy->parent = NULL;
	copy->work = NULL;
	copy->ns = copy_set(to, c->ns);
	copy->ds = copy_seen(to, &c->ds);
	copy->addresses.at = sink_dup(to, c->addresses.at, n * sizeof(*c->addresses.at));
	copy->addresses.cap = n;
	for (size_t i = 0; i < n; i++) {
		struct cut_address *a = &copy->addresses.at[i];
		a->host = copy_text(to, a->host);
		a->address = copy_text(to, a->address);
	}
	return copy;
}

struct walk_task *copy_task(struct sink *to, const struct walk_task *t)
{
	struct walk_task *copy = sink_dup(to, t, sizeof(*t));
	copy->name = copy_text(to, t->name);
	copy->alias = copy_text(to, t->alias);
	copy->note = copy_text(to, t->note);
	copy->cut = NULL;
	copy->work = NULL;
	for (size_t i = 0; i < t->type_n; i++) {
		copy->seen[i] = copy_seen(to, &t->seen[i]);
		copy->by[i] = copy_text(to, t->by[i]);
		copy->sets[i] = t->sets[i] != NULL ? copy->seen[i].rrset : NULL;
	}
	return copy;
}
