/*
 * Transfers made octet by octet: whole ones, hostile ones, and those that meet a limit.
 */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <setjmp.h>

#include <cmocka.h>

#include <stdio.h>
#include <string.h>

#include "base/buf.h"
#include "dns/axfr.h"
#include "zone/rrset.h"

enum { HEADER_LEN = 12, CLASS_IN = 1, CLASS_CH = 3 };

struct world {
	struct arena *a;
	struct axfr x;
	struct buf b; /* the message that is being made */
};

static int setup(void **state)
{
	struct world *w = mem_alloc(sizeof(*w));
	w->a = arena_new();
	w->x = (struct axfr){ .a = w->a, .zone = "x.net.", .domain = "x.net." };
	buf_init(&w->b);
	*state = w;
	return 0;
}

static int teardown(void **state)
{
	struct world *w = *state;
	buf_release(&w->b);
	arena_free(w->a);
	free(w);
	return 0;
}

static void u16(struct buf *b, unsigned v)
{
	buf_addc(b, (char)(v >> 8));
	buf_addc(b, (char)(v & 0xff));
}

static void begin(struct world *w)
{
	static const char header[HEADER_LEN] = { 0, 1, (char)0x84 };
	buf_clear(&w->b);
	buf_add(&w->b, header, sizeof(header));
}

static void add_name(struct buf *b, const char *name)
{
	struct slice rest = slice_str(name);
	while (rest.len > 0) {
		struct slice label = slice_until(&rest, '.');
		buf_addc(b, (char)label.len);
		buf_add(b, label.ptr, label.len);
	}
	buf_addc(b, 0);
}

/* With rdata of so many zeros; nothing looks at them. */
static void add_of(struct world *w, const char *name, unsigned type, unsigned rr_class,
		   unsigned rdata_len)
{
	unsigned n = (unsigned)(unsigned char)w->b.at[6] << 8 | (unsigned char)w->b.at[7];
	add_name(&w->b, name);
	u16(&w->b, type);
	u16(&w->b, rr_class);
	u16(&w->b, 0);
	u16(&w->b, 60);
	u16(&w->b, rdata_len);
	memset(buf_reserve(&w->b, rdata_len), 0, rdata_len);
	buf_added(&w->b, rdata_len);
	w->b.at[6] = (char)((n + 1) >> 8);
	w->b.at[7] = (char)((n + 1) & 0xff);
}

static void add(struct world *w, const char *name, unsigned type)
{
	add_of(w, name, type, CLASS_IN, 4);
}

static bool take(struct world *w)
{
	return axfr_take(&w->x, buf_slice(&w->b));
}

static void names_that_take_mail_are_kept(void **state)
{
	struct world *w = *state;
	begin(w);
	add(w, "x.net.", RR_SOA);
	assert_true(take(w));
	assert_false(axfr_is_open(&w->x)); /* everybody knows the SOA */
	begin(w);
	add(w, "x.net.", RR_MX);
	add(w, "News.X.net.", RR_MX);
	add(w, "news.x.net.", RR_MX);
	add(w, "www.x.net.", RR_A);
	add(w, "far.y.net.", RR_MX);
	add_of(w, "chaos.x.net.", RR_MX, CLASS_CH, 4);
	assert_true(take(w));
	assert_true(axfr_is_cut(&w->x)); /* so far */
	begin(w);
	add(w, "x.net.", RR_SOA);
	add(w, "behind.x.net.", RR_MX);
	assert_false(take(w));
	assert_int_equal(w->x.state, AXFR_WHOLE);
	assert_true(axfr_is_open(&w->x));
	assert_false(axfr_is_cut(&w->x));
	assert_int_equal(w->x.names.n, 1);
	assert_string_equal(w->x.names.at[0], "news.x.net.");
}

static void both_soa_in_one_message(void **state)
{
	struct world *w = *state;
	begin(w);
	add(w, "x.net.", RR_SOA);
	add(w, "x.net.", RR_SOA);
	assert_false(take(w));
	assert_int_equal(w->x.state, AXFR_WHOLE);
}

static void what_is_no_transfer_is_refused(void **state)
{
	struct world *w = *state;
	static const struct {
		const char *owner;
		unsigned type;
		unsigned char flags[2];
	} bad[] = {
		{ "x.net.", RR_SOA, { 0x84, 5 } }, { "x.net.", RR_SOA, { 0x04, 0 } },
		{ "y.net.", RR_SOA, { 0x84, 0 } }, { "x.net.", RR_MX, { 0x84, 0 } },
		{ NULL, 0, { 0x84, 0 } },
	};
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		w->x = (struct axfr){ .a = w->a, .zone = "x.net.", .domain = "x.net." };
		begin(w);
		if (bad[i].owner != NULL)
			add(w, bad[i].owner, bad[i].type);
		w->b.at[2] = (char)bad[i].flags[0];
		w->b.at[3] = (char)bad[i].flags[1];
		assert_false(take(w));
		assert_int_equal(w->x.state, AXFR_REFUSED);
		assert_false(axfr_is_open(&w->x));
	}
}

/* At each octet of a good message. */
static void a_message_that_ends_early_breaks_it(void **state)
{
	struct world *w = *state;
	begin(w);
	add(w, "x.net.", RR_SOA);
	add(w, "news.x.net.", RR_MX);
	for (size_t len = 0; len < w->b.len; len++) {
		w->x = (struct axfr){ .a = w->a, .zone = "x.net.", .domain = "x.net." };
		char *exact = mem_alloc(len + 1); /* the sanitizer sees a read behind it */
		memcpy(exact, w->b.at, len);
		assert_false(axfr_take(&w->x, (struct slice){ exact, len }));
		assert_true(w->x.state == AXFR_REFUSED || w->x.state == AXFR_BROKEN);
		free(exact);
	}
}

static void an_empty_message_breaks_it(void **state)
{
	struct world *w = *state;
	begin(w);
	add(w, "x.net.", RR_SOA);
	add(w, "x.net.", RR_A);
	assert_true(take(w));
	begin(w);
	assert_false(take(w));
	assert_int_equal(w->x.state, AXFR_BROKEN);
	assert_true(axfr_is_cut(&w->x));
}

static void pointers_never_loop(void **state)
{
	struct world *w = *state;
	begin(w);
	add(w, "x.net.", RR_SOA);
	size_t at = w->b.len;
	add(w, "", RR_A);
	u16(&w->b, 0);
	w->b.at[at] = (char)0xc0; /* to itself */
	w->b.at[at + 1] = (char)at;
	assert_false(take(w));
	assert_int_equal(w->x.state, AXFR_BROKEN);
}

/* Exactly as many as the limit are whole; one more is cut. */
static void records_have_a_limit(void **state)
{
	struct world *w = *state;
	for (size_t more = 0; more < 2; more++) {
		w->x = (struct axfr){ .a = w->a, .zone = "x.net.", .domain = "x.net." };
		begin(w);
		add(w, "x.net.", RR_SOA);
		assert_true(take(w));
		for (size_t i = 2; i < AXFR_RECORDS_MAX + more; i++) {
			begin(w);
			add(w, "x.net.", RR_A);
			assert_true(take(w));
		}
		begin(w);
		add(w, "x.net.", RR_SOA);
		assert_false(take(w));
		assert_int_equal(w->x.state, more == 0 ? AXFR_WHOLE : AXFR_CUT);
		assert_int_equal(w->x.records, AXFR_RECORDS_MAX);
	}
}

static void octets_have_a_limit(void **state)
{
	struct world *w = *state;
	size_t messages = 0;
	begin(w);
	add(w, "x.net.", RR_SOA);
	assert_true(take(w));
	begin(w);
	add_of(w, "x.net.", RR_TXT, CLASS_IN, 60000);
	while (take(w))
		messages++;
	assert_int_equal(w->x.state, AXFR_CUT);
	assert_in_range(messages, 33, 34);
	assert_true(axfr_is_cut(&w->x));
}

static void names_have_a_limit(void **state)
{
	struct world *w = *state;
	for (size_t more = 0; more < 2; more++) {
		w->x = (struct axfr){ .a = w->a, .zone = "x.net.", .domain = "x.net." };
		begin(w);
		add(w, "x.net.", RR_SOA);
		for (size_t i = 0; i < AXFR_NAMES_MAX + more; i++)
			add(w, arena_printf(w->a, "n%zu.x.net.", i), RR_MX);
		add(w, "x.net.", RR_SOA);
		assert_false(take(w));
		assert_int_equal(w->x.state, more == 0 ? AXFR_WHOLE : AXFR_CUT);
		assert_int_equal(w->x.names.n, AXFR_NAMES_MAX);
	}
}

int main(void)
{
#define AXFR_TEST(fn) cmocka_unit_test_setup_teardown(fn, setup, teardown)
	const struct CMUnitTest tests[] = {
		AXFR_TEST(names_that_take_mail_are_kept),
		AXFR_TEST(both_soa_in_one_message),
		AXFR_TEST(what_is_no_transfer_is_refused),
		AXFR_TEST(a_message_that_ends_early_breaks_it),
		AXFR_TEST(an_empty_message_breaks_it),
		AXFR_TEST(pointers_never_loop),
		AXFR_TEST(records_have_a_limit),
		AXFR_TEST(octets_have_a_limit),
		AXFR_TEST(names_have_a_limit),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
