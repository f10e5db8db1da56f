/* A short list: a host is looked up a few times a second at most. */
#include "migrate/compress.h"

#include <pthread.h>
#include <stdlib.h>

#include "base/arena.h"
#include "base/vec.h"

struct host {
	const char *name;
	struct squeeze squeeze;
	bool failed;
};

struct compress {
	pthread_mutex_t mutex; /* guards all that follows */
	enum compress_wish wish;
	struct log *log;     /* borrowed */
	struct arena *arena; /* owned */
	VEC(struct host) hosts;
	struct compress_sum sum;
};

struct compress *compress_new(enum compress_wish wish, struct log *log)
{
	struct compress *c = mem_alloc(sizeof(*c));
	(void)pthread_mutex_init(&c->mutex, NULL);
	c->wish = wish;
	c->log = log;
	c->arena = arena_new();
	return c;
}

void compress_free(struct compress *c)
{
	if (c == NULL)
		return;
	(void)pthread_mutex_destroy(&c->mutex);
	arena_free(c->arena);
	free(c);
}

static struct host *host_of(struct compress *c, const char *name)
{
	for (size_t i = 0; i < c->hosts.n; i++)
		if (str_eq_nocase(c->hosts.at[i].name, name))
			return &c->hosts.at[i];
	struct host *h = vec_push(c->arena, &c->hosts);
	*h = (struct host){ .name = arena_strdup(c->arena, name) };
	return h;
}

bool compress_is_wanted(struct compress *c, const char *host)
{
	if (c == NULL)
		return false;
	(void)pthread_mutex_lock(&c->mutex);
	const struct host *h = host_of(c, host);
	bool wanted = !h->failed && (c->wish == COMPRESS_ALWAYS || squeeze_is_on(&h->squeeze));
	(void)pthread_mutex_unlock(&c->mutex);
	return wanted;
}

bool compress_is_over(struct compress *c, const char *host)
{
	if (c == NULL)
		return false;
	(void)pthread_mutex_lock(&c->mutex);
	bool over = host_of(c, host)->squeeze.state == SQUEEZE_GIVEN_UP;
	(void)pthread_mutex_unlock(&c->mutex);
	return over;
}

bool compress_is_open(struct compress *c, const char *host)
{
	if (c == NULL)
		return false;
	(void)pthread_mutex_lock(&c->mutex);
	const struct host *h = host_of(c, host);
	bool open = !h->failed && c->wish == COMPRESS_AUTO && h->squeeze.state != SQUEEZE_GIVEN_UP;
	(void)pthread_mutex_unlock(&c->mutex);
	return open;
}

static void tell(const struct compress *c, const struct host *h)
{
	const struct squeeze *q = &h->squeeze;
	double plain = (double)q->plain_rate / 1e6;
	double now = (double)q->rate / 1e6;
	if (q->state == SQUEEZE_TRIAL)
		log_info(c->log,
			 "the line to '%s' carries %.2f MB a second, and the copy waits for it: "
			 "compressing from now on",
			 h->name, plain);
	else if (q->state == SQUEEZE_KEPT)
		log_info(c->log,
			 "the line to '%s' carries %.2f MB of mail a second compressed, and "
			 "carried %.2f without: it stays so",
			 h->name, now, plain);
	else
		log_info(c->log,
			 "compression does not help at '%s': %.2f MB of mail a second with it, "
			 "%.2f without; it goes without from now on",
			 h->name, now, plain);
}

void compress_add(struct compress *c, const char *host, const struct squeeze_sample *s,
		  uint64_t wire)
{
	if (c == NULL)
		return;
	(void)pthread_mutex_lock(&c->mutex);
	struct host *h = host_of(c, host);
	if (s->compressed) {
		c->sum.bytes += s->bytes;
		c->sum.wire += wire;
	}
	if (c->wish == COMPRESS_AUTO && !h->failed && squeeze_add(&h->squeeze, s))
		tell(c, h);
	(void)pthread_mutex_unlock(&c->mutex);
}

void compress_failed(struct compress *c, const char *host, const char *why)
{
	if (c == NULL)
		return;
	(void)pthread_mutex_lock(&c->mutex);
	struct host *h = host_of(c, host);
	if (!h->failed)
		log_info(c->log, "'%s' is not compressed: %s", h->name, why);
	h->failed = true;
	(void)pthread_mutex_unlock(&c->mutex);
}

struct compress_sum compress_sum(struct compress *c)
{
	struct compress_sum sum = { 0 };
	if (c == NULL)
		return sum;
	(void)pthread_mutex_lock(&c->mutex);
	sum = c->sum;
	(void)pthread_mutex_unlock(&c->mutex);
	return sum;
}
