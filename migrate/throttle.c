/*
 * Two lists, short ones: a host or an account is looked up a few times a mailbox, never per
 * message. An account's own throttle says nothing about its host (Exchange Online counts by
 * mailbox); two at the same time do (a shared address, a tenant's budget).
 */
#include "migrate/throttle.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/vec.h"

enum {
	PAUSE_FIRST_MS = 5000,
	PAUSE_MOST_MS = 5 * 60 * 1000,
	FULL_HOST_LOOK_MS = 1000, /* how soon a place may be free */
};

struct host {
	const char *name;
	size_t active, allowed;
};

struct account {
	const char *host, *name;
	struct moment until;
	unsigned strikes; /* hits in a row without a mailbox that came through */
};

struct throttle {
	pthread_mutex_t mutex; /* guards all that follows */
	const struct clock *clock;
	size_t at_once;
	struct arena *arena; /* owned */
	VEC(struct host) hosts;
	VEC(struct account) accounts;
};

struct throttle *throttle_new(const struct clock *clock, size_t at_once)
{
	struct throttle *t = mem_alloc(sizeof(*t));
	(void)pthread_mutex_init(&t->mutex, NULL);
	t->clock = clock;
	t->at_once = at_once > 0 ? at_once : 1;
	t->arena = arena_new();
	return t;
}

void throttle_free(struct throttle *t)
{
	if (t == NULL)
		return;
	(void)pthread_mutex_destroy(&t->mutex);
	arena_free(t->arena);
	free(t);
}

static struct host *host_of(struct throttle *t, const char *name)
{
	for (size_t i = 0; i < t->hosts.n; i++)
		if (str_eq_nocase(t->hosts.at[i].name, name))
			return &t->hosts.at[i];
	struct host *h = vec_push(t->arena, &t->hosts);
	*h = (struct host){ .name = arena_strdup(t->arena, name), .allowed = t->at_once };
	return h;
}

/* Only accounts that were ever asked to wait are listed: there may be thousands of others. */
static struct account *find_account(const struct throttle *t, const struct throttle_key *key)
{
	for (size_t i = 0; i < t->accounts.n; i++)
		if (str_eq_nocase(t->accounts.at[i].host, key->host) &&
		    str_eq(t->accounts.at[i].name, key->account))
			return &t->accounts.at[i];
	return NULL;
}

static struct account *make_account(struct throttle *t, const struct throttle_key *key)
{
	struct account *a = find_account(t, key);
	if (a != NULL)
		return a;
	a = vec_push(t->arena, &t->accounts);
	*a = (struct account){ .host = arena_strdup(t->arena, key->host),
			       .name = arena_strdup(t->arena, key->account) };
	return a;
}

int64_t throttle_enter(struct throttle *t, const struct throttle_key *key)
{
	int64_t now = clock_now_ms(t->clock);
	int64_t again = 0;
	(void)pthread_mutex_lock(&t->mutex);
	struct host *h = host_of(t, key->host);
	const struct account *a = find_account(t, key);
	int64_t ahead = a != NULL ? moment_ahead_ms(t->clock, &a->until) : 0;
	if (ahead > 0)
		again = now + ahead;
	else if (h->active >= h->allowed)
		again = now + FULL_HOST_LOOK_MS;
	else
		h->active++;
	(void)pthread_mutex_unlock(&t->mutex);
	return again;
}

void throttle_leave(struct throttle *t, const struct throttle_key *key, bool well)
{
	(void)pthread_mutex_lock(&t->mutex);
	struct host *h = host_of(t, key->host);
	h->active -= h->active > 0 ? 1 : 0;
	struct account *a = find_account(t, key);
	if (well)
		h->allowed += h->allowed < t->at_once ? 1 : 0;
	if (well && a != NULL)
		a->strikes = 0;
	(void)pthread_mutex_unlock(&t->mutex);
}

/* Another account of the host that waits at this moment. */
static bool others_wait(const struct throttle *t, const struct account *a)
{
	for (size_t i = 0; i < t->accounts.n; i++) {
		const struct account *other = &t->accounts.at[i];
		if (other != a && moment_ahead_ms(t->clock, &other->until) > 0 &&
		    str_eq_nocase(other->host, a->host))
			return true;
	}
	return false;
}

static int64_t pause_ms(unsigned strikes)
{
	int64_t ms = PAUSE_FIRST_MS;
	for (unsigned i = 1; i < strikes && ms < PAUSE_MOST_MS; i++)
		ms *= 2;
	return ms < PAUSE_MOST_MS ? ms : PAUSE_MOST_MS;
}

int64_t throttle_hit(struct throttle *t, const struct throttle_key *key, int64_t told_ms)
{
	int64_t now = clock_now_ms(t->clock);
	(void)pthread_mutex_lock(&t->mutex);
	struct host *h = host_of(t, key->host);
	struct account *a = make_account(t, key);
	a->strikes++;
	int64_t until = told_ms > now ? told_ms : now + pause_ms(a->strikes);
	a->until = moment_at(t->clock, until);
	if (others_wait(t, a))
		h->allowed = h->allowed > 1 ? h->allowed / 2 : 1;
	(void)pthread_mutex_unlock(&t->mutex);
	return until;
}

unsigned throttle_lanes(struct throttle *t, const struct throttle_key *key, unsigned wanted,
			unsigned most)
{
	if (most > 0 && wanted > most)
		wanted = most;
	(void)pthread_mutex_lock(&t->mutex);
	const struct account *a = find_account(t, key);
	unsigned strikes = a != NULL ? a->strikes : 0;
	(void)pthread_mutex_unlock(&t->mutex);
	for (; strikes > 0 && wanted > 1; strikes--)
		wanted /= 2;
	return wanted > 0 ? wanted : 1;
}

size_t throttle_allowed(struct throttle *t, const char *host)
{
	(void)pthread_mutex_lock(&t->mutex);
	size_t allowed = host_of(t, host)->allowed;
	(void)pthread_mutex_unlock(&t->mutex);
	return allowed;
}
