/*
 * HMAC by the vectors of RFC 2202 and RFC 4231, and the rewriting of a file that belongs to
 * somebody else.
 */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <setjmp.h>

#include <cmocka.h>

#include <sys/stat.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/digest.h"
#include "base/file.h"

struct vector {
	enum hmac_hash hash;
	size_t len;
	const char *hex;
};

static void test_vectors(void **state)
{
	static const struct vector vectors[] = {
		{ HMAC_SHA1, 20, "effcdf6ae5eb2fa2d27416d5f184df9c259a7c79" },
		{ HMAC_SHA256, 32,
		  "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843" },
		{ HMAC_SHA384, 48,
		  "af45d2e376484031617f78d2b58a6b1b9c7ef464f5a01b47e42ec3736322445e8e2240ca5e69e2c7"
		  "8b3239ecfab21649" },
		{ HMAC_SHA512, 64,
		  "164b7a7bfcf819e2e395fbe73b56e0a387bd64222e831fd610270cd7ea2505549758bf75c05a994a"
		  "6d034f65f8f0e6fdcaeab1a34d4a6b4b636e070a38bce737" },
	};
	(void)state;
	for (size_t i = 0; i < sizeof(vectors) / sizeof(vectors[0]); i++) {
		unsigned char mac[HMAC_MAX];
		char hex[2 * HMAC_MAX + 1];
		assert_int_equal(hmac_len(vectors[i].hash), vectors[i].len);
		hmac_of(vectors[i].hash, SLICE_LIT("Jefe"),
			SLICE_LIT("what do ya want for nothing?"), mac);
		hex_encode(mac, vectors[i].len, hex);
		assert_string_equal(hex, vectors[i].hex);
	}
	assert_true(digest_equal("abc", "abc", 3));
	assert_false(digest_equal("abc", "abd", 3));
}

static void test_rewrite_keeps_mode_and_links(void **state)
{
	char dir[] = "/tmp/cutover-test-XXXXXX";
	struct err e = { 0 };
	struct stat st;
	struct buf b;
	(void)state;
	assert_non_null(mkdtemp(dir));
	struct arena *a = arena_new();
	const char *path = arena_printf(a, "%s/zone", dir);
	const char *link = arena_printf(a, "%s/link", dir);
	assert_int_equal(file_rewrite(path, SLICE_LIT("x"), &e), -1); /* not there */
	assert_int_equal(file_create(path, SLICE_LIT("old"), 0604, &e), 0);
	assert_int_equal(symlink(path, link), 0);
	assert_int_equal(file_rewrite(link, SLICE_LIT("new"), &e), 0);
	assert_int_equal(lstat(link, &st), 0);
	assert_true(S_ISLNK(st.st_mode));
	assert_int_equal(stat(path, &st), 0);
	assert_int_equal(st.st_mode & 07777, 0604);
	buf_init(&b);
	assert_int_equal(file_read(path, 100, &b, &e), 0);
	assert_string_equal(b.at, "new");
	buf_release(&b);
	unlink(link);
	unlink(path);
	assert_int_equal(rmdir(dir), 0); /* nothing was left beside it */
	arena_free(a);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_vectors),
		cmocka_unit_test(test_rewrite_keeps_mode_and_links),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
