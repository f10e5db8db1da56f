#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include <cmocka.h>

#include "base/file.h"
#include "migrate/proof.h"
#include "migrate/surplus.h"
#include "world.h"

#define OPENED "* 1 EXISTS\r\n* OK [UIDVALIDITY 42]\r\n* OK [UIDNEXT 102]\r\n% OK opened\r\n"

/* Mail with a NUL and lines that end by LF alone. */
static const struct step odd_source[] = {
	{ "EXAMINE", OPENED, false, false },
	{ "UID FETCH 1 ", "* 1 FETCH (UID 1 BODY[] {11}\r\na: b\n\nc\nd\ne)\r\n% OK\r\n", false,
	  false },
	{ NULL, NULL, false, false },
};

struct proof_case {
	struct world w;
	char dir[128], file[192];
	struct migrate_repair repair;
};

static void begin(struct proof_case *c, const struct step *src, const struct step *dst)
{
	const struct ledger_message one = { .uid = 1, .size = 11, .reason = "bare LF" };
	struct err e;
	world_open(&c->w, src, dst);
	c->w.box.arena = arena_new();
	c->w.folder.row.src_uidvalidity = 42;
	c->w.folder.row.present = c->w.folder.exists_at_dst = true;
	assert_int_equal(ledger_folder_put(c->w.store, c->w.box.row.id, &c->w.folder.row, &e), 0);
	c->w.box.folders = &c->w.folder;
	c->w.box.n_folders = 1;
	(void)snprintf(c->dir, sizeof(c->dir), "%s/q", c->w.dir);
	(void)snprintf(c->file, sizeof(c->file), "%s/m1-f1-v42-u1.eml", c->dir);
	c->w.opts.quarantine_dir = c->dir;
	c->w.opts.keep_refused = true;
	add_message(&c->w, 1, "\\Seen");
	assert_int_equal(
		ledger_set_refused(c->w.store, c->w.folder.row.id, c->w.box.row.pass, &one, &e), 0);
}

static void prove(struct proof_case *c)
{
	struct err e;
	if (box_proof(&c->w.box, &e) != 0)
		fail_msg("%s", e.text);
}

static void end(struct proof_case *c)
{
	arena_free(c->w.box.arena);
	world_close(&c->w);
}

static const char *kept_file(struct proof_case *c)
{
	struct migrate_refusal *list;
	size_t n;
	struct err e;
	assert_int_equal(
		migrate_refusals(c->w.store, c->w.box.arena, "a@treyresearch.com", &list, &n, &e),
		0);
	assert_int_equal(n, 1);
	return list[0].file;
}

static size_t remarks(struct proof_case *c, struct migrate_remark **list_r)
{
	size_t n;
	struct err e;
	assert_int_equal(
		migrate_remarks(c->w.store, c->w.box.arena, "a@treyresearch.com", list_r, &n, &e),
		0);
	return n;
}

static void test_a_refused_message_is_kept_as_a_file(void **state)
{
	struct proof_case c = { .repair = { .nul = false } };
	struct buf text;
	struct stat st;
	struct err e;
	(void)state;
	begin(&c, odd_source, capable);
	prove(&c);
	buf_init(&text);
	assert_int_equal(file_read(c.file, 100, &text, &e), 0);
	assert_string_equal(text.at, "a: b\n\nc\nd\ne");
	buf_release(&text);
	assert_int_equal(stat(c.file, &st), 0);
	assert_int_equal(st.st_mode & 0777, 0600);
	assert_int_equal(stat(c.dir, &st), 0);
	assert_int_equal(st.st_mode & 0777, 0700);
	assert_string_equal(kept_file(&c), "m1-f1-v42-u1.eml");
	/* Got there after all, the file goes. */
	const struct ledger_message done = { .uid = 1, .dst_uid = 7, .flags = "" };
	assert_int_equal(ledger_set_done(c.w.store, c.w.folder.row.id, c.w.box.row.pass, &done, &e),
			 0);
	prove(&c);
	assert_false(file_exists(c.file));
	end(&c);
}

static void test_no_file_where_none_is_wished(void **state)
{
	struct proof_case c = { .repair = { .nul = false } };
	(void)state;
	begin(&c, odd_source, capable);
	c.w.opts.keep_refused = false;
	prove(&c);
	assert_false(file_exists(c.file));
	assert_null(kept_file(&c));
	assert_int_equal(row_of(&c.w, 1).state, LEDGER_REFUSED);
	end(&c);
}

static void test_a_message_that_the_source_does_not_give_has_no_file(void **state)
{
	static const struct step src[] = {
		{ "EXAMINE", OPENED, false, false },
		{ "UID FETCH 1 ", "* 1 FETCH (UID 1 BODY[] NIL)\r\n% OK\r\n", false, false },
		{ NULL, NULL, false, false },
	};
	struct proof_case c = { .repair = { .nul = false } };
	(void)state;
	begin(&c, src, capable);
	prove(&c);
	assert_false(file_exists(c.file));
	assert_null(kept_file(&c));
	end(&c);
}

/* Its length is another one; the ledger has the original's hash and the copy's. */
static void test_a_refused_message_is_repaired(void **state)
{
	static const struct step dst[] = {
		{ "CAPABILITY", "* CAPABILITY IMAP4rev1 UIDPLUS LITERAL+\r\n% OK\r\n", false,
		  false },
		{ "APPEND", "% OK [APPENDUID 42 101] done\r\n", false, false },
		{ NULL, NULL, false, false },
	};
	struct proof_case c = { .repair = { .nul = false } };
	struct migrate_remark *list;
	unsigned char sha[SHA256_LEN];
	(void)state;
	begin(&c, odd_source, dst);
	c.repair.bare_lf = true;
	c.w.opts.repair = &c.repair;
	prove(&c);
	struct ledger_message row = row_of(&c.w, 1);
	assert_int_equal(row.state, LEDGER_DONE);
	assert_int_equal(row.dst_uid, 101);
	assert_true(row.has_sha && row.has_copy_sha);
	sha256_of(SLICE_LIT("a: b\r\n\r\nc\r\nd\r\ne\r\n"), sha); /* with even line ends */
	assert_memory_equal(row.sha, sha, SHA256_LEN);
	assert_heard(&c.w.said_dst,
		     "APPEND \"INBOX\" (\\Seen) \"17-Jul-1996 02:44:25 -0700\" {15+}");
	assert_int_equal(remarks(&c, &list), 1);
	assert_string_equal(list[0].kind, "repaired");
	assert_string_equal(list[0].detail, "line ends corrected");
	assert_false(file_exists(c.file));
	end(&c);
}

static void test_refused_again(void **state)
{
	static const struct step dst[] = {
		{ "CAPABILITY", "* CAPABILITY IMAP4rev1 UIDPLUS LITERAL+\r\n% OK\r\n", false,
		  false },
		{ "APPEND", "% NO still not\r\n", false, false },
		{ NULL, NULL, false, false },
	};
	struct proof_case c = { .repair = { .nul = false } };
	(void)state;
	begin(&c, odd_source, dst);
	c.repair.bare_lf = true;
	c.w.opts.repair = &c.repair;
	prove(&c);
	assert_int_equal(row_of(&c.w, 1).state, LEDGER_REFUSED);
	assert_false(row_of(&c.w, 1).has_copy_sha);
	assert_string_equal(kept_file(&c), "m1-f1-v42-u1.eml");
	end(&c);
}

/* A request for a receipt is no reason to refuse: nothing is sent again for it. */
static void test_a_receipt_alone_is_not_repaired(void **state)
{
	static const struct step src[] = {
		{ "EXAMINE", OPENED, false, false },
		{ "UID FETCH 1 ",
		  "* 1 FETCH (UID 1 BODY[] {43}\r\n"
		  "Disposition-Notification-To: a@b.com\r\n\r\nb\r\n)\r\n% OK\r\n",
		  false, false },
		{ NULL, NULL, false, false },
	};
	struct proof_case c = { .repair = { .nul = false } };
	(void)state;
	begin(&c, src, capable);
	c.repair.read_receipts = true;
	c.w.opts.repair = &c.repair;
	prove(&c);
	assert_int_equal(row_of(&c.w, 1).state, LEDGER_REFUSED);
	assert_null(strstr(c.w.said_dst.at, "APPEND"));
	assert_string_equal(kept_file(&c), "m1-f1-v42-u1.eml");
	end(&c);
}

static void place(struct proof_case *c, const char *body)
{
	struct ledger_message done = { .uid = 1, .dst_uid = 100, .flags = "" };
	struct err e;
	sha256_of(slice_str(body), done.sha);
	assert_int_equal(
		ledger_set_done(c->w.store, c->w.folder.row.id, c->w.box.row.pass, &done, &e), 0);
}

/* A dead session's copy came after it was looked for in vain: told by name, never silent. */
static void test_a_second_copy_is_told(void **state)
{
	static const struct step dst[] = {
		{ "CAPABILITY", "* CAPABILITY IMAP4rev1 UIDPLUS LITERAL+\r\n% OK\r\n", false,
		  false },
		{ "EXAMINE", OPENED, false, false },
		{ ":* (UID)",
		  "* 1 FETCH (UID 100)\r\n* 2 FETCH (UID 101)\r\n"
		  "* 3 FETCH (UID 102)\r\n% OK\r\n",
		  false, false },
		{ "BODY.PEEK[]",
		  "* 2 FETCH (UID 101 BODY[] {6}\r\nsame\r\n)\r\n"
		  "* 3 FETCH (UID 102 BODY[] {7}\r\nother\r\n)\r\n% OK\r\n",
		  false, false },
		{ NULL, NULL, false, false },
	};
	struct proof_case c = { .repair = { .nul = false } };
	struct migrate_remark *list;
	(void)state;
	begin(&c, capable, dst);
	place(&c, "same\r\n");
	surplus_doubt(&c.w.box, &c.w.folder, 100);
	prove(&c);
	assert_int_equal(remarks(&c, &list), 1);
	assert_string_equal(list[0].kind, "doubled");
	assert_int_equal(list[0].uid, 1);
	assert_int_equal(list[0].dst_uid, 101);
	assert_int_equal(c.w.box.trouble.kind, ERR_ITEM);
	assert_true(c.w.folder.row.surplus_from == 100); /* the next pass looks again */
	end(&c);
}

/* Gone again, half an hour later nobody looks any more. */
static void test_doubt_ends(void **state)
{
	static const struct step dst[] = {
		{ "CAPABILITY", "* CAPABILITY IMAP4rev1 UIDPLUS LITERAL+\r\n% OK\r\n", false,
		  false },
		{ "EXAMINE", OPENED, false, false },
		{ ":* (UID)", "* 1 FETCH (UID 100)\r\n% OK\r\n", false, false },
		{ NULL, NULL, false, false },
	};
	struct proof_case c = { .repair = { .nul = false } };
	struct migrate_remark *list;
	(void)state;
	begin(&c, capable, dst);
	place(&c, "same\r\n");
	surplus_doubt(&c.w.box, &c.w.folder, 100);
	c.w.folder.row.surplus_ms -= 31LL * 60 * 1000;
	prove(&c);
	assert_int_equal(remarks(&c, &list), 0);
	assert_int_equal(c.w.box.trouble.kind, ERR_NONE);
	assert_int_equal(c.w.folder.row.surplus_from, 0);
	end(&c);
}

static void test_a_replaced_date_is_noticed(void **state)
{
	static const struct step dst[] = {
		{ "CAPABILITY", "* CAPABILITY IMAP4rev1 UIDPLUS LITERAL+\r\n% OK\r\n", false,
		  false },
		{ "EXAMINE", OPENED, false, false },
		{ "UID FETCH 100 (UID INTERNALDATE)",
		  "* 1 FETCH (INTERNALDATE \"22-Nov-2026 10:00:00 +0000\" UID 100)\r\n% OK\r\n",
		  false, false },
		{ NULL, NULL, false, false },
	};
	struct proof_case c = { .repair = { .nul = false } };
	struct migrate_remark *list;
	(void)state;
	begin(&c, capable, dst);
	place(&c, "same\r\n");
	c.w.folder.filled = true;
	prove(&c);
	assert_int_equal(remarks(&c, &list), 1);
	assert_string_equal(list[0].kind, "date");
	assert_string_equal(list[0].detail, "the target has 22-Nov-2026 10:00:00 +0000 in place of "
					    "17-Jul-1996 02:44:25 -0700");
	assert_int_equal(c.w.box.trouble.kind, ERR_ITEM);
	end(&c);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_a_refused_message_is_kept_as_a_file),
		cmocka_unit_test(test_no_file_where_none_is_wished),
		cmocka_unit_test(test_a_message_that_the_source_does_not_give_has_no_file),
		cmocka_unit_test(test_a_refused_message_is_repaired),
		cmocka_unit_test(test_refused_again),
		cmocka_unit_test(test_a_receipt_alone_is_not_repaired),
		cmocka_unit_test(test_a_second_copy_is_told),
		cmocka_unit_test(test_doubt_ends),
		cmocka_unit_test(test_a_replaced_date_is_noticed),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
