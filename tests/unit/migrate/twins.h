/*
 * twins.h - two servers in memory, a ledger and a fake clock: whole passes of the mover run
 * between them, many a second.
 */
#ifndef TESTS_TWINS_H
#define TESTS_TWINS_H

#include <stdlib.h>
#include <unistd.h>

#include "imapd.h"
#include "io/dial.h"
#include "migrate/migrate.h"
#include "store/ledger.h"

#define TWINS_BEGIN_MS INT64_C(1795000000000)

struct twins {
	char dir[64];        /* for files of the mover; empty at first */
	struct store *store; /* in memory: a pass waits for no disk */
	struct fake_clock clock;
	struct seeded_rng rng;
	struct imapd src, dst;
	struct migrate_opts opts;
	struct migrate_mailbox mailbox;
	struct migrate_result result; /* of the last pass */
	struct secret *password;
	/* So many logins at the target are refused with this line. */
	unsigned refusals;
	const char *refusal;
	enum err_kind refusal_kind;
};

static inline int twins_dial(void *ctx, const struct dial_opts *o, struct stream **stream_r,
			     struct err *e)
{
	struct twins *t = ctx;
	bool at_src = str_eq(o->url, "imaps://src.test");
	struct imapd *d = at_src ? &t->src : &t->dst;
	if (!at_src && t->refusals > 0) {
		t->refusals--;
		str_copy(o->seen->last_line, sizeof(o->seen->last_line), t->refusal);
		return err_set(e, t->refusal_kind, "logging in: %s", t->refusal);
	}
	if (d->habits.greeting != NULL)
		str_copy(o->seen->greeting, sizeof(o->seen->greeting), d->habits.greeting);
	*stream_r = imapd_connect(d);
	return 0;
}

static inline void twins_open(struct twins *t, const struct imapd_habits *src,
			      const struct imapd_habits *dst)
{
	struct err e;
	memset(t, 0, sizeof(*t));
	str_copy(t->dir, sizeof(t->dir), "/tmp/cutover-twins-XXXXXX");
	assert_non_null(mkdtemp(t->dir));
	assert_int_equal(store_open(&(struct store_opts){ .dir = NULL }, &t->store, &e), 0);
	fake_clock_init(&t->clock, TWINS_BEGIN_MS);
	seeded_rng_init(&t->rng, 1);
	imapd_init(&t->src, src, &t->clock);
	imapd_init(&t->dst, dst, &t->clock);
	t->password = secret_new(SLICE_LIT("secret"));
	t->opts = (struct migrate_opts){ .dial = twins_dial,
					 .dial_ctx = t,
					 .clock = &t->clock.clock,
					 .rng = &t->rng.rng,
					 .store = t->store,
					 .mailboxes_at_once = 1,
					 .timeout_ms = 60000 };
	t->mailbox.address = "anna@treyresearch.com";
	t->mailbox.src = (struct migrate_endpoint){ .url = "imaps://src.test",
						    .user = "anna",
						    .password = t->password };
	t->mailbox.dst = (struct migrate_endpoint){ .url = "imaps://dst.test",
						    .user = "anna",
						    .password = t->password };
}

static inline void twins_close(struct twins *t)
{
	char command[128];
	imapd_release(&t->src);
	imapd_release(&t->dst);
	secret_free(t->password);
	store_close(t->store);
	(void)snprintf(command, sizeof(command), "rm -rf '%s'", t->dir);
	if (rmdir(t->dir) != 0)
		assert_int_equal(system(command), 0);
}

/* Since the beginning, whether it was slept through or spent in silence. */
static inline int64_t twins_passed_ms(const struct twins *t)
{
	return t->clock.at_ms - TWINS_BEGIN_MS;
}

/* One pass; the state that it ended in. */
static inline enum mailbox_state twins_pass(struct twins *t)
{
	struct err e = { .kind = ERR_NONE };
	if (migrate_copy(&t->opts, &t->mailbox, 1, &t->result, &e) != 0)
		fail_msg("%s", e.text);
	return t->result.state;
}

static inline void twins_synced(struct twins *t)
{
	enum mailbox_state state = twins_pass(t);
	if (state != MAILBOX_SYNCED)
		fail_msg("%s: %s", mailbox_state_name(state), t->result.err.text);
	assert_int_equal(t->src.offences, 0);
	assert_int_equal(t->dst.offences, 0);
}

static inline struct migrate_status twins_status(struct twins *t, struct arena *a)
{
	struct migrate_status st;
	struct err e;
	assert_int_equal(migrate_status(t->store, a, t->mailbox.address, &st, &e), 0);
	return st;
}

/* n messages "Subject: m<i>" in a folder of the source. */
static inline void twins_fill(struct imapd_folder *f, size_t n)
{
	char body[128];
	for (size_t i = 1; i <= n; i++) {
		(void)snprintf(body, sizeof(body),
			       "Message-ID: <%zu@%s>\r\nSubject: m%zu\r\n\r\ntext %zu\r\n", i,
			       f->name, i, i);
		(void)imapd_put(f, "\\Seen", "17-Jul-1996 02:44:25 -0700", body);
	}
}

/* Each message of the source's folder is in the target's folder exactly as often. */
static inline void twins_same(struct twins *t, const char *src_name, const char *dst_name)
{
	const struct imapd_folder *src = imapd_find(&t->src, src_name);
	const struct imapd_folder *dst = imapd_find(&t->dst, dst_name);
	assert_non_null(src);
	if (dst == NULL)
		fail_msg("there is no '%s' at the target", dst_name);
	if (src->n != dst->n)
		fail_msg("'%s' has %zu messages, '%s' %zu", src_name, src->n, dst_name, dst->n);
	uint32_t uid = imapd_differs(src, dst);
	if (uid != 0)
		fail_msg("'%s': UID %u is not as often in '%s'", src_name, uid, dst_name);
}

#endif
