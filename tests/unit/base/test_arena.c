#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <setjmp.h>

#include <cmocka.h>

#include <string.h>

#include "base/arena.h"

static void test_memory_is_zeroed_and_aligned(void **state)
{
	struct arena *a = arena_new();
	(void)state;
	for (size_t size = 0; size < 300; size++) {
		unsigned char *p = arena_alloc(a, size);
		assert_int_equal((uintptr_t)p % _Alignof(max_align_t), 0);
		for (size_t i = 0; i < size; i++)
			assert_int_equal(p[i], 0);
		memset(p, 0xff, size); /* ASan tells when this is not ours */
	}
	arena_free(a);
}

static void test_big_and_small_do_not_overlap(void **state)
{
	enum { N = 50, BIG = 100 * 1024 };
	struct arena *a = arena_new();
	char *small[N];
	char *big[N];
	(void)state;
	for (int i = 0; i < N; i++) {
		small[i] = arena_alloc(a, 100);
		big[i] = arena_alloc(a, BIG);
		memset(small[i], i, 100);
		memset(big[i], i + 100, BIG);
	}
	for (int i = 0; i < N; i++) {
		assert_int_equal(small[i][99], (char)i);
		assert_int_equal(big[i][0], (char)(i + 100));
		assert_int_equal(big[i][BIG - 1], (char)(i + 100));
	}
	arena_free(a);
}

static void test_copies(void **state)
{
	struct arena *a = arena_new();
	char text[] = "hello";
	(void)state;
	char *copy = arena_strdup(a, text);
	text[0] = 'j';
	assert_string_equal(copy, "hello");
	assert_string_equal(arena_slice(a, (struct slice){ text + 1, 3 }), "ell");
	assert_string_equal(arena_slice(a, (struct slice){ NULL, 0 }), "");
	assert_memory_equal(arena_memdup(a, "a\0b", 3), "a\0b", 3);
	assert_non_null(arena_memdup(a, NULL, 0));
	assert_string_equal(arena_printf(a, "%d %s", 7, "x"), "7 x");
	assert_string_equal(arena_printf(a, "%s", ""), "");
	char *big = arena_printf(a, "%5000d", 1);
	assert_int_equal(strlen(big), 5000);
	arena_free(a);
}

static void test_arrays(void **state)
{
	struct arena *a = arena_new();
	(void)state;
	int64_t *n = ARENA_ARRAY(a, 1000, int64_t);
	n[999] = 5;
	assert_int_equal(n[0], 0);
	assert_non_null(ARENA_ARRAY(a, 0, int64_t));
	arena_free(a);
	arena_free(NULL);
}

static void test_memory_outside(void **state)
{
	(void)state;
	char *p = mem_alloc(0);
	assert_non_null(p);
	p = mem_grow(p, 10);
	memcpy(p, "123456789", 10);
	p = mem_grow(p, 1000);
	assert_string_equal(p, "123456789");
	free(p);
	p = mem_strdup("x");
	assert_string_equal(p, "x");
	free(p);
}

static void test_a_reset_arena_is_empty_and_zeroed(void **state)
{
	struct arena *a = arena_new();
	(void)state;
	for (int round = 0; round < 3; round++) {
		for (size_t i = 0; i < 200; i++) {
			size_t size = i % 50 == 49 ? 100000 : 100 + 37 * i % 3000;
			unsigned char *p = arena_alloc(a, size);
			for (size_t k = 0; k < size; k++)
				assert_int_equal(p[k], 0);
			memset(p, 0xa5, size);
		}
		arena_reset(a);
	}
	arena_free(a);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_memory_is_zeroed_and_aligned),
		cmocka_unit_test(test_big_and_small_do_not_overlap),
		cmocka_unit_test(test_copies),
		cmocka_unit_test(test_arrays),
		cmocka_unit_test(test_memory_outside),
		cmocka_unit_test(test_a_reset_arena_is_empty_and_zeroed),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
