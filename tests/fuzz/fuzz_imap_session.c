/*
 * A whole pass of the mover between two servers that say anything at any time: no crash, no
 * reading beyond, and it ends: every wait has a deadline, and silence moves the clock. What the
 * servers say is the input: the source's part, a line "=", the target's part; each cut in pieces
 * by lines ".", and a piece is said for each line that is heard. A line "~" and a digit is a pause
 * of so many seconds in it: talk that goes on without headway must end, too.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "io/dial.h"
#include "migrate/migrate.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* What one server will say, and the clock that its silence moves. */
struct talk {
	struct slice rest;
	struct fake_clock *clock; /* borrowed */
	size_t connections;
};
struct world {
	struct fake_clock clock;
	struct talk src, dst;
};

struct peer {
	struct stream stream;
	struct talk *talk; /* borrowed */
	struct buf out;
	char tag[16];
	size_t tag_len;
	bool in_tag;
};

enum { CONNECTIONS_MAX = 40, STEP_MS = 500, RUNS_OF_A_STORE = 500, PAUSE = 0x1f };

static bool is_pause(struct slice line)
{
	return line.len == 2 && line.ptr[0] == '~' && line.ptr[1] >= '0' && line.ptr[1] <= '9';
}

/* A piece ends with a line of one dot, or with the input; "%" is the last tag. */
static void say_piece(struct peer *p)
{
	while (p->talk->rest.len > 0) {
		struct slice line = slice_until(&p->talk->rest, '\n');
		if (line.len == 1 && line.ptr[0] == '.')
			return;
		if (is_pause(line)) {
			buf_addc(&p->out, PAUSE);
			buf_addc(&p->out, line.ptr[1]);
			continue;
		}
		for (size_t i = 0; i < line.len; i++) {
			if (line.ptr[i] == '%')
				buf_add(&p->out, p->tag, p->tag_len);
			else
				buf_addc(&p->out, (char)(line.ptr[i] == PAUSE ? '?' : line.ptr[i]));
		}
		buf_adds(&p->out, "\r\n");
	}
}

static ssize_t peer_send(struct stream *stream, const void *from, size_t len, struct err *e)
{
	struct peer *p = (struct peer *)stream;
	const char *bytes = from;
	(void)e;
	for (size_t i = 0; i < len; i++) {
		if (bytes[i] == '\n') {
			p->in_tag = true;
			say_piece(p);
			continue;
		}
		if (p->in_tag && (bytes[i] == 'A' || (bytes[i] >= '0' && bytes[i] <= '9'))) {
			p->tag_len = bytes[i] == 'A' ? 0 : p->tag_len;
			if (p->tag_len < sizeof(p->tag))
				p->tag[p->tag_len++] = bytes[i];
		} else {
			p->in_tag = false;
		}
	}
	return (ssize_t)len;
}

/* Silence is over soon: then the client must have given up by itself. */
static ssize_t peer_recv(struct stream *stream, void *to, size_t size, struct err *e)
{
	struct peer *p = (struct peer *)stream;
	(void)e;
	if (p->out.len == 0) {
		p->talk->clock->at_ms += STEP_MS;
		return STREAM_AGAIN;
	}
	if (p->out.at[0] == PAUSE) {
		p->talk->clock->at_ms += INT64_C(1000) * (p->out.at[1] - '0');
		buf_consume(&p->out, 2);
		return STREAM_AGAIN;
	}
	const char *pause = memchr(p->out.at, PAUSE, p->out.len);
	size_t there = pause != NULL ? (size_t)(pause - p->out.at) : p->out.len;
	size_t n = there < size ? there : size;
	memcpy(to, p->out.at, n);
	buf_consume(&p->out, n);
	return (ssize_t)n;
}

static int peer_fd(const struct stream *stream)
{
	(void)stream;
	return -1;
}

static bool peer_pending(const struct stream *stream)
{
	return ((const struct peer *)stream)->out.len > 0;
}

static const char *peer_name(const struct stream *stream)
{
	(void)stream;
	return "server.test:993";
}

static void peer_free(struct stream *stream)
{
	buf_release(&((struct peer *)stream)->out);
	free(stream);
}

static int dial(void *ctx, const struct dial_opts *opts, struct stream **stream_r, struct err *e)
{
	static const struct stream_ops ops = { peer_recv,    peer_send, peer_fd,
					       peer_pending, peer_name, peer_free };
	struct world *w = ctx;
	struct talk *talk = str_eq(opts->url, "imaps://src.test") ? &w->src : &w->dst;
	if (++talk->connections > CONNECTIONS_MAX)
		return err_set(e, ERR_WORLD, "no more");
	struct peer *p = mem_alloc(sizeof(*p));
	p->stream.ops = &ops;
	p->talk = talk;
	p->in_tag = true;
	buf_init(&p->out);
	*stream_r = &p->stream;
	return 0;
}

static void pass(struct world *w, struct store *store)
{
	struct err e;
	struct seeded_rng rng;
	struct migrate_result result;
	struct secret *password = secret_new(SLICE_LIT("x"));
	seeded_rng_init(&rng, 1);
	static unsigned mailboxes;
	char address[32];
	(void)snprintf(address, sizeof(address), "a%u@b.test", mailboxes++);
	const struct migrate_mailbox box = {
		.address = address,
		.src = { .url = "imaps://src.test", .user = "a", .password = password },
		.dst = { .url = "imaps://dst.test", .user = "a", .password = password }
	};
	const struct migrate_opts opts = { .dial = dial,
					   .dial_ctx = w,
					   .clock = &w->clock.clock,
					   .rng = &rng.rng,
					   .store = store,
					   .mailboxes_at_once = 1,
					   .lanes_per_mailbox = 1,
					   .timeout_ms = 10000 };
	(void)migrate_copy(&opts, &box, 1, &result, &e);
	secret_free(password);
}

/* The two parts. */
static void split(struct slice input, struct world *w)
{
	struct slice rest = input;
	w->src = (struct talk){ .rest = input, .clock = &w->clock };
	w->dst = (struct talk){ .clock = &w->clock };
	while (rest.len > 0) {
		struct slice line = slice_until(&rest, '\n');
		if (line.len != 1 || line.ptr[0] != '=')
			continue;
		w->src.rest.len = (size_t)(line.ptr - input.ptr);
		w->dst.rest = rest;
		return;
	}
}

/* The same for a while: to make its tables takes longer than most runs. Each run has a mailbox of
 * its own in it (pass), so that none sees what another left. */
static struct store *next_store(void)
{
	static struct store *store;
	static unsigned runs;
	struct err e;
	if (runs++ % RUNS_OF_A_STORE != 0)
		return store;
	store_close(store);
	if (store_open(&(struct store_opts){ .dir = NULL }, &store, &e) != 0)
		abort();
	return store;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct world w;
	fake_clock_init(&w.clock, INT64_C(1795000000000));
	split((struct slice){ (const char *)data, size }, &w);
	pass(&w, next_store());
	return 0;
}
