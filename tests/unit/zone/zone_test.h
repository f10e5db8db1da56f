/*
 * zone_test.h - what the tests of src/zone share: an arena for each test and short
 * builders that fail the test when the text is wrong.
 */
#ifndef ZONE_TEST_H
#define ZONE_TEST_H

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <setjmp.h>

#include <cmocka.h>

#include "zone/change.h"

static inline int arena_setup(void **state)
{
	*state = arena_new();
	return 0;
}

static inline int arena_teardown(void **state)
{
	arena_free(*state);
	return 0;
}

#define ZONE_TEST(fn) cmocka_unit_test_setup_teardown(fn, arena_setup, arena_teardown)

/* A set of one or two records (the second may be NULL). */
static inline const struct rrset *set_of(struct arena *a, const char *name, uint16_t type,
					 uint32_t ttl, const char *const *rdata)
{
	struct err e = { 0 };
	size_t n = 0;
	while (rdata[n] != NULL)
		n++;
	const struct rrset *s = rrset_make(a, name, type, ttl, n, rdata, &e);
	if (s == NULL)
		fail_msg("%s", e.text);
	return s;
}
#define RDATA(...) ((const char *const[]){ __VA_ARGS__, NULL })

static inline const struct zone *zone_of(struct arena *a, const char *origin, const char *text)
{
	struct err e = { 0 };
	const struct zone *z = zone_parse(a, origin, slice_str(text), &e);
	if (z == NULL)
		fail_msg("%s", e.text);
	return z;
}

#endif
