/*
 * Upper zones, hosts and a few other answers for many walks. An entry and all that it points to is
 * one block of the heap; a hash table finds it, and a list in order of use tells which goes first.
 */
#include <stdlib.h>

#include "dns/walk_priv.h"

enum {
	KIND_CUT,
	KIND_WORD,         /* and the word */
	KIND_TASK = 0x100, /* and the key of the wish */
	MS_A_S = 1000,
	WORD_S = 60,
};

struct entry {
	struct entry *chain;         /* of the same bucket */
	struct entry *newer, *older; /* by use */
	uint64_t hash;
	unsigned kind;
	int64_t expires_ms;        /* monotonic: who sets the clock keeps nothing longer */
	const char *name, *parent; /* parent: of a cut; of a task: the zone that answered */
	struct cut *cut;
	struct walk_task *task;
	_Alignas(max_align_t) char bytes[]; /* all of the above */
};

struct walk_cache {
	const struct clock *clock;
	size_t most, n, bucket_n; /* bucket_n: a power of two */
	struct entry **buckets;   /* owned */
	struct entry *newest, *oldest;
};

struct walk_cache *walk_cache_new(size_t most, const struct clock *clock)
{
	struct walk_cache *c = mem_alloc(sizeof(*c));
	c->clock = clock;
	c->most = most;
	for (c->bucket_n = 16; c->bucket_n < most; c->bucket_n *= 2) {
	}
	c->buckets = mem_alloc(c->bucket_n * sizeof(struct entry *));
	return c;
}

static struct entry **bucket_of(struct walk_cache *c, uint64_t hash)
{
	return &c->buckets[hash & (c->bucket_n - 1)];
}

static void unlink_use(struct walk_cache *c, struct entry *e)
{
	*(e->newer != NULL ? &e->newer->older : &c->newest) = e->older;
	*(e->older != NULL ? &e->older->newer : &c->oldest) = e->newer;
}

static void link_newest(struct walk_cache *c, struct entry *e)
{
	e->newer = NULL;
	e->older = c->newest;
	*(c->newest != NULL ? &c->newest->newer : &c->oldest) = e;
	c->newest = e;
}

static void drop(struct walk_cache *c, struct entry *e)
{
	struct entry **p = bucket_of(c, e->hash);
	while (*p != e)
		p = &(*p)->chain;
	*p = e->chain;
	unlink_use(c, e);
	c->n--;
	free(e);
}

void walk_cache_free(struct walk_cache *c)
{
	if (c == NULL)
		return;
	while (c->oldest != NULL)
		drop(c, c->oldest);
	free(c->buckets);
	free(c);
}

/* An expired one goes away when it is met. */
static struct entry *find(struct walk_cache *c, const char *name, unsigned kind)
{
	if (c == NULL)
		return NULL;
	uint64_t hash = name_hash(name, kind);
	struct entry *e = *bucket_of(c, hash);
	while (e != NULL && (e->hash != hash || e->kind != kind || !str_eq(e->name, name)))
		e = e->chain;
	if (e == NULL || clock_mono_ms(c->clock) < e->expires_ms)
		return e;
	drop(c, e);
	return NULL;
}

static struct entry *find_used(struct walk_cache *c, const char *name, unsigned kind)
{
	struct entry *e = find(c, name, kind);
	if (e == NULL)
		return NULL;
	unlink_use(c, e);
	link_newest(c, e);
	return e;
}

/* What an entry is made of: a cut, a task, or (both NULL) a word about an address. */
struct content {
	unsigned kind;
	const char *address;
	const struct cut *cut;
	const struct walk_task *task;
};

static void fill(struct entry *e, struct sink *to, const struct content *from)
{
	const struct cut *cut = from->cut != NULL ? from->cut->parent : NULL;
	e->kind = from->kind;
	if (from->cut != NULL) {
		e->cut = copy_cut(to, from->cut);
		e->name = e->cut->name;
	} else if (from->task != NULL) {
		e->task = copy_task(to, from->task);
		e->name = e->task->name;
		cut = from->task->cut;
	} else {
		e->name = copy_text(to, from->address);
	}
	e->parent = cut != NULL ? copy_text(to, cut->name) : NULL;
}

/* The first round tells the size. */
static struct entry *entry_new(const struct content *from)
{
	struct entry measured = { 0 };
	struct sink scratch = { .a = arena_new() };
	fill(&measured, &scratch, from);
	arena_free(scratch.a);
	struct entry *e = mem_alloc(sizeof(*e) + scratch.used);
	struct sink block = { .block = e->bytes };
	fill(e, &block, from);
	return e;
}

/* TTL 0 means: for this one question only (RFC 1035 §3.2.1). */
static void put(struct walk_cache *c, const struct content *from, uint32_t ttl_s)
{
	if (c == NULL || ttl_s == 0 || c->most == 0)
		return;
	struct entry *e = entry_new(from);
	struct entry *old = find(c, e->name, e->kind);
	if (old != NULL)
		drop(c, old);
	if (c->n >= c->most)
		drop(c, c->oldest);
	uint32_t keep_s = ttl_s < CACHE_MOST_S ? ttl_s : CACHE_MOST_S;
	e->expires_ms = clock_mono_ms(c->clock) + (int64_t)keep_s * MS_A_S;
	e->hash = name_hash(e->name, e->kind);
	e->chain = *bucket_of(c, e->hash);
	*bucket_of(c, e->hash) = e;
	link_newest(c, e);
	c->n++;
}

struct cut *walk_cache_cut(struct walk_cache *c, struct arena *a, const char *name,
			   const char **parent_r)
{
	struct entry *e = find_used(c, name, KIND_CUT);
	if (e == NULL)
		return NULL;
	struct sink to = { .a = a };
	*parent_r = copy_text(&to, e->parent);
	return copy_cut(&to, e->cut);
}

void walk_cache_put_cut(struct walk_cache *c, const struct cut *cut, uint32_t ttl_s)
{
	put(c, &(struct content){ .kind = KIND_CUT, .cut = cut }, ttl_s);
}

void walk_cache_good(struct walk_cache *c, const struct cut *cut)
{
	struct entry *e = find(c, cut->name, KIND_CUT);
	if (e != NULL && cut->good < e->cut->addresses.n)
		e->cut->good = cut->good;
}

const struct walk_task *walk_cache_task(struct walk_cache *c, struct arena *a,
					const struct walk_key *key, const char **zone_r)
{
	struct entry *e = find_used(c, key->name, KIND_TASK + key->wish);
	struct sink to = { .a = a };
	if (e == NULL)
		return NULL;
	*zone_r = copy_text(&to, e->parent);
	return copy_task(&to, e->task);
}

void walk_cache_put_task(struct walk_cache *c, const struct walk_task *t, unsigned wish,
			 uint32_t ttl_s)
{
	put(c, &(struct content){ .kind = KIND_TASK + wish, .task = t }, ttl_s);
}

void walk_cache_tell(struct walk_cache *c, const char *address, enum walk_word word)
{
	put(c, &(struct content){ .kind = KIND_WORD + word, .address = address }, WORD_S);
}

bool walk_cache_told(struct walk_cache *c, const char *address, enum walk_word word)
{
	return find_used(c, address, KIND_WORD + word) != NULL;
}
