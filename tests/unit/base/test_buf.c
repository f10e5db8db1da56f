#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <setjmp.h>

#include <cmocka.h>

#include <string.h>

#include "base/buf.h"

static void test_it_grows_and_stays_terminated(void **state)
{
	struct buf b;
	(void)state;
	buf_init(&b);
	assert_string_equal(b.at, "");
	for (size_t i = 0; i < 1000; i++) {
		buf_addc(&b, 'x');
		assert_int_equal(b.len, i + 1);
		assert_int_equal(b.at[b.len], '\0');
	}
	buf_clear(&b);
	assert_int_equal(b.len, 0);
	assert_string_equal(b.at, "");
	buf_release(&b);
}

static void test_all_ways_to_add(void **state)
{
	struct buf b;
	(void)state;
	buf_init(&b);
	buf_add(&b, "a\0b", 3);
	buf_add(&b, NULL, 0);
	buf_adds(&b, "cd");
	buf_addf(&b, "%d%s", 12, "");
	buf_addf(&b, "%s", "");
	assert_int_equal(b.len, 7);
	assert_memory_equal(b.at, "a\0bcd12", 8);
	buf_addf(&b, "%500d", 1);
	assert_int_equal(b.len, 507);
	buf_clear(&b);
	buf_addu(&b, 0);
	buf_addu(&b, 7105);
	buf_addu(&b, UINT64_MAX);
	assert_string_equal(b.at, "0710518446744073709551615");
	buf_release(&b);
}

static void test_room_for_a_reader(void **state)
{
	struct buf b;
	(void)state;
	buf_init(&b);
	for (size_t size = 1; size < 5000; size *= 3) {
		char *to = buf_reserve(&b, size);
		memset(to, 'r', size);
		buf_added(&b, size);
		assert_int_equal(b.at[b.len], '\0');
	}
	buf_release(&b);
}

static void test_consume_moves_the_rest_to_the_front(void **state)
{
	struct buf b;
	(void)state;
	buf_init(&b);
	buf_adds(&b, "abcdef");
	buf_consume(&b, 2);
	assert_string_equal(b.at, "cdef");
	buf_consume(&b, 0);
	assert_true(slice_eq(buf_slice(&b), SLICE_LIT("cdef")));
	buf_consume(&b, 4);
	assert_string_equal(b.at, "");
	buf_release(&b);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_it_grows_and_stays_terminated),
		cmocka_unit_test(test_all_ways_to_add),
		cmocka_unit_test(test_room_for_a_reader),
		cmocka_unit_test(test_consume_moves_the_rest_to_the_front),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
