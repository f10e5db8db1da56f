#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "migrate/match.h"
#include "world.h"

#define DATE "Date: Wed, 17 Jul 1996 02:44:25 -0700\r\n"
#define FROM "From: Carla <carla@treyresearch.com>\r\n"
#define ANEW "Date: Wed, 17 Jul 1996 09:44:25 +0000\r\nFrom: carla@TreyResearch.com\r\n"

/* An answer to a FETCH of headers or of bodies; texts are short enough for a quoted string's
 * room, and literals' lengths are computed by the world below. */
struct part {
	const char *uid, *text;
	unsigned size; /* RFC822.SIZE; 0: a body */
};

static char *told(const struct part *parts, size_t n)
{
	struct buf b;
	buf_init(&b);
	for (size_t i = 0; i < n; i++) {
		buf_addf(&b, "* %zu FETCH (UID %s ", i + 1, parts[i].uid);
		if (parts[i].size != 0)
			buf_addf(&b, "RFC822.SIZE %u BODY[HEADER.FIELDS (MESSAGE-ID DATE FROM)]",
				 parts[i].size);
		else
			buf_adds(&b, "FLAGS () BODY[]");
		buf_addf(&b, " {%zu}\r\n%s)\r\n", strlen(parts[i].text), parts[i].text);
	}
	buf_adds(&b, "% OK done\r\n");
	char *text = strdup(b.at);
	buf_release(&b);
	return text;
}
#define TOLD(...)                                                                                  \
	told((const struct part[]){ __VA_ARGS__ },                                                 \
	     sizeof((const struct part[]){ __VA_ARGS__ }) / sizeof(struct part))

struct side {
	char *heads, *bodies, *list;
	struct step steps[8];
};

/* The candidates are listed twice: before they are read, and once more to see whether more came. */
static const struct step *server(struct side *s)
{
	size_t n = 0;
	for (size_t i = 0; s->list != NULL && i < 2; i++)
		s->steps[n++] = (struct step){ ":* (UID)", s->list, false, false };
	if (s->heads != NULL)
		s->steps[n++] = (struct step){ "HEADER.FIELDS", s->heads, false, false };
	if (s->bodies != NULL)
		s->steps[n++] = (struct step){ "BODY.PEEK[]", s->bodies, false, false };
	s->steps[n] = (struct step){ NULL, NULL, false, false };
	return s->steps;
}

struct match_case {
	struct world w;
	struct side src, dst;
};

/* `rows` messages wait at the source, the target's folder is not known to the ledger. */
static void look(struct match_case *c, enum migrate_match policy, uint32_t rows)
{
	struct err e;
	world_open(&c->w, server(&c->src), server(&c->dst));
	c->w.opts.match = policy;
	c->w.folder.row.match_from = 1;
	for (uint32_t uid = 1; uid <= rows; uid++)
		add_message(&c->w, uid, "\\Seen");
	if (match_run(&c->w.box, &c->w.folder, &e) != 0)
		fail_msg("%s", e.text);
}

static void end(struct match_case *c)
{
	world_close(&c->w);
	free(c->src.heads);
	free(c->src.bodies);
	free(c->dst.heads);
	free(c->dst.bodies);
}

static void assert_place(struct match_case *c, uint32_t uid, uint32_t dst_uid)
{
	struct ledger_message row = row_of(&c->w, uid);
	assert_int_equal(row.state, dst_uid == 0 ? LEDGER_NEW : LEDGER_DONE);
	assert_int_equal(row.dst_uid, dst_uid);
}

static char two[] = "* 1 FETCH (UID 11)\r\n* 2 FETCH (UID 12)\r\n% OK\r\n";
static char one[] = "* 1 FETCH (UID 11)\r\n% OK\r\n";

static void test_by_header_at_a_target_that_writes_anew(void **state)
{
	struct match_case c = {
		.src.heads = TOLD({ "1", "Message-ID: <a@b>\r\n" DATE FROM "\r\n", 500 },
				  { "2", "Message-ID: <c@d>\r\n" DATE FROM "\r\n", 500 },
				  { "3", "Message-ID: <e@f>\r\n" DATE FROM "\r\n", 500 }),
		.dst.list = two,
		.dst.heads = TOLD({ "11", ANEW "Message-ID: <e@f>\r\n\r\n", 700 },
				  { "12", ANEW "Message-ID: <a@b>\r\n\r\n", 700 }),
	};
	(void)state;
	look(&c, MIGRATE_MATCH_HEADERS, 3);
	assert_place(&c, 1, 12);
	assert_place(&c, 2, 0);
	assert_place(&c, 3, 11);
	assert_false(row_of(&c.w, 1).has_sha); /* no hash is claimed that nobody has seen */
	assert_null(strstr(c.w.said_src.at, "BODY.PEEK[]"));
	assert_null(strstr(c.w.said_dst.at, "BODY.PEEK[]"));
	end(&c);
}

/* One Message-ID, two contents: which of them is there cannot be told, so neither is believed to
 * be. Doubling is loud, losing would be silent. */
static void test_one_id_and_other_content(void **state)
{
	static const char head[] = "Message-ID: <a@b>\r\n" DATE FROM "\r\n";
	struct match_case c = {
		.src.heads = TOLD({ "1", head, 500 }, { "2", head, 520 }),
		.src.bodies = TOLD({ "1", "one", 0 }, { "2", "two", 0 }),
		.dst.list = one,
		.dst.heads = TOLD({ "11", head, 500 }),
		.dst.bodies = TOLD({ "11", "anew", 0 }),
	};
	(void)state;
	look(&c, MIGRATE_MATCH_HEADERS, 2);
	assert_place(&c, 1, 0);
	assert_place(&c, 2, 0);
	end(&c);
}

/* The same, but the target kept the bytes of one: it is that one. */
static void test_one_id_other_content_and_kept_bytes(void **state)
{
	static const char head[] = "Message-ID: <a@b>\r\n" DATE FROM "\r\n";
	struct match_case c = {
		.src.heads = TOLD({ "1", head, 500 }, { "2", head, 520 }),
		.src.bodies = TOLD({ "1", "one", 0 }, { "2", "two", 0 }),
		.dst.list = one,
		.dst.heads = TOLD({ "11", head, 500 }),
		.dst.bodies = TOLD({ "11", "two", 0 }),
	};
	(void)state;
	look(&c, MIGRATE_MATCH_HEADERS, 2);
	assert_place(&c, 1, 0);
	assert_place(&c, 2, 11);
	end(&c);
}

static void test_exact_duplicates_stay_as_many(void **state)
{
	static const char head[] = "Message-ID: <a@b>\r\n" DATE FROM "\r\n";
	struct match_case c = {
		.src.heads = TOLD({ "1", head, 500 }, { "2", head, 500 }, { "3", head, 500 }),
		.src.bodies = TOLD({ "1", "same", 0 }, { "2", "same", 0 }, { "3", "same", 0 }),
		.dst.list = two,
		.dst.heads = TOLD({ "11", head, 600 }, { "12", head, 600 }),
	};
	(void)state;
	look(&c, MIGRATE_MATCH_HEADERS, 3);
	assert_place(&c, 1, 11);
	assert_place(&c, 2, 12);
	assert_place(&c, 3, 0);
	end(&c);
}

/* Exchange gives one to a message that had none. */
static void test_no_message_id(void **state)
{
	struct match_case c = {
		.src.heads = TOLD({ "1", DATE FROM "\r\n", 500 }),
		.dst.list = one,
		.dst.heads = TOLD({ "11", ANEW "Message-ID: <made@up>\r\n\r\n", 600 }),
	};
	(void)state;
	look(&c, MIGRATE_MATCH_HEADERS, 1);
	assert_place(&c, 1, 11);
	end(&c);
}

/* Neither of two messages without an id, with one date and sender, is told apart by them. */
static void test_no_message_id_twice(void **state)
{
	struct match_case c = {
		.src.heads = TOLD({ "1", DATE FROM "\r\n", 500 }, { "2", DATE FROM "\r\n", 500 }),
		.src.bodies = TOLD({ "1", "one", 0 }, { "2", "two", 0 }),
		.dst.list = one,
		.dst.heads = TOLD({ "11", ANEW "\r\n", 500 }),
		.dst.bodies = TOLD({ "11", "anew", 0 }),
	};
	(void)state;
	look(&c, MIGRATE_MATCH_HEADERS, 2);
	assert_place(&c, 1, 0);
	assert_place(&c, 2, 0);
	end(&c);
}

/* The same header over a body that was lost on the way. */
static void test_the_class_of_the_size(void **state)
{
	static const char head[] = "Message-ID: <a@b>\r\n" DATE FROM "\r\n";
	struct match_case c = {
		.src.heads = TOLD({ "1", head, 5000000 }),
		.src.bodies = TOLD({ "1", "whole", 0 }),
		.dst.list = one,
		.dst.heads = TOLD({ "11", head, 900 }),
		.dst.bodies = TOLD({ "11", "", 0 }),
	};
	(void)state;
	look(&c, MIGRATE_MATCH_HEADERS, 1);
	assert_place(&c, 1, 0);
	end(&c);
}

/* By bytes, headers only say which bodies are worth reading. */
static void test_by_bytes_few_bodies_are_read(void **state)
{
	struct match_case c = {
		.src.heads = TOLD({ "1", "Message-ID: <a@b>\r\n" DATE FROM "\r\n", 500 },
				  { "2", "Message-ID: <c@d>\r\n" DATE FROM "\r\n", 5000 },
				  { "3", "Message-ID: <e@f>\r\n" DATE FROM "\r\n", 500 }),
		.src.bodies = TOLD({ "2", "same\n", 0 }),
		.dst.list = two,
		.dst.heads = TOLD({ "11", "Message-ID: <x@y>\r\n" DATE FROM "\r\n", 90 },
				  { "12", "Message-ID: <c@d>\r\n" DATE FROM "\r\n", 5000 }),
		.dst.bodies = TOLD({ "12", "same\r\n", 0 }),
	};
	(void)state;
	look(&c, MIGRATE_MATCH_BYTES, 3);
	assert_place(&c, 1, 0);
	assert_place(&c, 2, 12);
	assert_place(&c, 3, 0);
	assert_heard(&c.w.said_src, "UID FETCH 2 (UID FLAGS INTERNALDATE BODY.PEEK[])");
	assert_heard(&c.w.said_dst, "UID FETCH 12 (UID FLAGS INTERNALDATE BODY.PEEK[])");
	end(&c);
}

/* Two servers that do not agree what a header is: the size is near, so the body is looked at. */
static void test_by_bytes_servers_disagree_about_the_header(void **state)
{
	struct match_case c = {
		.src.heads = TOLD({ "1", "Message-ID: <a@b>\r\n" DATE FROM "\r\n", 500 }),
		.src.bodies = TOLD({ "1", "same\r\n", 0 }),
		.dst.list = one,
		.dst.heads = TOLD({ "11", "\r\n", 505 }),
		.dst.bodies = TOLD({ "11", "same\r\n", 0 }),
	};
	(void)state;
	look(&c, MIGRATE_MATCH_BYTES, 1);
	assert_place(&c, 1, 11);
	end(&c);
}

/* What was in flight is little: there the bodies decide, whatever the headers look like. */
static void test_in_flight_by_bytes(void **state)
{
	struct match_case c = {
		.src.bodies = TOLD({ "1", "one", 0 }, { "2", "two", 0 }),
		.dst.list = two,
		.dst.bodies = TOLD({ "11", "other", 0 }, { "12", "two", 0 }),
	};
	struct err e;
	(void)state;
	world_open(&c.w, server(&c.src), server(&c.dst));
	for (uint32_t uid = 1; uid <= 2; uid++) {
		add_message(&c.w, uid, "\\Seen");
		assert_int_equal(ledger_set_in_flight(c.w.store, c.w.folder.row.id, uid, 11, &e),
				 0);
	}
	if (match_run(&c.w.box, &c.w.folder, &e) != 0)
		fail_msg("%s", e.text);
	assert_place(&c, 1, 0);
	assert_place(&c, 2, 12);
	assert_null(strstr(c.w.said_dst.at, "HEADER.FIELDS"));
	end(&c);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_by_header_at_a_target_that_writes_anew),
		cmocka_unit_test(test_one_id_and_other_content),
		cmocka_unit_test(test_one_id_other_content_and_kept_bytes),
		cmocka_unit_test(test_exact_duplicates_stay_as_many),
		cmocka_unit_test(test_no_message_id),
		cmocka_unit_test(test_no_message_id_twice),
		cmocka_unit_test(test_the_class_of_the_size),
		cmocka_unit_test(test_by_bytes_few_bodies_are_read),
		cmocka_unit_test(test_by_bytes_servers_disagree_about_the_header),
		cmocka_unit_test(test_in_flight_by_bytes),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
