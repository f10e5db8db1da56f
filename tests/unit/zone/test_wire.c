#include "zone_test.h"

#include <string.h>

#include "base/digest.h"
#include "zone/wire_priv.h"

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

/* Everything that an answer tells, as text. */
static void of_very_many_addresses_some_are_kept(void **state)
{
	(void)state;
	struct arena *a = arena_new();
	struct err e = { 0 };
	struct buf wire;
	buf_init(&wire);
	buf_add(&wire, "\0\1\x84\0\0\1\1\x2c\0\0\0\0\1x\0\0\1\0\1", 19);
	for (int i = 0; i < 300; i++) {
		buf_add(&wire, "\xc0\x0c\0\1\0\1\0\0\0\x3c\0\4\x0a\0", 14);
		buf_addc(&wire, (char)(i / 256));
		buf_addc(&wire, (char)(i % 256));
	}
	const struct dns_answer *both[] = { dns_answer_parse(a, buf_slice(&wire), &e),
					    wire_read_ldns(a, buf_slice(&wire), &e) };
	for (size_t i = 0; i < 2; i++) {
		assert_non_null(both[i]);
		assert_int_equal(both[i]->answer_n, 1);
		assert_int_equal(both[i]->answer[0]->n, DNS_ADDRESSES_MAX);
	}
	buf_release(&wire);
	arena_free(a);
}

static const char *all_of(struct arena *a, const struct dns_answer *ans)
{
	struct buf b;
	if (ans == NULL)
		return "no message";
	buf_init(&b);
	buf_addf(&b, "%u %u %u %d%d%d%d%d%d%d ", ans->id, ans->opcode, ans->rcode, ans->qr, ans->aa,
		 ans->tc, ans->rd, ans->ra, ans->ad, ans->has_opt);
	buf_addf(&b, "EDE %d %u %s ", ans->has_ede, ans->ede, ans->ede_text);
	buf_addf(&b, "mixed %s %u ", ans->ttl_mixed != NULL ? ans->ttl_mixed->name : "-",
		 ans->ttl_lowest);
	buf_addf(&b, "%s %u\n", ans->question.name, ans->question.type);
	for (size_t i = 0; i < ans->answer_n; i++)
		rrset_print(ans->answer[i], &b);
	buf_adds(&b, "authority\n");
	for (size_t i = 0; i < ans->authority_n; i++)
		rrset_print(ans->authority[i], &b);
	buf_adds(&b, "additional\n");
	for (size_t i = 0; i < ans->additional_n; i++)
		rrset_print(ans->additional[i], &b);
	const char *text = arena_slice(a, buf_slice(&b));
	buf_release(&b);
	return text;
}

/* One of each type that our own reader knows, two of others, and an extended error. */
static const char motley[] =
	"\0\1\x85\x80\0\1\0\7\0\2\0\2\1x\3net\0\0\xff\0\1"
	"\xc0\x0c\0\1\0\1\0\0\0\x3c\0\4\xc0\0\2\1"
	"\xc0\x0c\0\x1c\0\1\0\0\0\x3c\0\x10\x20\1\x0d\xb8\0\0\0\0\0\0\0\0\0\0\0\1"
	"\xc0\x0c\0\5\0\1\0\0\0\x3c\0\6\3WwW\xc0\x0c"
	"\xc0\x0c\0\x0f\0\1\0\0\0\x3c\0\5\xff\xff\1\"\0"
	"\xc0\x0c\0\x10\0\1\0\0\0\x3c\0\7\2a\"\0\2\\\xff"
	"\xc0\x0c\0\x21\0\1\0\0\0\x3c\0\x09\0\1\0\2\0\x19\1s\0"
	"\xc0\x0c\x04\xd2\0\1\0\0\0\x3c\0\2\1\2"
	"\xc0\x0c\0\6\0\1\0\0\0\x3c\0\x1a\1n\xc0\x0c\xc0\x0c"
	"\xff\xff\xff\xff\0\0\0\2\0\0\0\3\0\0\0\4\0\0\0\5"
	"\xc0\x0c\0\2\0\1\x80\0\0\0\0\2\xc0\x0c"
	"\1n\xc0\x0c\0\1\0\1\0\0\0\x3c\0\4\x0a\0\0\1"
	"\0\0\x29\x04\xd0\0\0\0\0\0\x0a\0\x0f\0\6\0\x12"
	"a\x1b\xc3\0";

/* A signed referral, as a top-level zone gives it: NSEC3 with and without salt, their signatures.
 */
static const char referral[] = "\0\1\x80\0\0\1\0\0\0\5\0\0\1x\3net\0\0\2\0\1"
			       "\xc0\x0c\0\2\0\1\0\1\x51\x80\0\4\1n\xc0\x0c"
			       "\4abcd\xc0\x0e\0\x32\0\1\0\0\3\x84\0\x22\1\1\0\0\0\x14"
			       "\1\2\3\4\5\6\7\x08\x09\x0a\x0b\x0c\x0d\x0e\x0f\x10\x11\x12\x13\x14"
			       "\0\6\x62\1\x80\0\0\2"
			       "\4efgh\xc0\x0e\0\x32\0\1\0\0\3\x84\0\x14\1\0\1\x2c\2\xab\xcd\5"
			       "\xff\xee\xdd\xcc\xbb\0\2\0\x08\1\1\x40"
			       "\4abcd\xc0\x0e\0\x2e\0\1\0\0\3\x84\0\x1c\0\x32\x0d\2\0\0\3\x84"
			       "\x6a\0\0\0\x69\0\0\0\xa0\x01\3NeT\0\xfe\xdc\xba\x98\x76"
			       "\xc0\x0e\0\x2e\0\1\0\0\3\x84\0\x1a\0\x63\x08\2\0\0\3\x84"
			       "\x6a\0\0\0\x69\0\0\0\xa0\x01\3net\0\1\2\3";

static void our_reader_tells_what_ldns_tells(void **state)
{
	struct slice wires[] = { { answer, sizeof(answer) - 1 },
				 { motley, sizeof(motley) - 1 },
				 { referral, sizeof(referral) - 1 } };
	for (size_t i = 0; i < sizeof(wires) / sizeof(wires[0]); i++) {
		struct err e = { 0 };
		const struct dns_answer *own = wire_read_fast(*state, wires[i]);
		assert_non_null(own);
		assert_string_equal(all_of(*state, own),
				    all_of(*state, wire_read_ldns(*state, wires[i], &e)));
	}
}

/* Every octet of a good message, each with a bit or some turned over: our reader must never take
 * what ldns refuses, nor take it for something else. How many of them it took. */
static size_t take_damaged(struct slice good)
{
	static const unsigned char turned[] = { 1, 2, 4, 8, 16, 32, 64, 128, 0xc0, 0xff };
	char *wire = mem_alloc(good.len);
	size_t taken = 0;
	for (size_t at = 0; at < good.len; at++) {
		struct arena *a = arena_new();
		for (size_t i = 0; i < sizeof(turned); i++) {
			struct err e = { 0 };
			memcpy(wire, good.ptr, good.len);
			wire[at] = (char)(turned[i] ^ good.ptr[at]);
			struct slice s = { wire, good.len };
			const struct dns_answer *own = wire_read_fast(a, s);
			taken += own != NULL ? 1 : 0;
			if (own != NULL)
				assert_string_equal(all_of(a, own),
						    all_of(a, wire_read_ldns(a, s, &e)));
		}
		arena_free(a);
	}
	free(wire);
	return taken;
}

static void our_reader_takes_no_other_damage_than_ldns(void **state)
{
	(void)state;
	assert_true(take_damaged((struct slice){ motley, sizeof(motley) - 1 }) > sizeof(motley));
	assert_true(take_damaged((struct slice){ referral, sizeof(referral) - 1 }) >
		    sizeof(referral));
}

static void an_extended_error_is_read(void **state)
{
	struct err e = { 0 };
	const struct dns_answer *ans = dns_answer_parse(
		*state, (struct slice){ motley, sizeof(motley) - 1 }, &e);
	assert_true(ans->has_ede);
	assert_int_equal(ans->ede, 18);
	assert_string_equal(ans->ede_text, "a??"); /* printable, and its NUL is no letter */
	ans = dns_answer_parse(*state, (struct slice){ answer, sizeof(answer) - 1 }, &e);
	assert_false(ans->has_ede);
	assert_string_equal(ans->ede_text, "");
}

static void records_of_one_set_with_two_ttls_are_told(void **state)
{
	struct err e = { 0 };
	const struct dns_answer *ans = dns_answer_parse(
		*state, (struct slice){ answer, sizeof(answer) - 1 }, &e);
	assert_ptr_equal(ans->ttl_mixed, ans->answer[0]);
	assert_int_equal(ans->ttl_mixed->ttl, 600);
	assert_int_equal(ans->ttl_lowest, 300);
	ans = dns_answer_parse(*state, (struct slice){ motley, sizeof(motley) - 1 }, &e);
	assert_null(ans->ttl_mixed);
}

static void an_nsec_keeps_the_case_of_its_next_name(void **state)
{
	static const char wire[] = "\0\1\x84\0\0\1\0\0\0\2\0\0\1x\3net\0\0\1\0\1"
				   "\xc0\x0c\0\x2f\0\1\0\0\0\x3c\0\x0c\3BiG\3Net\0\0\1\x40"
				   "\xc0\x0c\0\2\0\1\0\0\0\x3c\0\6\3NsX\xc0\x0c";
	struct err e = { 0 };
	const struct dns_answer *ans = dns_answer_parse(
		*state, (struct slice){ wire, sizeof(wire) - 1 }, &e);
	assert_non_null(ans);
	assert_string_equal(ans->authority[0]->rdata[0], "BiG.Net. A");
	assert_string_equal(ans->authority[1]->rdata[0], "nsx.x.net.");
}

/* A question, then two records: one named by a pointer, one of class CH with rdata. */
static const char two_heads[] = "\0\7\x84\0\0\1\0\2\0\0\0\0"
				"\1A\0\0\xfc\0\1"
				"\1b\xc0\x0c\0\x0f\0\1\0\0\0\0\0\0"
				"\xc0\x0c\0\6\0\3\0\0\0\0\0\2xy";

static void heads_are_read_one_by_one(void **state)
{
	struct dns_heads h;
	struct err e = { 0 };
	(void)state;
	assert_int_equal(
		dns_heads_begin(&h, (struct slice){ two_heads, sizeof(two_heads) - 1 }, &e), 0);
	assert_true(h.qr);
	assert_int_equal(h.id, 7);
	assert_int_equal(h.rcode, 0);
	assert_int_equal(h.left, 2);
	assert_int_equal(dns_heads_next(&h, &e), 1);
	assert_string_equal(h.owner, "b.a.");
	assert_int_equal(h.type, RR_MX);
	assert_int_equal(h.rr_class, 1);
	assert_int_equal(dns_heads_next(&h, &e), 1);
	assert_string_equal(h.owner, "a.");
	assert_int_equal(h.type, RR_SOA);
	assert_int_equal(h.rr_class, 3);
	assert_int_equal(dns_heads_next(&h, &e), 0);
}

/* In a block of its own, so that the sanitizer sees a read behind it. */
static void shortened_heads_are_an_error(void **state)
{
	(void)state;
	for (size_t len = 0; len < sizeof(two_heads) - 1; len++) {
		struct dns_heads h;
		struct err e = { 0 };
		char *exact = mem_alloc(len + 1);
		memcpy(exact + 1, two_heads, len);
		int rc = dns_heads_begin(&h, (struct slice){ exact + 1, len }, &e);
		for (int i = 0; rc >= 0 && i < 2; i++)
			rc = dns_heads_next(&h, &e) == 1 ? 0 : -1;
		assert_int_equal(rc, -1);
		assert_int_equal(e.kind, ERR_ITEM);
		free(exact);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		ZONE_TEST(a_query_has_the_bytes_of_rfc_1035),
		ZONE_TEST(mixed_case_still_is_the_name),
		ZONE_TEST(an_answer_becomes_rrsets),
		ZONE_TEST(every_shortened_answer_is_an_error_or_less),
		ZONE_TEST(a_pointer_to_itself_ends),
		ZONE_TEST(of_very_many_addresses_some_are_kept),
		ZONE_TEST(heads_are_read_one_by_one),
		ZONE_TEST(shortened_heads_are_an_error),
		ZONE_TEST(our_reader_tells_what_ldns_tells),
		ZONE_TEST(our_reader_takes_no_other_damage_than_ldns),
		ZONE_TEST(an_extended_error_is_read),
		ZONE_TEST(records_of_one_set_with_two_ttls_are_told),
		ZONE_TEST(an_nsec_keeps_the_case_of_its_next_name),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
