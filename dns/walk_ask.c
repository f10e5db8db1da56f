/*
 * Questions under way. Of a zone's servers two are asked at first, or the one that was useful
 * before. When those gave nothing, or only silence for a moment, all others are asked at once:
 * each silent server would cost its whole timeout, and there may be dozens.
 */
#include "dns/walk_priv.h"

const char walk_too_much[] = "not read: the servers asked for all this sent too much";

/* Used again when its answer has been dealt with: a walk has few under way at a time. */
static struct walk_ask *ask_new(struct walk *w)
{
	struct walk_ask *wa = w->spare;
	if (wa == NULL)
		return ARENA_NEW(w->a, struct walk_ask);
	w->spare = wa->next;
	return wa;
}

static void ask_release(struct walk *w, struct walk_ask *wa)
{
	wa->next = w->spare;
	w->spare = wa;
}

static void line_drop(struct line *l, const struct walk_ask *wa)
{
	struct walk_ask **p = &l->asks;
	while (*p != NULL && *p != wa)
		p = &(*p)->next;
	if (*p != NULL)
		*p = wa->next;
	l->w->under_way--;
}

/* Any answer at all: a silent root is told apart from a world that says no. */
static void ask_heard(struct walk *w, const struct line *l, const struct dns_ask *ask)
{
	if (ask->reply.outcome != DNS_ANSWERED)
		return;
	w->root_heard = true;
	l->at->work->answered = true;
}

static const char *cancel_note(const struct walk *w)
{
	bool spent = w->opts.allowance != NULL && w->opts.allowance->spent;
	return spent ? walk_too_much : "asking was interrupted";
}

/* Called by the engine's turn. What comes as cancelled was ended by the user's wish, or there is
 * too much of it: what the walk gives up itself is not called. */
static void on_answer(void *ctx, struct dns_ask *ask)
{
	struct walk_ask *wa = ctx;
	struct line *l = wa->line;
	struct walk *w = l->w;
	line_drop(l, wa);
	ask_heard(w, l, ask);
	if (ask->reply.outcome == DNS_CANCELLED)
		walk_give_up(w, cancel_note(w));
	else
		line_digest(l, wa);
	ask_release(w, wa);
	walk_pump(w);
}

static void ask_server(struct line *l, size_t server)
{
	struct walk *w = l->w;
	struct walk_ask *wa = ask_new(w);
	*wa = (struct walk_ask){ .line = l, .server = server, .next = l->asks };
	wa->ask = (struct dns_ask){ .address = l->at->addresses.at[server].address,
				    .question = { l->qname, l->t->types[l->i] },
				    .dnssec = true,
				    .allowance = w->opts.allowance,
				    .done = on_answer,
				    .ctx = wa };
	l->asks = wa;
	l->tried |= (uint32_t)1 << server;
	w->asked++;
	w->under_way++;
	dns_submit(w->opts.engine, w->a, &wa->ask);
}

static void line_arm(struct line *l)
{
	struct walk *w = l->w;
	l->hedge_ms = dns_engine_mono_ms(w->opts.engine) + HEDGE_MS;
	*vec_push(w->a, &w->hedges) = (struct hedge){ l, l->hedge_ms };
}

/* Both addresses of one dead machine would be as silent. */
static bool same_host(const struct cut *c, size_t a, size_t b)
{
	const char *host = c->addresses.at[a].host;
	return host[0] != '\0' && str_eq(host, c->addresses.at[b].host);
}

void line_ask(struct line *l)
{
	struct cut *c = l->at;
	cut_take_word(l->w, c);
	size_t most = l->all ? CUT_ADDRESSES_MAX : c->heard ? 1 : AT_ONCE;
	size_t asked = 0;
	size_t last = 0;
	for (size_t i = 0; i < c->addresses.n && asked < most; i++) {
		size_t k = (c->good + i) % c->addresses.n;
		bool twin = !l->all && asked > 0 && same_host(c, k, last);
		if (twin || (l->tried >> k & 1) != 0)
			continue;
		ask_server(l, k);
		last = k;
		asked++;
	}
	if (asked > 0 && !l->all)
		line_arm(l);
}

void line_abandon(struct line *l)
{
	while (l->asks != NULL) {
		struct walk_ask *wa = l->asks;
		dns_abandon(l->w->opts.engine, &wa->ask);
		line_drop(l, wa);
		ask_release(l->w, wa);
	}
	l->hedge_ms = 0;
}
