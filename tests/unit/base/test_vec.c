#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <setjmp.h>

#include <cmocka.h>

#include "base/vec.h"

static void test_items_stay_as_it_grows(void **state)
{
	struct item {
		int64_t n;
		char pad;
	};
	VEC(struct item) v = { 0 };
	struct arena *a = arena_new();
	(void)state;
	for (int i = 0; i < 1000; i++) {
		struct item *it = vec_push(a, &v);
		assert_int_equal(it->n, 0); /* a new item is zeroed */
		it->n = i;
		it->pad = 'x';
	}
	assert_int_equal(v.n, 1000);
	for (int i = 0; i < 1000; i++)
		assert_int_equal(v.at[i].n, i);
	arena_free(a);
}

static void test_an_emptied_one_is_zeroed_again(void **state)
{
	VEC(int) v = { 0 };
	struct arena *a = arena_new();
	(void)state;
	*vec_push(a, &v) = 7;
	v.n = 0;
	assert_int_equal(*vec_push(a, &v), 0);
	arena_free(a);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_items_stay_as_it_grows),
		cmocka_unit_test(test_an_emptied_one_is_zeroed_again),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
