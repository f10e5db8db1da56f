#include "zone_test.h"

#include <string.h>

#include "base/digest.h"
#include "zone/wire.h"

static void a_query_has_the_bytes_of_rfc_1035(void **state)
{
	(void)state;
	struct buf b;
	struct err e = { 0 };
	buf_init(&b);
	struct dns_question q = { "x.net.", RR_MX };
	struct dns_query_opts plain = { .id = 0x1234, .rd = true };
	assert_int_equal(dns_query_build(&q, &plain, &b, &e), 0);
	static const char want[] = "\x12\x34\x01\0\0\1\0\0\0\0\0\0\1x\3net\0\0\x0f\0\1";
	assert_int_equal(b.len, sizeof(want) - 1);
	assert_memory_equal(b.at, want, sizeof(want) - 1);
	buf_clear(&b);
	struct dns_query_opts edns = { .id = 1, .edns = true, .dnssec = true };
	assert_int_equal(dns_query_build(&q, &edns, &b, &e), 0);
	static const char opt[] = "\0\0\x29\x04\xd0\0\0\x80\0\0\0";
	assert_memory_equal(b.at + b.len - 11, opt, 11);
	q.name = "a..b";
	assert_int_equal(dns_query_build(&q, &plain, &b, &e), -1);
	buf_release(&b);
}

static void mixed_case_still_is_the_name(void **state)
{
	struct seeded_rng rng;
	struct err e = { 0 };
	struct buf b;
	buf_init(&b);
	seeded_rng_init(&rng, 7);
	struct dns_question q = { "abcdefghijklmnopqrstuvwxyz.example.net.", RR_A };
	struct dns_query_opts opts = { .mixed_case = &rng.rng };
	assert_int_equal(dns_query_build(&q, &opts, &b, &e), 0);
	const struct dns_answer *ans = dns_answer_parse(*state, buf_slice(&b), &e);
	assert_string_not_equal(ans->question.name, q.name);
	assert_true(str_eq_nocase(ans->question.name, q.name));
	buf_release(&b);
}

/* An answer with two MX of different TTL, an NS in authority and a compressed address. */
static const char answer[] = "\xab\xcd\x84\x00\0\1\0\2\0\1\0\2"
			     "\1X\3net\0\0\x0f\0\1"
			     "\xc0\x0c\0\x0f\0\1\0\0\1\x2c\0\7\0\x0a\2mA\xc0\x0c"
			     "\xc0\x0c\0\x0f\0\1\0\0\2\x58\0\7\0\x14\2mb\xc0\x0c"
			     "\xc0\x0c\0\2\0\1\0\0\0\x3c\0\5\2ns\xc0\x0c"
			     "\2ns\xc0\x0c\0\1\0\1\0\0\0\x3c\0\4\x0a\0\0\1"
			     "\0\0\x29\x04\xd0\0\0\0\0\0\0";

static void an_answer_becomes_rrsets(void **state)
{
	struct err e = { 0 };
	const struct dns_answer *ans = dns_answer_parse(
		*state, (struct slice){ answer, sizeof(answer) - 1 }, &e);
	if (ans == NULL)
		fail_msg("%s", e.text);
	assert_int_equal(ans->id, 0xabcd);
	assert_true(ans->qr && ans->aa && ans->has_opt);
	assert_false(ans->tc || ans->ra);
	assert_string_equal(ans->question.name, "X.net."); /* case as it came */
	assert_int_equal(ans->answer_n, 1);
	const struct rrset *mx = dns_section_find(ans->answer, ans->answer_n, "x.net.", RR_MX);
	assert_int_equal(mx->n, 2);
	assert_int_equal(mx->ttl, 600); /* the highest bounds a cache */
	assert_string_equal(mx->rdata[0], "10 ma.x.net.");
	assert_int_equal(ans->authority_n, 1);
	assert_int_equal(ans->additional_n, 1); /* OPT is no RRset */
	assert_string_equal(ans->additional[0]->rdata[0], "10.0.0.1");
}

static void every_shortened_answer_is_an_error_or_less(void **state)
{
	for (size_t len = 0; len < sizeof(answer) - 1; len++) {
		struct err e = { 0 };
		char *exact = mem_alloc(len); /* so that ASan sees its end */
		if (len > 0)
			memcpy(exact, answer, len);
		assert_null(dns_answer_parse(*state, (struct slice){ exact, len }, &e));
		assert_int_equal(e.kind, ERR_ITEM);
		free(exact);
	}
}

static void a_pointer_to_itself_ends(void **state)
{
	static const char loop[] = "\0\1\x80\0\0\1\0\0\0\0\0\0\xc0\x0c\0\1\0\1";
	static const char many[] = "\0\1\x80\0\0\1\xff\xff\xff\xff\xff\xff\1x\0\0\1\0\1";
	struct err e = { 0 };
	assert_null(dns_answer_parse(*state, (struct slice){ loop, sizeof(loop) - 1 }, &e));
	assert_null(dns_answer_parse(*state, (struct slice){ many, sizeof(many) - 1 }, &e));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		ZONE_TEST(a_query_has_the_bytes_of_rfc_1035),
		ZONE_TEST(mixed_case_still_is_the_name),
		ZONE_TEST(an_answer_becomes_rrsets),
		ZONE_TEST(every_shortened_answer_is_an_error_or_less),
		ZONE_TEST(a_pointer_to_itself_ends),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
