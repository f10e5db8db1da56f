#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <setjmp.h>

#include <cmocka.h>

#include <string.h>

#include "base/digest.h"

/* FIPS 180-4's examples. */
static void test_sha256(void **state)
{
	char text[SHA256_HEX_LEN + 1];
	(void)state;
	sha256_hex_of(SLICE_LIT(""), text);
	assert_string_equal(text,
			    "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
	sha256_hex_of(SLICE_LIT("abc"), text);
	assert_string_equal(text,
			    "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
}

static void test_sha1(void **state)
{
	char text[SHA1_HEX_LEN + 1];
	(void)state;
	sha1_hex_of(SLICE_LIT("abc"), text);
	assert_string_equal(text, "a9993e364706816aba3e25717850c26c9cd0d89d");
	sha1_hex_of(SLICE_LIT(""), text);
	assert_string_equal(text, "da39a3ee5e6b4b0d3255bfef95601890afd80709");
}

static void test_a_running_hash_is_ready_again(void **state)
{
	unsigned char once[SHA256_LEN];
	unsigned char pieces[SHA256_LEN];
	struct sha256 *h = sha256_new();
	(void)state;
	sha256_of(SLICE_LIT("hello world"), once);
	for (int round = 0; round < 2; round++) {
		sha256_add(h, "hello", 5);
		sha256_add(h, "", 0);
		sha256_add(h, " world", 6);
		sha256_finish(h, pieces);
		assert_memory_equal(pieces, once, SHA256_LEN);
	}
	sha256_free(h);
	sha256_free(NULL);
}

/* RFC 4231, test cases 1 and 2. */
static void test_hmac(void **state)
{
	unsigned char mac[SHA256_LEN];
	char text[SHA256_HEX_LEN + 1];
	char key[20];
	(void)state;
	memset(key, 0x0b, sizeof(key));
	hmac_sha256((struct slice){ key, sizeof(key) }, SLICE_LIT("Hi There"), mac);
	hex_encode(mac, sizeof(mac), text);
	assert_string_equal(text,
			    "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7");
	hmac_sha256(SLICE_LIT("Jefe"), SLICE_LIT("what do ya want for nothing?"), mac);
	hex_encode(mac, sizeof(mac), text);
	assert_string_equal(text,
			    "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843");
}

/* RFC 4648 §10. */
static void test_base64(void **state)
{
	static const struct {
		const char *plain, *coded;
	} cases[] = { { "", "" },
		      { "f", "Zg==" },
		      { "fo", "Zm8=" },
		      { "foo", "Zm9v" },
		      { "foob", "Zm9vYg==" },
		      { "fooba", "Zm9vYmE=" },
		      { "foobar", "Zm9vYmFy" } };
	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct buf b;
		buf_init(&b);
		buf_adds(&b, "<");
		base64_encode(&b, slice_str(cases[i].plain));
		assert_string_equal(b.at + 1, cases[i].coded);
		buf_clear(&b);
		buf_adds(&b, "<");
		assert_true(base64_decode(&b, slice_str(cases[i].coded)));
		assert_string_equal(b.at + 1, cases[i].plain);
		buf_release(&b);
	}
}

static void test_all_bytes_survive_base64(void **state)
{
	char bytes[256];
	struct buf coded;
	struct buf plain;
	(void)state;
	for (size_t i = 0; i < sizeof(bytes); i++)
		bytes[i] = (char)i;
	buf_init(&coded);
	buf_init(&plain);
	base64_encode(&coded, (struct slice){ bytes, sizeof(bytes) });
	assert_true(base64_decode(&plain, buf_slice(&coded)));
	assert_int_equal(plain.len, sizeof(bytes));
	assert_memory_equal(plain.at, bytes, sizeof(bytes));
	buf_release(&coded);
	buf_release(&plain);
}

static void test_what_is_no_base64(void **state)
{
	static const char *const bad[] = { "Z",    "Zg",    "Zg=",    "====", "Z===", "Zg==Zg==",
					   "Zm 9", "Zm9\n", "Zm9v\n", "Zm-_", "=Zg=" };
	struct buf b;
	(void)state;
	buf_init(&b);
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		if (base64_decode(&b, slice_str(bad[i])))
			fail_msg("'%s'", bad[i]);
	assert_false(base64_decode(&b, SLICE_LIT("Zm9\0")));
	assert_int_equal(b.len, 0);
	buf_release(&b);
}

static void test_equal_in_constant_time(void **state)
{
	(void)state;
	assert_true(digest_equal("abc", "abc", 3));
	assert_false(digest_equal("abc", "abd", 3));
	assert_true(digest_equal("abc", "abd", 2));
}

static void test_a_seed_gives_the_same_again(void **state)
{
	struct seeded_rng a;
	struct seeded_rng b;
	(void)state;
	seeded_rng_init(&a, 42);
	seeded_rng_init(&b, 42);
	uint64_t first = rng_u64(&a.rng);
	assert_true(first == rng_u64(&b.rng));
	assert_true(first != rng_u64(&a.rng));
	seeded_rng_init(&b, 43);
	assert_true(first != rng_u64(&b.rng));
	assert_true(rng_u64(rng_system()) != rng_u64(rng_system()));
}

static void test_pool_hands_out_its_source_in_order(void **state)
{
	enum { LEN = 3 * 1024 + 40 };
	struct seeded_rng plain, stocked;
	struct rng_pool pool;
	unsigned char a[LEN], b[LEN];
	(void)state;
	seeded_rng_init(&plain, 7);
	seeded_rng_init(&stocked, 7);
	rng_pool_init(&pool, &stocked.rng);
	plain.rng.fill(plain.rng.ctx, a, LEN);
	for (size_t at = 0; at < LEN; at += 8)
		pool.rng.fill(pool.rng.ctx, b + at, 8);
	assert_memory_equal(a, b, LEN);
	uint64_t one = rng_u64(&plain.rng);
	assert_true(one == rng_u64(&pool.rng));
	plain.rng.fill(plain.rng.ctx, a, 1500);
	pool.rng.fill(pool.rng.ctx, b, 1500);
	assert_memory_equal(a, b, 1500);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_sha256),
		cmocka_unit_test(test_sha1),
		cmocka_unit_test(test_a_running_hash_is_ready_again),
		cmocka_unit_test(test_hmac),
		cmocka_unit_test(test_base64),
		cmocka_unit_test(test_all_bytes_survive_base64),
		cmocka_unit_test(test_what_is_no_base64),
		cmocka_unit_test(test_equal_in_constant_time),
		cmocka_unit_test(test_a_seed_gives_the_same_again),
		cmocka_unit_test(test_pool_hands_out_its_source_in_order),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
