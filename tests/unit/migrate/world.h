/*
 * world.h - a folder between two scripted servers, with a ledger of its own.
 */
#ifndef TESTS_WORLD_H
#define TESTS_WORLD_H

#include <stdlib.h>
#include <unistd.h>

#include "migrate/report.h"
#include "scripted.h"

struct world {
	char dir[64];
	struct store *store;
	struct fake_clock clock;
	struct seeded_rng rng;
	struct migrate_opts opts;
	struct migrate_mailbox mailbox;
	struct reporter reporter;
	struct box box;
	struct box_folder folder;
	struct buf said_src, said_dst;
};

/* Takes everything. */
static const struct step capable[] = {
	{ "CAPABILITY", "* CAPABILITY IMAP4rev1 UIDPLUS LITERAL+\r\n% OK\r\n", false, false },
	{ NULL, NULL, false, false },
};

static inline struct session *session_of(struct world *w, const struct step *steps,
					 struct buf *heard)
{
	struct session *s;
	struct err e;
	const struct conn_env env = { .clock = &w->clock.clock, .timeout_ms = 1000 };
	assert_int_equal(session_on(scripted(steps, heard), &env, &s, &e), 0);
	buf_clear(heard);
	return s;
}

static inline void add_message(struct world *w, uint32_t uid, const char *flags)
{
	struct err e;
	const struct ledger_message m = {
		.uid = uid, .size = 10, .date = "17-Jul-1996 02:44:25 -0700", .flags = flags
	};
	assert_int_equal(ledger_add(w->store, w->folder.row.id, &m, &e), 0);
}

static inline void world_open(struct world *w, const struct step *src, const struct step *dst)
{
	struct err e;
	memset(w, 0, sizeof(*w));
	str_copy(w->dir, sizeof(w->dir), "/tmp/cutover-lane-XXXXXX");
	assert_non_null(mkdtemp(w->dir));
	assert_int_equal(store_open(&(struct store_opts){ .dir = NULL }, &w->store, &e), 0);
	fake_clock_init(&w->clock, 1000000);
	seeded_rng_init(&w->rng, 1);
	w->opts = (struct migrate_opts){
		.clock = &w->clock.clock, .rng = &w->rng.rng, .store = w->store, .timeout_ms = 1000
	};
	w->mailbox.address = "a@treyresearch.com";
	w->box = (struct box){ .opts = &w->opts, .mailbox = &w->mailbox };
	w->box.reporter = &w->reporter;
	assert_int_equal(ledger_pass_begin(w->store, w->mailbox.address, 1, &w->box.row, &e), 0);
	w->folder.row.src_name = w->folder.row.dst_name = w->folder.row.shown = "INBOX";
	w->folder.row.dst_uidvalidity = 42;
	assert_int_equal(ledger_folder_put(w->store, w->box.row.id, &w->folder.row, &e), 0);
	w->folder.dst_open.uidnext = 100;
	buf_init(&w->said_src);
	buf_init(&w->said_dst);
	w->box.src = session_of(w, src, &w->said_src);
	w->box.dst = session_of(w, dst, &w->said_dst);
}

static inline void world_close(struct world *w)
{
	char command[128];
	session_free(w->box.src);
	session_free(w->box.dst);
	store_close(w->store);
	buf_release(&w->said_src);
	buf_release(&w->said_dst);
	(void)snprintf(command, sizeof(command), "rm -rf '%s'", w->dir);
	if (rmdir(w->dir) != 0)
		assert_int_equal(system(command), 0);
}

static inline struct ledger_message row_of(struct world *w, uint32_t uid)
{
	const struct ledger_message *m;
	struct ledger_message found = { .uid = 0 };
	struct err e;
	struct ledger_cursor *c = ledger_cursor_new(w->store, w->folder.row.id, 1, LEDGER_ALL);
	while (ledger_cursor_next(c, &m, &e) == 1)
		if (m->uid == uid)
			found = *m;
	found.date = found.flags = found.new_flags = NULL; /* the cursor's */
	found.reason = found.reason != NULL ? "some" : NULL;
	ledger_cursor_free(c);
	return found;
}

/* What was carried, and what waits; NULL: nothing. */
static inline void assert_flags(struct world *w, uint32_t uid, const char *flags,
				const char *new_flags)
{
	const struct ledger_message *m;
	struct err e;
	bool seen = false;
	struct ledger_cursor *c = ledger_cursor_new(w->store, w->folder.row.id, 1, LEDGER_ALL);
	while (ledger_cursor_next(c, &m, &e) == 1) {
		if (m->uid != uid)
			continue;
		seen = true;
		assert_string_equal(m->flags, flags);
		assert_string_equal(m->new_flags != NULL ? m->new_flags : "none",
				    new_flags != NULL ? new_flags : "none");
	}
	ledger_cursor_free(c);
	assert_true(seen);
}

static inline void assert_heard(const struct buf *heard, const char *words)
{
	if (strstr(heard->at, words) == NULL)
		fail_msg("'%s' was not said, but: %s", words, heard->at);
}

#endif
