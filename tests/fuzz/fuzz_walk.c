/*
 * Any bytes as the answers of a hostile world to a walk. The engine is played here: each byte
 * says what becomes of one question. Whatever they say, every wish must end, within the limits,
 * and nothing may stay under way.
 */
#include <stdlib.h>

#include "dns/walk_priv.h"
#include "zone/dname.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { OPEN_MAX = 8192, WISHES = 6, TURN_MS = 100, ASKS_LIMIT = 2 * ASKS_MAX };

/* The engine's part: questions under way, answered in order of their asking. */
struct dns_engine {
	struct arena *a;
	const uint8_t *data;
	size_t size, used;
	int64_t now_ms;
	size_t n, at, asked;
	struct dns_ask *asks[OPEN_MAX];
};

static const char *const names[] = { "a.", "b.", "b.a.", "x.b.a.", "a.b.", "ns.a.", "ns.b.", "." };
static const char *const addresses[] = { "127.0.0.1", "127.0.0.2", "127.0.0.3", "::1" };

static unsigned next_byte(struct dns_engine *en)
{
	return en->used < en->size ? en->data[en->used++] : 0;
}

void dns_submit(struct dns_engine *en, struct arena *a, struct dns_ask *ask)
{
	(void)a;
	if (en->n >= OPEN_MAX)
		abort(); /* the walk's own limit is lower */
	ask->under_way = ask;
	en->asks[en->n++] = ask;
	en->asked++;
}

void dns_abandon(struct dns_engine *en, struct dns_ask *ask)
{
	if (ask->under_way == NULL)
		abort();
	ask->under_way = NULL;
	for (size_t i = en->at; i < en->n; i++)
		en->asks[i] = en->asks[i] == ask ? NULL : en->asks[i];
}

int64_t dns_engine_now_ms(const struct dns_engine *en)
{
	return en->now_ms;
}

int64_t dns_engine_mono_ms(const struct dns_engine *en)
{
	return en->now_ms;
}

const char *dns_outcome_text(enum dns_outcome outcome)
{
	return outcome == DNS_ANSWERED ? "answered" : "no answer";
}

static const char *some_name(struct dns_engine *en)
{
	return names[next_byte(en) % (sizeof(names) / sizeof(names[0]))];
}

static const struct rrset *some_set(struct dns_engine *en, const char *name, uint16_t type)
{
	const char **rdata = ARENA_NEW(en->a, const char *);
	struct rrset set = { name, type, next_byte(en), 1, rdata, false, false };
	*rdata = type == RR_A || type == RR_AAAA ? addresses[next_byte(en) % 4]
		 : type == RR_RRSIG ? arena_printf(en->a, "DS 13 1 60 1 1 1 %s AAAA", some_name(en))
				    : some_name(en);
	return arena_memdup(en->a, &set, sizeof(set));
}

static void add(struct arena *a, const struct rrset *const **list, size_t *n,
		const struct rrset *set)
{
	const struct rrset **more = ARENA_ARRAY(a, *n + 1, const struct rrset *);
	for (size_t i = 0; i < *n; i++)
		more[i] = (*list)[i];
	more[(*n)++] = set;
	*list = more;
}

/* Bits of one byte: what is in which section. */
static const struct dns_answer *some_answer(struct dns_engine *en, const struct dns_ask *ask)
{
	struct arena *a = en->a;
	struct dns_answer *ans = ARENA_NEW(a, struct dns_answer);
	const char *q = ask->question.name;
	unsigned bits = next_byte(en);
	ans->aa = (bits & 1) != 0;
	ans->rcode = (bits & 2) != 0 ? 3 : 0;
	if ((bits & 4) != 0)
		add(a, &ans->answer, &ans->answer_n, some_set(en, q, RR_CNAME));
	if ((bits & 8) != 0)
		add(a, &ans->answer, &ans->answer_n, some_set(en, q, ask->question.type));
	if ((bits & 16) != 0)
		add(a, &ans->authority, &ans->authority_n, some_set(en, some_name(en), RR_NS));
	if ((bits & 32) != 0)
		add(a, &ans->additional, &ans->additional_n, some_set(en, some_name(en), RR_A));
	if ((bits & 64) != 0)
		add(a, &ans->authority, &ans->authority_n, some_set(en, some_name(en), RR_RRSIG));
	if ((bits & 128) != 0)
		add(a, &ans->authority, &ans->authority_n, some_set(en, some_name(en), RR_SOA));
	return ans;
}

/* One answer a turn, or silence for a while. */
int dns_engine_turn(struct dns_engine *en, int max_ms)
{
	(void)max_ms;
	while (en->at < en->n && en->asks[en->at] == NULL)
		en->at++;
	if (en->at == en->n) {
		en->at = en->n = 0;
		en->now_ms += TURN_MS;
		return 0;
	}
	struct dns_ask *ask = en->asks[en->at++];
	unsigned what = next_byte(en) % 8;
	en->now_ms += TURN_MS;
	ask->under_way = NULL;
	ask->reply = (struct dns_reply){ .outcome = DNS_SILENT, .at_ms = en->now_ms };
	if (what != 0) {
		ask->reply.outcome = DNS_ANSWERED;
		ask->reply.answer = some_answer(en, ask);
	}
	ask->done(ask->ctx, ask);
	return 0;
}

static void make_wishes(struct walk *w, struct dns_engine *en)
{
	for (unsigned i = 0; i < WISHES; i++) {
		const char *name = some_name(en);
		switch (next_byte(en) % 4) {
		case 0: (void)walk_want_cut(w, name); break;
		case 1: (void)walk_want_host(w, name); break;
		case 2: (void)walk_want(w, name, RR_DS); break;
		default: (void)walk_want(w, name, RR_TXT); break;
		}
	}
}

static void check_idle(const struct walk *w, const struct dns_engine *en)
{
	if (walk_open(w) != 0 || w->under_way != 0 || en->asked > ASKS_LIMIT)
		abort();
	for (size_t i = en->at; i < en->n; i++) {
		if (en->asks[i] != NULL)
			abort();
	}
}

/* Two walks, so that the second finds what the first put into the cache. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const char *const hints[] = { "127.0.0.1", "127.0.0.2", "127.0.0.3", NULL };
	struct dns_engine *en = mem_alloc(sizeof(*en));
	struct fake_clock clock;
	fake_clock_init(&clock, 1);
	struct walk_cache *cache = walk_cache_new(2, &clock.clock);
	en->data = data;
	en->size = size;
	for (unsigned i = 0; i < 2; i++) {
		struct err e = { 0 };
		en->a = arena_new();
		struct walk *w = walk_begin(en->a, &(struct walk_opts){ .engine = en,
									.root_hints = hints,
									.cache = cache,
									.fresh = "b.a." });
		make_wishes(w, en);
		if (next_byte(en) % 16 == 1)
			walk_give_up(w, "enough");
		if (walk_run(w, &e) != 0)
			abort();
		check_idle(w, en);
		make_wishes(w, en);
		(void)walk_run(w, &e);
		check_idle(w, en);
		arena_free(en->a);
		en->at = en->n = en->asked = 0;
	}
	walk_cache_free(cache);
	free(en);
	return 0;
}
