/*
 * Which lines a change adds, edits and removes: never one of another RRset, and none that is as it
 * shall be.
 */
#include "zone_lines.h"

#include "registrars/cpanel/edits.h"

static const char zone_text[] = SOA_LINE "3 b.a. 60 MX 10|x.\n4 b.a. 60 MX 20|y.\n"
					 "5 b.a. 60 TXT spf\n6 sub 60 MX 10|x.\n";

static unsigned from_hex(char c)
{
	return (unsigned)(c >= '0' && c <= '9' ? c - '0' : c - 'A' + 10);
}

/* The form as a person reads it. */
static const char *decoded_form(struct arena *a, const struct buf *form)
{
	struct buf b;
	buf_init(&b);
	for (size_t i = 0; i < form->len; i++) {
		unsigned c = (unsigned char)form->at[i];
		if (c == '%') {
			c = from_hex(form->at[i + 1]) << 4 | from_hex(form->at[i + 2]);
			i += 2;
		}
		buf_addc(&b, (char)c);
	}
	const char *text = arena_slice(a, buf_slice(&b));
	buf_release(&b);
	return text;
}

static const struct rrset *set_of(struct arena *a, const char *name, uint16_t type, uint32_t ttl,
				  const char *const *rdata)
{
	struct err e = { 0 };
	size_t n = 0;
	while (n < 3 && rdata[n] != NULL)
		n++;
	return n > 0 ? rrset_make(a, name, type, ttl, n, rdata, &e) : NULL;
}

static const struct edit_case {
	const char *name;
	uint16_t type;
	uint32_t ttl;
	const char *after[3];
	const char *form;
} edit_cases[] = {
	{ "b.a.", RR_MX, 60, { "10 x.", "20 y." }, "" },
	{ "b.a.",
	  RR_MX,
	  30,
	  { "10 x." },
	  "&edit={\"line_index\":3,\"dname\":\"b.a.\",\"ttl\":30,\"record_type\":\"MX\","
	  "\"data\":[\"10\",\"x.\"]}&remove=4" },
	{ "b.a.",
	  RR_MX,
	  60,
	  { "0 z." },
	  "&edit={\"line_index\":3,\"dname\":\"b.a.\",\"ttl\":60,\"record_type\":\"MX\","
	  "\"data\":[\"0\",\"z.\"]}&remove=4" },
	{ "b.a.", RR_MX, 60, { NULL }, "&remove=3&remove=4" },
	{ "b.a.",
	  RR_TXT,
	  60,
	  { "\"spf\"", "\"a\\\"b\" \"c\"" },
	  "&add={\"dname\":\"b.a.\",\"ttl\":60,\"record_type\":\"TXT\","
	  "\"data\":[\"a\\\"b\",\"c\"]}" },
	{ "n.b.a.",
	  RR_CAA,
	  60,
	  { "0 issue \"ca.example; x\"" },
	  "&add={\"dname\":\"n.b.a.\",\"ttl\":60,\"record_type\":\"CAA\","
	  "\"data\":[\"0\",\"issue\",\"ca.example; x\"]}" },
	{ "n.b.a.",
	  RR_SRV,
	  60,
	  { "1 2 3 h." },
	  "&add={\"dname\":\"n.b.a.\",\"ttl\":60,\"record_type\":\"SRV\","
	  "\"data\":[\"1\",\"2\",\"3\",\"h.\"]}" },
};

static void play(const struct edit_case *k)
{
	struct arena *a = arena_new();
	struct lines l;
	struct err e = { 0 };
	struct buf form;
	buf_init(&form);
	assert_int_equal(zone_lines(a, zone_text, &l, &e), 0);
	const struct change c = { k->name, k->type, NULL,
				  set_of(a, k->name, k->type, k->ttl, k->after), "" };
	const struct change_set set = { "t", "b.a.", 1, &c };
	assert_int_equal(edits_form(a, &l, &set, &form, &e), 0);
	assert_string_equal(decoded_form(a, &form),
			    arena_printf(a, "zone=b.a&serial=4711%s", k->form));
	buf_release(&form);
	arena_free(a);
}

static void test_edits(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(edit_cases) / sizeof(edit_cases[0]); i++)
		play(&edit_cases[i]);
}

/* JSON has no way to say it, and '?' in its place would be another record. */
static void test_bytes(void **state)
{
	static const char *const odd[] = { "\"\\255\"", NULL };
	struct arena *a = arena_new();
	struct lines l;
	struct err e = { 0 };
	struct buf form;
	(void)state;
	buf_init(&form);
	assert_int_equal(zone_lines(a, zone_text, &l, &e), 0);
	const struct change c = { "b.a.", RR_TXT, NULL, set_of(a, "b.a.", RR_TXT, 60, odd), "" };
	assert_int_equal(edits_form(a, &l, &(struct change_set){ "t", "b.a.", 1, &c }, &form, &e),
			 -1);
	assert_int_equal(e.kind, ERR_REFUSED);
	buf_release(&form);
	arena_free(a);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_edits),
		cmocka_unit_test(test_bytes),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
