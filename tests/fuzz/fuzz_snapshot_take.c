/*
 * Any bytes as the answers of a hostile world to a snapshot's job. The engine is played here:
 * bytes say what becomes of each question. Whatever they say, the job must end within its
 * budget and the limits, nothing may stay under way, and what it found must go through a
 * document and back.
 */
#include <stdlib.h>
#include <string.h>

#include "dns/snapshot.h"
#include "dns/transfer.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { OPEN_MAX = 16384, ASKS_LIMIT = 10000, TURN_MS = 3, BUDGET_MS = 5500, BYTES_MAX = 8192 };

/* The engine's part: questions under way, answered in order of their asking. */
struct dns_engine {
	struct arena *a;
	const uint8_t *data;
	size_t size, used;
	int64_t now_ms;
	size_t n, at, asked, open;
	struct dns_ask *asks[OPEN_MAX];
	struct dns_transfer *transfer; /* the one that goes on; others never do */
};

struct dns_transfer {
	struct dns_engine *en;
	struct dns_transfer_opts opts;
	unsigned left; /* messages until it ends */
};

static const char *const names[] = {
	"a.",          "b.a.",  "x.b.a.", "c.a.", "ns.b.a.",       "ns.c.a.",   "mail.b.a.",
	"_dmarc.b.a.", "d.",    "ns.d.",  ".",    "_mta-sts.b.a.", "news.b.a.", "k._domainkey.b.a.",
	"*.b.a.",      "b.a.d."
};
static const char *const addresses[] = { "127.0.0.1", "127.0.0.2", "127.0.0.3", "127.0.0.4" };
static const char *const texts[] = {
	"\"v=spf1 include:c.a redirect=d\"",
	"\"v=spf1 a mx exists:x.b.a include:b.a -all\"",
	"\"v=DMARC1; p=none; rua=mailto:x@d,mailto:@,mailto:a@b.a!1; ruf=mailto:y@c.a\"",
	"\"v=STSv1; id=1\"",
	"\"v=DKIM1; p=\"",
	"\"\"",
	"\"v=spf1 \\000\\255 include:%{d}\""
};

/* Over and over, for a short input shall bring the job far too; then only silence. */
static unsigned next_byte(struct dns_engine *en)
{
	return en->size > 0 && en->used < BYTES_MAX ? en->data[en->used++ % en->size] : 0;
}

void dns_submit(struct dns_engine *en, struct arena *a, struct dns_ask *ask)
{
	(void)a;
	if (en->n >= OPEN_MAX || ask->address[0] == '\0')
		abort();
	ask->under_way = ask;
	en->asks[en->n++] = ask;
	en->asked++;
	en->open++;
}

void dns_abandon(struct dns_engine *en, struct dns_ask *ask)
{
	if (ask->under_way == NULL)
		abort();
	ask->under_way = NULL;
	en->open--;
	for (size_t i = en->at; i < en->n; i++)
		en->asks[i] = en->asks[i] == ask ? NULL : en->asks[i];
}

struct dns_transfer *dns_transfer_begin(struct dns_engine *en, const struct dns_transfer_opts *opts,
					struct err *e)
{
	(void)e;
	struct dns_transfer *t = ARENA_NEW(en->a, struct dns_transfer);
	*t = (struct dns_transfer){ en, *opts, 8 };
	en->transfer = t;
	return t;
}

void dns_transfer_abandon(struct dns_transfer *t)
{
	if (t != NULL && t->en->transfer == t)
		t->en->transfer = NULL;
}

int64_t dns_engine_now_ms(const struct dns_engine *en)
{
	return en->now_ms;
}

int64_t dns_engine_mono_ms(const struct dns_engine *en)
{
	return en->now_ms;
}

bool dns_engine_cancelled(const struct dns_engine *en)
{
	(void)en;
	return false;
}

int dns_engine_fd(const struct dns_engine *en)
{
	(void)en;
	return -1;
}

int dns_engine_wait_ms(const struct dns_engine *en, int max_ms)
{
	(void)en;
	return max_ms;
}

const char *dns_outcome_text(enum dns_outcome outcome)
{
	return outcome == DNS_ANSWERED ? "answered" : "no answer";
}

static const char *some_name(struct dns_engine *en)
{
	return names[next_byte(en) % (sizeof(names) / sizeof(names[0]))];
}

/* Canonical rdata of that type. */
static const char *some_rdata(struct dns_engine *en, uint16_t type)
{
	struct arena *a = en->a;
	switch (type) {
	case RR_A: return addresses[next_byte(en) % 4];
	case RR_AAAA: return next_byte(en) % 2 == 0 ? "::1" : "fe80::1";
	case RR_MX: return arena_printf(a, "%u %s", next_byte(en), some_name(en));
	case RR_TXT:
	case RR_SPF: return texts[next_byte(en) % (sizeof(texts) / sizeof(texts[0]))];
	case RR_SOA:
		return arena_printf(a, "%s %s 1 2 3 4 %u", some_name(en), some_name(en),
				    next_byte(en));
	case RR_SRV: return arena_printf(a, "1 2 3 %s", some_name(en));
	case RR_DS:
		return "1 13 2 0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef";
	case RR_TLSA: return "3 1 1 00";
	case RR_CAA: return "0 issue \"c.a\"";
	case RR_DNSKEY: return "257 3 13 AAAA";
	default: return some_name(en);
	}
}

/* Made as the parser makes it: canonical, or not at all. */
static void add(struct dns_engine *en, const struct rrset *const **list, size_t *n,
		const struct dns_question *q)
{
	struct err e = { 0 };
	const char *rdata[2] = { some_rdata(en, q->type), some_rdata(en, q->type) };
	const struct rrset *set = rrset_make(en->a, q->name, q->type, next_byte(en),
					     1 + next_byte(en) % 2, rdata, &e);
	if (set == NULL)
		return;
	const struct rrset **more = ARENA_ARRAY(en->a, *n + 1, const struct rrset *);
	for (size_t i = 0; i < *n; i++)
		more[i] = (*list)[i];
	more[(*n)++] = set;
	*list = more;
}

/* Bits of one byte: what is in which section. */
static const struct dns_answer *some_answer(struct dns_engine *en, const struct dns_ask *ask)
{
	struct dns_answer *ans = ARENA_NEW(en->a, struct dns_answer);
	const char *q = ask->question.name;
	unsigned bits = next_byte(en);
	ans->aa = (bits & 1) == 0;
	ans->ra = (bits & 2) != 0;
	ans->rcode = (uint8_t)((bits & 2) != 0 ? next_byte(en) % 6 : 0);
	ans->has_ede = ans->rcode != 0;
	if ((bits & 4) != 0)
		add(en, &ans->answer, &ans->answer_n, &(struct dns_question){ q, RR_CNAME });
	if ((bits & 8) != 0)
		add(en, &ans->answer, &ans->answer_n, &ask->question);
	if ((bits & 16) != 0)
		add(en, &ans->authority, &ans->authority_n,
		    &(struct dns_question){ some_name(en), RR_NS });
	if ((bits & 32) != 0)
		add(en, &ans->additional, &ans->additional_n,
		    &(struct dns_question){ some_name(en), RR_A });
	if ((bits & 64) != 0)
		add(en, &ans->authority, &ans->authority_n,
		    &(struct dns_question){ some_name(en), RR_DS });
	if ((bits & 128) != 0)
		add(en, &ans->authority, &ans->authority_n,
		    &(struct dns_question){ some_name(en), RR_SOA });
	return ans;
}

static void answer_one(struct dns_engine *en, struct dns_ask *ask)
{
	static const enum dns_outcome bad[] = { DNS_SILENT, DNS_NO_ROUTE, DNS_TRUNCATED };
	unsigned what = next_byte(en);
	en->open--;
	ask->under_way = NULL;
	ask->reply = (struct dns_reply){ .outcome = bad[what % 3], .at_ms = en->now_ms };
	ask->reply.rtt_ms = (int)what;
	if (what % 8 != 0) {
		ask->reply.outcome = DNS_ANSWERED;
		ask->reply.answer = some_answer(en, ask);
	}
	ask->done(ask->ctx, ask);
}

/* A header that says so much, and then anything. */
static void transfer_one(struct dns_engine *en)
{
	char wire[64] = { 0, 0, (char)0x80 };
	struct dns_transfer *t = en->transfer;
	wire[7] = (char)(next_byte(en) % 8);
	for (size_t i = 12; i < sizeof(wire); i++)
		wire[i] = (char)next_byte(en);
	if (t->opts.message(t->opts.ctx, (struct slice){ wire, sizeof(wire) }) && t->left-- > 0)
		return;
	en->transfer = NULL;
	t->opts.ended(t->opts.ctx);
}

/* One answer a turn; some are kept back for long. */
int dns_engine_turn(struct dns_engine *en, int max_ms)
{
	(void)max_ms;
	en->now_ms += en->used < BYTES_MAX && en->size > 0 ? TURN_MS : BUDGET_MS / 4;
	while (en->at < en->n && en->asks[en->at] == NULL)
		en->at++;
	if (en->transfer != NULL && next_byte(en) % 4 == 1)
		transfer_one(en);
	else if (en->at == en->n)
		en->at = en->n = 0;
	else if (next_byte(en) == 255)
		en->now_ms += BUDGET_MS / 4;
	else
		answer_one(en, en->asks[en->at++]);
	return 0;
}

static void check(struct dns_engine *en, const struct snapshot *s)
{
	struct err e = { 0 };
	struct js *v = snapshot_to_js(s);
	const struct snapshot *back = snapshot_from_js(en->a, v, &e);
	struct js *again = back != NULL ? snapshot_to_js(back) : NULL;
	if (again == NULL || !str_eq(js_text(en->a, again), js_text(en->a, v))) {
		(void)fprintf(stderr, "%s\n", e.text);
		abort();
	}
	js_free(v);
	js_free(again);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const char *const hints[] = { "127.0.0.1", NULL };
	static const char *const panel[] = { "127.0.0.8", "127.0.0.9", NULL };
	static const char *const others[] = { "ns.d.", "ns.c.a.", NULL };
	static const struct dns_question extra[] = { { "k._domainkey.b.a.", RR_CNAME } };
	struct dns_engine *en = mem_alloc(sizeof(*en));
	struct seeded_rng rng;
	const struct snapshot *s = NULL;
	struct err e = { 0 };
	seeded_rng_init(&rng, 1);
	*en = (struct dns_engine){ .a = arena_new(), .data = data, .size = size, .now_ms = 1 };
	struct snapshot_opts opts = { .domain = "b.a.",
				      .root_hints = hints,
				      .resolvers = panel,
				      .extra = extra,
				      .extra_n = 1,
				      .panel_ns = others,
				      .previous_ns = others,
				      .engine = en,
				      .rng = &rng.rng,
				      .probe_servers = true };
	if (snapshot_take(en->a, &opts, &s, &e) == 0)
		check(en, s);
	if (en->open != 0 || en->asked > ASKS_LIMIT || en->now_ms > 2 * BUDGET_MS)
		abort();
	arena_free(en->a);
	free(en);
	return 0;
}
