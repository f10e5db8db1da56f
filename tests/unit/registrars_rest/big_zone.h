/*
 * big_zone.h - an API in this process that has as many records as one likes: it makes each page
 * when it is asked for, and counts requests and the memory that was in use then.
 */
#ifndef TESTS_BIG_ZONE_H
#define TESTS_BIG_ZONE_H

#include <malloc.h>
#include <stdlib.h>
#include <string.h>

#include "registrars/call.h"
#include "registrars/rest/rest.h"

#ifdef __has_feature
#define COUNTS_BY_ASAN __has_feature(address_sanitizer)
#elif defined(__SANITIZE_ADDRESS__)
#define COUNTS_BY_ASAN 1
#else
#define COUNTS_BY_ASAN 0
#endif

/* With ASan malloc is its own, and mallinfo knows nothing. */
#if COUNTS_BY_ASAN
size_t __sanitizer_get_current_allocated_bytes(void);
static inline size_t memory_in_use(void)
{
	return __sanitizer_get_current_allocated_bytes();
}
#else
static inline size_t memory_in_use(void)
{
	struct mallinfo2 m = mallinfo2();
	return m.uordblks + m.hblkhd;
}
#endif

#define BIG_RECORD                                                                                 \
	"\"record\":{\"id\":\"id\",\"type\":\"type\",\"name\":\"name\",\"ttl\":\"ttl\","           \
	"\"data\":{\"*\":[\"content\"]}},"                                                         \
	"\"write\":{\"unit\":\"record\","                                                          \
	"\"create\":{\"method\":\"POST\",\"path\":\"/"                                             \
	"records\",\"body\":{\"content\":\"{data}\"}},"                                            \
	"\"update\":{\"method\":\"PUT\",\"path\":\"/records/"                                      \
	"{id}\",\"body\":{\"content\":\"{data}\"}},"                                               \
	"\"delete\":{\"method\":\"DELETE\",\"path\":\"/records/{id}\"}}}"
#define BIG_HEAD                                                                                   \
	"{\"schema\":1,\"id\":\"big\",\"title\":\"Big\",\"base_url\":\"https://api.example\","     \
	"\"hosts\":[\"api.example\"],"
#define BIG_PAGES                                                                                  \
	"\"rows\":\"records\",\"paging\":{\"style\":\"page\",\"param\":\"page\",\"size\":500,"     \
	"\"first\":0,\"total\":\"total\"}},"

/* The three kinds of API that there are, from the point of view of a big zone. */
#define BIG_PAGED BIG_HEAD "\"list\":{\"request\":{\"path\":\"/records\"}," BIG_PAGES BIG_RECORD
#define BIG_SINGLE                                                                                 \
	BIG_HEAD "\"list\":{\"request\":{\"path\":\"/records\"},\"rows\":\"records\"}," BIG_RECORD
#define BIG_READS                                                                                  \
	BIG_HEAD "\"list\":{\"request\":{\"path\":\"/records\"}," BIG_PAGES                        \
		 "\"read\":{\"request\":{\"path\":\"/records/{relative_at}/{type}\"},"             \
		 "\"rows\":\"records\"}," BIG_RECORD

enum { BIG_PAGE = 500 };

struct big_zone {
	struct registrar_host host;
	struct fake_clock clock;
	struct seeded_rng rng;
	size_t records; /* the first two are the apex MX and TXT */
	unsigned reads, writes;
	size_t most; /* memory in use, as seen at the requests */
	struct described *described;
	struct registrar_call *call;
};

static inline void big_row(struct buf *b, size_t i)
{
	if (i == 0)
		buf_adds(b, "{\"id\":0,\"type\":\"MX\",\"name\":\"@\",\"ttl\":3600,"
			    "\"content\":\"10 mx1.old.example\"}");
	else if (i == 1)
		buf_adds(b, "{\"id\":1,\"type\":\"TXT\",\"name\":\"@\",\"ttl\":3600,"
			    "\"content\":\"v=spf1 -all\"}");
	else
		buf_addf(b,
			 "{\"id\":%zu,\"type\":\"A\",\"name\":\"host-%zu\",\"ttl\":3600,"
			 "\"content\":\"192.0.2.1\"}",
			 i, i);
}

static inline void big_rows(struct buf *b, const struct big_zone *z, size_t from, size_t n)
{
	buf_adds(b, "{\"records\":[");
	for (size_t i = from; i < from + n && i < z->records; i++) {
		buf_adds(b, i > from ? "," : "");
		big_row(b, i);
	}
	buf_addf(b, "],\"total\":%zu}", z->records);
}

static inline void big_answer(struct big_zone *z, const char *url, struct buf *b)
{
	const char *page = strstr(url, "page=");
	uint64_t n = 0;
	if (page != NULL && slice_to_u64(slice_str(page + 5), &n))
		big_rows(b, z, (size_t)n * BIG_PAGE, BIG_PAGE);
	else if (strstr(url, "/MX") != NULL)
		big_rows(b, z, 0, 1);
	else if (strstr(url, "/TXT") != NULL)
		big_rows(b, z, 1, 1);
	else
		big_rows(b, z, 0, z->records);
}

static inline void big_look(struct big_zone *z)
{
	size_t now = memory_in_use();
	z->most = now > z->most ? now : z->most;
}

/* As the real host gives it: the client's buffer, and a copy of it in the arena. */
static inline int big_http(void *ctx, struct arena *a, const struct registrar_http *q,
			   struct registrar_reply *reply_r, struct err *e)
{
	struct big_zone *z = ctx;
	struct buf b;
	(void)e;
	buf_init(&b);
	big_look(z);
	z->writes += q->writes ? 1 : 0;
	z->reads += q->writes ? 0 : 1;
	if (q->writes)
		buf_adds(&b, "{}");
	else
		big_answer(z, q->url, &b);
	*reply_r = (struct registrar_reply){ .status = 200,
					     .body = { arena_slice(a, buf_slice(&b)), b.len } };
	big_look(z);
	buf_release(&b);
	return 0;
}

static inline int big_wait(void *ctx, int64_t ms, const char *why, struct err *e)
{
	(void)ctx;
	(void)ms;
	(void)why;
	(void)e;
	return 0;
}

/* 0; -1 with *e. */
static inline int big_open(struct big_zone *z, const char *description, size_t records,
			   struct err *e)
{
	*z = (struct big_zone){ .records = records };
	fake_clock_init(&z->clock, INT64_C(1795773600000));
	seeded_rng_init(&z->rng, 7);
	z->host = (struct registrar_host){ .clock = &z->clock.clock,
					   .rng = &z->rng.rng,
					   .http = big_http,
					   .wait = big_wait,
					   .ctx = z };
	z->described = described_new("big.json", slice_str(description), e);
	if (z->described == NULL)
		return -1;
	const struct registrar *const table[] = { described_registrar(z->described), NULL };
	const struct registrar_config config = { "example.org.", 0, NULL };
	return registrar_open(&(struct registrar_call_opts){ .table = table,
							     .provider = "big",
							     .config = &config,
							     .timeout_ms = 1000,
							     .clock = &z->clock.clock,
							     .rng = &z->rng.rng,
							     .host = &z->host },
			      &z->call, e);
}

static inline void big_close(struct big_zone *z)
{
	registrar_close(z->call);
	described_free(z->described);
}

/* What a stage does: the MX gets a lower TTL, a token joins the TXT. */
static inline const struct change_set *big_changes(struct arena *a)
{
	static const char *const texts[] = { "\"v=spf1 -all\"", "\"MS=ms1\"" };
	static const char *const mx = "10 mx1.old.example.";
	struct err e;
	struct change *c = arena_array(a, 2, sizeof(*c));
	struct change_set *cs = ARENA_NEW(a, struct change_set);
	c[0] = (struct change){ "example.org.", RR_MX,
				rrset_make(a, "example.org.", RR_MX, 3600, 1, &mx, &e),
				rrset_make(a, "example.org.", RR_MX, 300, 1, &mx, &e), "test" };
	c[1] = (struct change){ "example.org.", RR_TXT,
				rrset_make(a, "example.org.", RR_TXT, 3600, 1, texts, &e),
				rrset_make(a, "example.org.", RR_TXT, 3600, 2, texts, &e), "test" };
	*cs = (struct change_set){ "staging", "example.org.", 2, c };
	return cs;
}

#endif
