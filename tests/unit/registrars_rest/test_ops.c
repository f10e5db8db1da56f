/*
 * The order of operations: the new value is there before the old one goes, but where both cannot
 * stand together; what stays is not touched.
 */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <setjmp.h>

#include <cmocka.h>

#include "registrars/rest/ops.h"

static const char apex[] = "b.a.";

static void add_row(struct arena *a, struct rows *rows, uint16_t type, uint32_t ttl,
		    const char *rdata)
{
	*vec_push(a, &rows->list) =
		(struct row){ .name = apex, .type = type, .ttl = ttl, .rdata = rdata, .id = rdata };
}

/* "+b -a ~a=c": created, removed, changed in place. */
static const char *told(struct arena *a, const struct ops *ops)
{
	struct buf b;
	buf_init(&b);
	for (size_t i = 0; i < ops->n; i++) {
		const struct op *op = &ops->at[i];
		if (op->kind == OP_UPDATE)
			buf_addf(&b, "~%s=%s ", op->row->rdata, op->rdata);
		else
			buf_addf(&b, "%c%s ", op->kind == OP_CREATE ? '+' : '-',
				 op->kind == OP_CREATE ? op->rdata : op->row->rdata);
	}
	const char *text = arena_slice(a, buf_slice(&b));
	buf_release(&b);
	return text;
}

static const struct rrset *set_of(struct arena *a, uint16_t type, uint32_t ttl, size_t n,
				  const char *const *rdata)
{
	struct err e = { 0 };
	return n > 0 ? rrset_make(a, apex, type, ttl, n, rdata, &e) : NULL;
}

struct scene {
	uint16_t type;
	const char *before[3], *after[3];
	uint32_t before_ttl, after_ttl;
	bool can_update;
	const char *ops;
	bool one_ttl;
};

static size_t count(const char *const *list)
{
	size_t n = 0;
	while (n < 3 && list[n] != NULL)
		n++;
	return n;
}

static void play(const struct scene *s)
{
	struct arena *a = arena_new();
	struct rows rows = { 0 };
	for (size_t i = 0; i < count(s->before); i++)
		add_row(a, &rows, s->type, s->before_ttl, s->before[i]);
	add_row(a, &rows, RR_A, 60, "192.0.2.1"); /* a bystander */
	const struct change c = { apex, s->type, NULL,
				  set_of(a, s->type, s->after_ttl, count(s->after), s->after), "" };
	const struct ops_ways ways = { s->can_update, s->one_ttl };
	const struct ops ops = ops_make(a, &rows, &c, &ways);
	assert_string_equal(told(a, &ops), s->ops);
	arena_free(a);
}

static void test_order(void **state)
{
	static const struct scene scenes[] = {
		{ RR_NS, { "x." }, { "y." }, 60, 60, false, "+y. -x. ", false },
		{ RR_NS, { "x." }, { "y." }, 60, 60, true, "~x.=y. ", false },
		{ RR_CNAME, { "x." }, { "y." }, 60, 60, false, "-x. +y. ", false },
		{ RR_NS, { "x." }, { "x." }, 60, 30, false, "-x. +x. ", false },
		{ RR_NS, { "x." }, { "x." }, 60, 30, true, "~x.=x. ", false },
		{ RR_NS, { "x.", "y." }, { "x.", "y.", "z." }, 60, 60, true, "+z. ", false },
		{ RR_NS, { "x.", "y." }, { "y." }, 60, 60, true, "-x. ", false },
		{ RR_NS, { "x.", "y." }, { NULL }, 60, 60, true, "-x. -y. ", false },
		{ RR_NS, { NULL }, { "x." }, 0, 60, true, "+x. ", false },
		{ RR_NS, { "x." }, { "x." }, 60, 60, false, "", false },
		/* One TTL at every moment: through one record, and one of the wanted. */
		{ RR_NS, { "x.", "y." }, { "x.", "y." }, 60, 30, true, "-y. ~x.=x. +y. ", true },
		{ RR_NS, { "x.", "y." }, { "y.", "z." }, 60, 30, true, "-x. ~y.=y. +z. ", true },
		{ RR_NS, { "x.", "y." }, { "z." }, 60, 30, true, "-y. ~x.=z. ", true },
		{ RR_NS, { "x." }, { "y.", "z." }, 60, 30, true, "~x.=y. +z. ", true },
		{ RR_NS, { "x.", "y." }, { "y." }, 60, 60, true, "-x. ", true },
		{ RR_NS, { "x." }, { "x." }, 60, 30, true, "~x.=x. ", true },
	};
	(void)state;
	for (size_t i = 0; i < sizeof(scenes) / sizeof(scenes[0]); i++)
		play(&scenes[i]);
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(test_order) };
	return cmocka_run_group_tests(tests, NULL, NULL);
}
