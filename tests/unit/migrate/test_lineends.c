#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "migrate/lineends.h"

/* In pieces of `step` bytes; 0: all at once. */
static void hash(struct slice s, size_t step, unsigned char sha_r[SHA256_LEN])
{
	struct lineends le = { .cr = false };
	struct sha256 *h = sha256_new();
	if (step == 0)
		step = s.len + 1;
	for (size_t at = 0; at < s.len; at += step) {
		size_t left = s.len - at;
		lineends_add(&le, (struct slice){ s.ptr + at, left < step ? left : step }, h);
	}
	lineends_finish(&le, h, sha_r);
	sha256_free(h);
}

static void becomes(const char *odd, const char *even)
{
	unsigned char wanted[SHA256_LEN];
	unsigned char got[SHA256_LEN];
	struct slice s = slice_str(odd);
	sha256_of(slice_str(even), wanted);
	for (size_t step = 0; step <= s.len; step++) {
		hash(s, step, got);
		assert_memory_equal(got, wanted, SHA256_LEN);
	}
}

static void test_each_odd_end_in_pieces_of_every_size(void **state)
{
	(void)state;
	becomes("", "");
	becomes("a: b\r\n\r\nbody\r\n", "a: b\r\n\r\nbody\r\n");
	becomes("a\r\r\nb\r\n", "a\r\nb\r\n");
	becomes("a\r\r\r\n\r\r\nb\r\n", "a\r\n\r\nb\r\n");
	becomes("a\nb\n\nc\n", "a\r\nb\r\n\r\nc\r\n");
	becomes("a\rb\r\rc\r", "a\r\nb\r\nc\r\n");
	becomes("a\n\rb", "a\r\n\r\nb\r\n");
	becomes("\r\n\n", "\r\n\r\n");
	becomes("\r", "\r\n");
	becomes("no end", "no end\r\n");
}

/* What is no line end, and how many empty lines there are, is told apart. */
static void differ(const char *one, const char *other)
{
	unsigned char a[SHA256_LEN];
	unsigned char b[SHA256_LEN];
	hash(slice_str(one), 0, a);
	hash(slice_str(other), 0, b);
	assert_memory_not_equal(a, b, SHA256_LEN);
}

static void test_content_stays_told_apart(void **state)
{
	(void)state;
	differ("a\r\nb\r\n", "a\r\nB\r\n");
	differ("a\r\nb\r\n", "a b\r\n");
	differ("a\r\nb\r\n", "a\r\n\r\nb\r\n");
	differ("a\r\n", "a\r\n\r\n");
	differ("", "\r\n");
	differ("a \r\n", "a\r\n");
}

/* A NUL is a byte like others; the next message starts anew. */
static void test_any_cut_of_random_bytes_and_reuse(void **state)
{
	static const char alphabet[] = { '\r', '\n', 'x', '\0', '\r', '\n' };
	struct seeded_rng rng;
	char text[64];
	(void)state;
	seeded_rng_init(&rng, 4711);
	for (int round = 0; round < 500; round++) {
		unsigned char whole[SHA256_LEN];
		unsigned char cut[SHA256_LEN];
		struct slice s = { text, (size_t)(rng_u64(&rng.rng) % sizeof(text)) };
		for (size_t i = 0; i < s.len; i++)
			text[i] = alphabet[rng_u64(&rng.rng) % sizeof(alphabet)];
		hash(s, 0, whole);
		hash(s, 1 + (size_t)(rng_u64(&rng.rng) % 9), cut);
		assert_memory_equal(whole, cut, SHA256_LEN);
	}
	struct lineends le = { .cr = false };
	struct sha256 *h = sha256_new();
	unsigned char first[SHA256_LEN];
	unsigned char second[SHA256_LEN];
	lineends_add(&le, SLICE_LIT("a\r"), h);
	lineends_finish(&le, h, first);
	lineends_add(&le, SLICE_LIT("a\r\n"), h);
	lineends_finish(&le, h, second);
	assert_memory_equal(first, second, SHA256_LEN);
	sha256_free(h);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_each_odd_end_in_pieces_of_every_size),
		cmocka_unit_test(test_content_stays_told_apart),
		cmocka_unit_test(test_any_cut_of_random_bytes_and_reuse),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
