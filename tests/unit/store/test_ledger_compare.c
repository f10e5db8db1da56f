#include <ctype.h>

#include "tests/unit/store/ledger_world.h"

static void see(struct world *w, bool at_dst, char hash, const char *flags)
{
	struct err e;
	struct ledger_seen s = { .mailbox_id = w->box.id,
				 .folder = "x",
				 .at_dst = at_dst,
				 .uid = 7,
				 .date_s = 1,
				 .flags = flags };
	memset(s.sha, hash, SHA256_LEN);
	memset(s.even, tolower((unsigned char)hash), SHA256_LEN);
	assert_int_equal(ledger_compare_add(w->store, &s, &e), 0);
}

/* Of the source, with the ledger's folder: what it refused is looked up there. */
static void see_uid(struct world *w, uint32_t uid, char hash)
{
	struct err e;
	struct ledger_seen s = { .mailbox_id = w->box.id,
				 .folder = "x",
				 .folder_id = w->folder.id,
				 .uid = uid,
				 .date_s = 1,
				 .flags = "" };
	memset(s.sha, hash, SHA256_LEN);
	memset(s.even, tolower((unsigned char)hash), SHA256_LEN);
	assert_int_equal(ledger_compare_add(w->store, &s, &e), 0);
}

static void end(struct world *w, struct ledger_comparison *c)
{
	struct err e;
	assert_int_equal(ledger_compare_end(w->store, w->box.id, c, &e), 0);
}

/* Letters are the bytes, lower-case letters what they are with even line ends. */
static void test_altered_line_ends(void **state)
{
	struct world *w = *state;
	struct err e;
	struct ledger_comparison c;
	assert_int_equal(ledger_compare_begin(w->store, w->box.id, &e), 0);
	see(w, false, 'a', "");
	see(w, true, 'a', "");
	see_uid(w, 78, 'B'); /* altered */
	see(w, true, 'b', "");
	see(w, false, 'C', ""); /* twice: one to the byte, one altered */
	see(w, false, 'C', "");
	see(w, true, 'C', "");
	see(w, true, 'c', "");
	end(w, &c);
	assert_int_equal(c.compared, 4);
	assert_int_equal(c.altered, 2);
	assert_int_equal(c.missing + c.differing + c.doubled, 0);
	assert_string_equal(c.first_altered, "'x', UID 7");
	assert_string_equal(c.first, "");
	see(w, false, 'D', "\\Seen"); /* altered, and with other flags */
	see(w, true, 'd', "");
	see(w, false, 'E', ""); /* altered, and doubled */
	see(w, true, 'e', "");
	see(w, true, 'e', "");
	see(w, false, 'F', ""); /* one altered, one missing */
	see(w, false, 'f', "");
	see(w, true, 'f', "");
	end(w, &c);
	assert_int_equal(c.altered, 2);
	assert_int_equal(c.differing, 1);
	assert_int_equal(c.doubled, 1);
	assert_int_equal(c.missing, 1);
}

/* What was refused by name is not missed; another of the same bytes is. */
static void test_refused_is_not_missing(void **state)
{
	struct world *w = *state;
	struct err e;
	struct ledger_comparison c;
	struct ledger_message four = { .uid = 4, .reason = "too big" };
	add(w, 4);
	assert_int_equal(ledger_set_refused(w->store, w->folder.id, 1, &four, &e), 0);
	assert_int_equal(ledger_compare_begin(w->store, w->box.id, &e), 0);
	see_uid(w, 4, 'a');
	end(w, &c);
	assert_int_equal(c.missing, 0);
	assert_int_equal(c.compared, 0);
	see_uid(w, 4, 'a');
	see_uid(w, 5, 'a');
	end(w, &c);
	assert_int_equal(c.missing, 1);
	assert_int_equal(c.compared, 1);
	assert_string_equal(c.first, "'x', UID 5: not at the target");
	see_uid(w, 4, 'a'); /* arrived after all: its twin is not doubled by it */
	see_uid(w, 5, 'a');
	see(w, true, 'a', "");
	see(w, true, 'a', "");
	end(w, &c);
	assert_int_equal(c.missing + c.doubled, 0);
	assert_int_equal(c.compared, 2);
}

/* A message that counts on the copy of another folder (labels) may be missing only while there is
 * one. */
static void test_elsewhere_is_somewhere(void **state)
{
	struct world *w = *state;
	struct err e;
	struct ledger_comparison c;
	struct ledger_message four = message(4, 'a');
	struct ledger_folder home = w->folder;
	struct ledger_twin twin = { .mailbox_id = w->box.id, .uid = 4, .id = 77 };
	home.id = 0;
	home.src_name = home.dst_name = home.shown = "home";
	assert_int_equal(ledger_folder_put(w->store, w->box.id, &home, &e), 0);
	assert_int_equal(ledger_add(w->store, home.id, &four, &e), 0);
	twin.folder_id = home.id;
	assert_int_equal(ledger_set_twin(w->store, &twin, &e), 0);
	add(w, 4);
	twin.folder_id = w->folder.id;
	assert_int_equal(ledger_set_twin(w->store, &twin, &e), 0);
	assert_int_equal(ledger_compare_begin(w->store, w->box.id, &e), 0);
	see_uid(w, 4, 'a');
	end(w, &c);
	assert_int_equal(c.missing, 0);
	home.present = false; /* gone at the source before it was copied */
	assert_int_equal(ledger_folder_put(w->store, w->box.id, &home, &e), 0);
	see_uid(w, 4, 'a');
	end(w, &c);
	assert_int_equal(c.missing, 1);
	four.dst_uid = 9; /* copied, and gone since */
	assert_int_equal(ledger_set_done(w->store, home.id, 1, &four, &e), 0);
	see_uid(w, 4, 'a');
	end(w, &c);
	assert_int_equal(c.missing, 0);
}

static void test_comparison(void **state)
{
	struct world *w = *state;
	struct err e;
	struct ledger_comparison c;
	assert_int_equal(ledger_compare_begin(w->store, w->box.id, &e), 0);
	see(w, false, 'a', ""); /* equal, twice on both sides */
	see(w, false, 'a', "");
	see(w, true, 'a', "");
	see(w, true, 'a', "");
	see(w, false, 'b', "\\Seen"); /* other flags */
	see(w, true, 'b', "");
	see(w, false, 'c', ""); /* doubled */
	see(w, true, 'c', "");
	see(w, true, 'c', "");
	see(w, false, 'd', ""); /* missing */
	see(w, true, 'e', "");  /* only at the target: no matter */
	assert_int_equal(ledger_compare_end(w->store, w->box.id, &c, &e), 0);
	assert_int_equal(c.compared, 5);
	assert_int_equal(c.missing, 1);
	assert_int_equal(c.differing, 1);
	assert_int_equal(c.doubled, 1);
	assert_string_equal(c.first, "'x', UID 7: not at the target");
	/* Nothing is left of it. */
	assert_int_equal(ledger_compare_end(w->store, w->box.id, &c, &e), 0);
	assert_int_equal(c.compared, 0);
}

/* A message of either side, told apart by `hash`; the ledger's folder stands behind the source's.
 */
struct sight {
	bool at_dst;
	uint32_t uid;
	char hash;
	int64_t date_s;
	const char *flags;
};

static void look(struct world *w, const struct sight *list, size_t n, struct ledger_comparison *c)
{
	struct err e;
	assert_int_equal(ledger_compare_begin(w->store, w->box.id, &e), 0);
	for (size_t i = 0; i < n; i++) {
		struct ledger_seen s = { .mailbox_id = w->box.id,
					 .folder = "x",
					 .folder_id = list[i].at_dst ? 0 : w->folder.id,
					 .at_dst = list[i].at_dst,
					 .uid = list[i].uid,
					 .date_s = list[i].date_s,
					 .flags = list[i].flags };
		memset(s.sha, list[i].hash, SHA256_LEN);
		memset(s.even, list[i].hash, SHA256_LEN);
		assert_int_equal(ledger_compare_add(w->store, &s, &e), 0);
	}
	end(w, c);
}

/* Counts the notes of a kind, all when NULL; *last_r is the last of them. */
static size_t notes(struct world *w, const char *kind, struct ledger_note *last_r)
{
	struct ledger_note_list list;
	struct err e;
	size_t n = 0;
	assert_int_equal(ledger_notes(w->store, w->arena, w->box.id, &list, &e), 0);
	for (size_t i = 0; i < list.n; i++) {
		if (kind != NULL && !str_eq(list.at[i].kind, kind))
			continue;
		*last_r = list.at[i];
		n++;
	}
	return n;
}

/* Three copies of a newsletter, stored in another order, one of them with another date. */
static void test_the_copy_that_differs_is_named(void **state)
{
	static const struct sight seen[] = {
		{ false, 1, 'n', 10, "\\Seen" },    { false, 2, 'n', 10, "\\Seen" },
		{ false, 3, 'n', 20, "\\Flagged" }, { true, 11, 'n', 10, "\\Seen" },
		{ true, 12, 'n', 99, "\\Flagged" }, { true, 13, 'n', 10, "\\Seen" },
	};
	struct world *w = *state;
	struct ledger_comparison c;
	struct ledger_note note;
	look(w, seen, 6, &c);
	assert_int_equal(c.compared, 3);
	assert_int_equal(c.differing, 1);
	assert_int_equal(c.missing + c.doubled, 0);
	assert_string_equal(c.first, "'x', UID 3: other date at the target");
	assert_int_equal(notes(w, NULL, &note), 1);
	assert_string_equal(note.kind, "date");
	assert_int_equal(note.uid, 3);
	assert_int_equal(note.dst_uid, 12);
	assert_string_equal(note.detail,
			    "the target has 1970-01-01T00:01:39Z in place of 1970-01-01T00:00:20Z");
	/* It was told; from now on it is a loss that the report has. */
	look(w, seen, 6, &c);
	assert_int_equal(c.differing, 0);
	assert_int_equal(c.losses, 1);
	assert_string_equal(c.first, "");
	assert_int_equal(notes(w, NULL, &note), 1);
}

static void test_recorded_losses_are_no_differences(void **state)
{
	static const struct sight seen[] = {
		{ false, 1, 'a', 10, "$Label \\Seen" },
		{ true, 11, 'a', 10, "\\Seen" },
		{ false, 2, 'b', 10, "$Label" },
		{ true, 12, 'b', 10, "" },
		{ false, 3, 'c', 10, "" },
		{ true, 13, 'c', 10, "\\Deleted" },
	};
	struct world *w = *state;
	struct ledger_message lost = message(1, 'a');
	struct ledger_comparison c;
	struct ledger_note note;
	struct err e;
	add(w, 1);
	add(w, 2);
	add(w, 3);
	lost.reason = "1 flags are not taken by the target (of: $Label \\Seen)";
	assert_int_equal(ledger_set_done(w->store, w->folder.id, 1, &lost, &e), 0);
	done(w, 2, 12, 'b'); /* nobody knows that it lost something */
	lost = message(3, 'c');
	lost.reason = "1 flags are not taken by the target"; /* but not that it got one */
	assert_int_equal(ledger_set_done(w->store, w->folder.id, 1, &lost, &e), 0);
	look(w, seen, 6, &c);
	assert_int_equal(c.losses, 1);
	assert_int_equal(c.differing, 2);
	assert_string_equal(c.first, "'x', UID 2: other flags at the target");
	assert_int_equal(notes(w, "differing", &note), 2);
	assert_int_equal(note.uid, 3);
	assert_string_equal(note.detail, "the flags at the target are '\\Deleted' in place of ''");
}

/* The copy is known by its own hash, the original by its; both must be what the ledger says. */
static void test_a_repaired_message_arrived(void **state)
{
	static const struct sight seen[] = {
		{ false, 1, 'o', 10, "" },
		{ true, 11, 'r', 10, "" },
	};
	static const struct sight other[] = {
		{ false, 1, 'p', 10, "" },
		{ true, 11, 'r', 10, "" },
	};
	struct world *w = *state;
	struct ledger_message m = message(1, 'o');
	struct ledger_comparison c;
	struct err e;
	add(w, 1);
	m.has_copy_sha = true;
	memset(m.copy_sha, 'r', SHA256_LEN);
	m.repair = "NUL replaced";
	assert_int_equal(ledger_set_done(w->store, w->folder.id, 1, &m, &e), 0);
	look(w, seen, 2, &c);
	assert_int_equal(c.compared, 1);
	assert_int_equal(c.repaired, 1);
	assert_int_equal(c.missing + c.differing + c.doubled + c.altered, 0);
	look(w, other, 2, &c); /* the source has other bytes than those that were repaired */
	assert_int_equal(c.missing, 1);
	assert_int_equal(c.repaired, 0);
}

/* Each by name, until the next comparison says otherwise; one folder can be taken out again. */
static void test_differences_are_noted(void **state)
{
	static const struct sight seen[] = {
		{ false, 1, 'a', 10, "" }, { false, 2, 'b', 10, "" }, { true, 11, 'b', 10, "" },
		{ true, 12, 'b', 10, "" }, { true, 13, 'c', 10, "" },
	};
	struct world *w = *state;
	struct ledger_comparison c;
	struct ledger_note note;
	struct err e;
	look(w, seen, 5, &c);
	assert_int_equal(notes(w, "missing", &note), 1);
	assert_int_equal(note.uid, 1);
	assert_int_equal(notes(w, "doubled", &note), 1);
	assert_int_equal(note.uid, 2);
	assert_int_equal(note.dst_uid, 12);
	look(w, seen + 1, 2, &c);
	assert_int_equal(notes(w, NULL, &note), 0);
	assert_int_equal(ledger_compare_begin(w->store, w->box.id, &e), 0);
	see(w, false, 'a', "");
	assert_int_equal(ledger_compare_drop(w->store, w->box.id, "y", &e), 0);
	end(w, &c);
	assert_int_equal(c.missing, 1);
	see(w, false, 'a', "");
	assert_int_equal(ledger_compare_drop(w->store, w->box.id, "x", &e), 0);
	end(w, &c);
	assert_int_equal(c.compared, 0);
}

struct head_sight {
	bool at_dst;
	uint32_t uid;
	const char *key, *weak; /* 16 bytes; NULL */
	uint64_t size;
};

static void look_at_heads(struct world *w, const struct head_sight *list, size_t n,
			  struct ledger_comparison *c)
{
	struct err e;
	assert_int_equal(ledger_compare_begin(w->store, w->box.id, &e), 0);
	for (size_t i = 0; i < n; i++) {
		const struct ledger_seen s = { .mailbox_id = w->box.id,
					       .folder = "x",
					       .at_dst = list[i].at_dst,
					       .uid = list[i].uid,
					       .flags = "",
					       .size = list[i].size,
					       .by_header = true,
					       .head = (const unsigned char *)list[i].key,
					       .weak = (const unsigned char *)list[i].weak };
		assert_int_equal(ledger_compare_add(w->store, &s, &e), 0);
	}
	end(w, c);
	assert_true(c->by_headers);
}

static void test_comparison_by_headers(void **state)
{
	static const char a[] = "aaaaaaaaaaaaaaaa";
	static const char b[] = "bbbbbbbbbbbbbbbb";
	static const struct head_sight alike[] = {
		{ false, 1, a, b, 1000 },
		{ true, 11, a, b, 1400 },
		{ false, 2, a, b, 90000 },
		{ true, 12, a, b, 91000 },
		{ false, 3, NULL, b, 500 },
		{ true, 13, "cccccccccccccccc", b, 700 }, /* given one */
		{ false, 4, NULL, NULL, 50 },
		{ true, 14, NULL, NULL, 60 },
	};
	static const struct head_sight less[] = {
		{ false, 1, a, b, 1000 },
		{ false, 2, a, b, 90000 },
		{ true, 12, a, b, 91000 },
	};
	static const struct head_sight cut[] = { { false, 1, a, b, 90000 },
						 { true, 11, a, b, 400 } };
	static const struct head_sight twice[] = { { false, 3, NULL, b, 500 },
						   { true, 13, NULL, b, 500 },
						   { true, 14, NULL, b, 500 } };
	struct world *w = *state;
	struct ledger_comparison c;
	look_at_heads(w, alike, 8, &c);
	assert_int_equal(c.compared, 4);
	assert_int_equal(c.missing + c.differing + c.doubled + c.altered, 0);
	look_at_heads(w, less, 3, &c);
	assert_int_equal(c.missing, 1);
	assert_string_equal(c.first, "'x', UID 1: not at the target");
	look_at_heads(w, cut, 2, &c);
	assert_int_equal(c.differing, 1);
	assert_string_equal(c.first, "'x', UID 1: another size at the target");
	look_at_heads(w, twice, 3, &c);
	assert_int_equal(c.doubled, 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_altered_line_ends, open_world, close_world),
		cmocka_unit_test_setup_teardown(test_elsewhere_is_somewhere, open_world,
						close_world),
		cmocka_unit_test_setup_teardown(test_refused_is_not_missing, open_world,
						close_world),
		cmocka_unit_test_setup_teardown(test_comparison, open_world, close_world),
		cmocka_unit_test_setup_teardown(test_the_copy_that_differs_is_named, open_world,
						close_world),
		cmocka_unit_test_setup_teardown(test_recorded_losses_are_no_differences, open_world,
						close_world),
		cmocka_unit_test_setup_teardown(test_a_repaired_message_arrived, open_world,
						close_world),
		cmocka_unit_test_setup_teardown(test_differences_are_noted, open_world,
						close_world),
		cmocka_unit_test_setup_teardown(test_comparison_by_headers, open_world,
						close_world),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
