/* What a server tells of its room, and what it does not. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "world.h"

#include "migrate/quota.h"

#define OFFERS                                                                                     \
	{                                                                                          \
		"CAPABILITY", "* CAPABILITY IMAP4rev1 QUOTA LITERAL+\r\n% OK\r\n", false, false    \
	}
#define END                                                                                        \
	{                                                                                          \
		NULL, NULL, false, false                                                           \
	}

static struct migrate_quota asked(const struct step *steps)
{
	struct migrate_quota q;
	struct world w;
	struct err e;
	world_open(&w, capable, steps);
	assert_int_equal(quota_ask(w.box.dst, &q, &e), 0);
	world_close(&w);
	return q;
}

static void assert_told(const struct migrate_quota *q, const struct migrate_quota *wanted)
{
	assert_int_equal(q->bytes_used, wanted->bytes_used);
	assert_int_equal(q->bytes_limit, wanted->bytes_limit);
	assert_int_equal(q->messages_used, wanted->messages_used);
	assert_int_equal(q->messages_limit, wanted->messages_limit);
}

/* What is stored counts for all roots: the one with the least room decides, for each resource. */
static void test_the_tightest_root_is_told(void **state)
{
	static const struct step steps[] = { OFFERS,
					     { "GETQUOTAROOT INBOX",
					       "* QUOTAROOT INBOX mine all\r\n"
					       "* QUOTA mine (STORAGE 10 100 MESSAGE 5 1000)\r\n"
					       "* QUOTA all (STORAGE 900 950 MESSAGE 1 9999)\r\n"
					       "* QUOTA more (STORAGE 0 99999999999999999999)\r\n"
					       "% OK\r\n",
					       false, false },
					     END };
	const struct migrate_quota q = asked(steps);
	(void)state;
	assert_told(&q, &(struct migrate_quota){ 900 * 1024, 950 * 1024, 5, 1000 });
}

static void test_a_huge_limit_is_no_small_one(void **state)
{
	static const struct step steps[] = {
		OFFERS,
		{ "GETQUOTAROOT INBOX", "* QUOTA \"\" (STORAGE 10 9223372036854775807)\r\n% OK\r\n",
		  false, false },
		END
	};
	const struct migrate_quota q = asked(steps);
	(void)state;
	assert_told(&q, &(struct migrate_quota){ 10 * 1024, INT64_MAX, -1, -1 });
}

static void test_nothing_told_claims_nothing(void **state)
{
	static const struct step refuses[] = {
		OFFERS, { "GETQUOTAROOT INBOX", "% NO not today\r\n", false, false }, END
	};
	const struct migrate_quota none = { -1, -1, -1, -1 };
	(void)state;
	struct migrate_quota q = asked(refuses);
	assert_told(&q, &none);
	q = asked(capable); /* does not offer it, and is not asked */
	assert_told(&q, &none);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_the_tightest_root_is_told),
		cmocka_unit_test(test_a_huge_limit_is_no_small_one),
		cmocka_unit_test(test_nothing_told_claims_nothing),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
