/*
 * What was heard goes into a list behind a mutex; all else belongs to the thread: the keys that
 * it has met, the signatures whose keys have not come yet, and the cache. Whose keys to trust is
 * no question here. A hostile zone can make it work for nothing, but not much: it has a budget of
 * its own beside the judgement's.
 */
#include "dns/dnssec_ahead.h"

#include <pthread.h>
#include <stdlib.h>

#include "base/digest.h"
#include "base/vec.h"
#include "dns/dnssec_priv.h"
#include "zone/dname.h"

enum {
	TRIES_MAX = 64,    /* signatures; the lab's richest healthy zone needs 22 */
	KEY_SETS_MAX = 16, /* different ones; a chain has one a zone */
	WAITING_MAX = 512, /* signatures whose keys have not come */
};

struct heard {
	struct heard *next;
	const struct rrset *keys; /* a DNSKEY set; NULL */
	const struct seen_proof *proof;
};

struct waiting {
	const struct rrset *set;
	struct rrsig sig;
};

struct dnssec_ahead {
	pthread_mutex_t mutex; /* of the four below */
	pthread_cond_t more;
	struct heard *first, **last;
	bool ended;   /* nothing more will be heard */
	bool dropped; /* nor is the rest wanted */
	/* Of whoever made it. */
	pthread_t thread;
	bool begun, no_thread, joined;
	/* The thread's, until it is joined. */
	int64_t now_ms;
	struct arena *a;
	struct dnssec_cache *cache;
	unsigned tries_left;
	size_t set_n;
	const struct rrset *sets[KEY_SETS_MAX];
	struct zone_keys *keys[KEY_SETS_MAX]; /* those of sets[i] */
	VEC(struct waiting) waiting;
};

static void try_key(struct dnssec_ahead *ah, const struct waiting *w, const struct zone_keys *keys,
		    const struct zone_key *key)
{
	unsigned char mark[SHA256_LEN];
	bool fits = false;
	size_t cost = 1 + w->set->n / 16; /* a large set costs as much as many small ones */
	if (key->tag != w->sig.tag || key->algorithm != w->sig.algorithm || cost > ah->tries_left)
		return;
	dnssec_mark(w->set, w->sig.rdata, keys->zone, key, mark);
	if (dnssec_cache_get(ah->cache, mark, &fits))
		return;
	ah->tries_left -= (unsigned)cost;
	fits = dnssec_fits(w->set, w->sig.rdata, keys->zone, key->rdata);
	dnssec_cache_put(ah->cache, mark, fits);
}

static void try_keys(struct dnssec_ahead *ah, const struct waiting *w, const struct zone_keys *keys)
{
	for (size_t i = 0; i < keys->n; i++)
		try_key(ah, w, keys, &keys->at[i]);
}

/* Each server sends the same keys. What waited for new ones is tried; it stays in the list, for
 * another server may have other keys. */
static void take_keys(struct dnssec_ahead *ah, const struct rrset *set)
{
	for (size_t i = 0; i < ah->set_n; i++) {
		if (dname_equal(ah->sets[i]->name, set->name) && rrset_equal(ah->sets[i], set))
			return;
	}
	if (ah->set_n >= KEY_SETS_MAX)
		return;
	struct zone_keys *keys = dnssec_keys(ah->a, set, NULL);
	ah->sets[ah->set_n] = set;
	ah->keys[ah->set_n++] = keys;
	for (size_t i = 0; i < ah->waiting.n; i++) {
		if (dname_equal(ah->waiting.at[i].sig.signer, keys->zone))
			try_keys(ah, &ah->waiting.at[i], keys);
	}
}

static void take_signature(struct dnssec_ahead *ah, const struct rrset *set, const char *rdata)
{
	struct waiting w = { .set = set };
	bool in_time = dnssec_read_rrsig(ah->a, ah->now_ms, rdata, &w.sig) &&
		       w.sig.begins_ms <= ah->now_ms && w.sig.ends_ms >= ah->now_ms;
	if (!in_time || ah->waiting.n >= WAITING_MAX)
		return;
	*vec_push(ah->a, &ah->waiting) = w;
	for (size_t i = 0; i < ah->set_n; i++) {
		if (dname_equal(w.sig.signer, ah->keys[i]->zone))
			try_keys(ah, &w, ah->keys[i]);
	}
}

/* The set that the signature is over, when it came beside it. */
static void take_covered(struct dnssec_ahead *ah, const struct rrset *const *sets, size_t n,
			 const struct rrset *signatures)
{
	for (size_t i = 0; i < n; i++) {
		const struct rrset *set = sets[i];
		struct slice covered = slice_str(rr_type_name(ah->a, set->type));
		if (set->type == RR_RRSIG || !dname_equal(set->name, signatures->name))
			continue;
		for (size_t k = 0; k < signatures->n && k < DNSSEC_SIGS_MAX; k++) {
			struct slice rest = slice_str(signatures->rdata[k]);
			if (slice_eq(slice_until(&rest, ' '), covered))
				take_signature(ah, set, signatures->rdata[k]);
		}
	}
}

static void take_section(struct dnssec_ahead *ah, const struct rrset *const *sets, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		if (sets[i]->type == RR_RRSIG)
			take_covered(ah, sets, n, sets[i]);
	}
}

static void take(struct dnssec_ahead *ah, const struct heard *h)
{
	if (h->keys != NULL)
		take_keys(ah, h->keys);
	take_section(ah, h->proof->answer, h->proof->answer_n);
	take_section(ah, h->proof->authority, h->proof->authority_n);
}

/* NULL when there will be nothing more. */
static struct heard *next_heard(struct dnssec_ahead *ah)
{
	(void)pthread_mutex_lock(&ah->mutex);
	while (ah->first == NULL && !ah->ended)
		(void)pthread_cond_wait(&ah->more, &ah->mutex);
	struct heard *h = ah->dropped ? NULL : ah->first;
	if (h != NULL) {
		ah->first = h->next;
		if (ah->first == NULL)
			ah->last = &ah->first;
	}
	(void)pthread_mutex_unlock(&ah->mutex);
	return h;
}

static void *run(void *ctx)
{
	struct dnssec_ahead *ah = ctx;
	struct heard *h;
	while ((h = next_heard(ah)) != NULL) {
		if (ah->tries_left > 0)
			take(ah, h);
		free(h);
	}
	return NULL;
}

struct dnssec_ahead *dnssec_ahead_new(int64_t now_ms)
{
	struct dnssec_ahead *ah = mem_alloc(sizeof(*ah));
	(void)pthread_mutex_init(&ah->mutex, NULL);
	(void)pthread_cond_init(&ah->more, NULL);
	ah->last = &ah->first;
	ah->now_ms = now_ms;
	ah->tries_left = TRIES_MAX;
	return ah;
}

/* Without a thread the judgement does it all, as it would without us. */
static bool begin(struct dnssec_ahead *ah)
{
	if (ah->begun || ah->no_thread)
		return ah->begun;
	ah->a = arena_new();
	ah->cache = dnssec_cache_new();
	ah->begun = pthread_create(&ah->thread, NULL, run, ah) == 0;
	ah->no_thread = !ah->begun;
	return ah->begun;
}

static const struct rrset *keys_in(const struct seen *seen)
{
	bool has = seen->state == SEEN_DATA && seen->rrset != NULL &&
		   seen->rrset->type == RR_DNSKEY;
	return has ? seen->rrset : NULL;
}

void dnssec_ahead_heard(struct dnssec_ahead *ah, const struct seen *seen)
{
	if (seen->proof == NULL || !begin(ah))
		return;
	struct heard *h = mem_alloc(sizeof(*h));
	*h = (struct heard){ .keys = keys_in(seen), .proof = seen->proof };
	(void)pthread_mutex_lock(&ah->mutex);
	*ah->last = h;
	ah->last = &h->next;
	(void)pthread_cond_signal(&ah->more);
	(void)pthread_mutex_unlock(&ah->mutex);
}

static void join(struct dnssec_ahead *ah, bool drop)
{
	if (!ah->begun || ah->joined)
		return;
	(void)pthread_mutex_lock(&ah->mutex);
	ah->ended = true;
	ah->dropped = drop;
	(void)pthread_cond_signal(&ah->more);
	(void)pthread_mutex_unlock(&ah->mutex);
	(void)pthread_join(ah->thread, NULL);
	ah->joined = true;
}

struct dnssec_cache *dnssec_ahead_end(struct dnssec_ahead *ah)
{
	join(ah, false);
	return ah->cache;
}

void dnssec_ahead_free(struct dnssec_ahead *ah)
{
	if (ah == NULL)
		return;
	join(ah, true);
	while (ah->first != NULL) {
		struct heard *h = ah->first;
		ah->first = h->next;
		free(h);
	}
	dnssec_cache_free(ah->cache);
	arena_free(ah->a);
	(void)pthread_cond_destroy(&ah->more);
	(void)pthread_mutex_destroy(&ah->mutex);
	free(ah);
}
