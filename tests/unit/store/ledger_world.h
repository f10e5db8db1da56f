/* ledger_world.h - for the tests of the ledger: a store of its own with one mailbox and one folder.
 */
#ifndef TESTS_LEDGER_WORLD_H
#define TESTS_LEDGER_WORLD_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "store/ledger.h"

struct world {
	char dir[64];
	struct store *store;
	struct arena *arena;
	struct ledger_mailbox box;
	struct ledger_folder folder;
};

static inline int open_world(void **state)
{
	struct world *w = mem_alloc(sizeof(*w));
	struct err e;
	str_copy(w->dir, sizeof(w->dir), "/tmp/cutover-ledger-XXXXXX");
	assert_non_null(mkdtemp(w->dir));
	w->arena = arena_new();
	assert_int_equal(store_open(&(struct store_opts){ .dir = w->dir }, &w->store, &e), 0);
	assert_int_equal(ledger_pass_begin(w->store, "a@b", 5, &w->box, &e), 0);
	w->folder = (struct ledger_folder){ .src_name = "INBOX.x",
					    .dst_name = "x",
					    .shown = "x",
					    .present = true,
					    .src_modseq = 77 };
	assert_int_equal(ledger_folder_put(w->store, w->box.id, &w->folder, &e), 0);
	*state = w;
	return 0;
}

static inline int close_world(void **state)
{
	struct world *w = *state;
	char command[128];
	store_close(w->store);
	arena_free(w->arena);
	(void)snprintf(command, sizeof(command), "rm -rf '%s'", w->dir);
	int rc = system(command);
	free(w);
	return rc;
}

static inline struct ledger_message message(uint32_t uid, char hash)
{
	struct ledger_message m = {
		.uid = uid, .size = uid * 10, .date = "d", .flags = "\\Seen", .has_sha = true
	};
	memset(m.sha, hash, SHA256_LEN);
	return m;
}

static inline void add(struct world *w, uint32_t uid)
{
	struct err e;
	struct ledger_message m = message(uid, 'x');
	assert_int_equal(ledger_add(w->store, w->folder.id, &m, &e), 0);
}

static inline void done(struct world *w, uint32_t uid, uint32_t dst_uid, char hash)
{
	struct err e;
	struct ledger_message m = message(uid, hash);
	m.dst_uid = dst_uid;
	assert_int_equal(ledger_set_done(w->store, w->folder.id, 1, &m, &e), 0);
}

#endif
