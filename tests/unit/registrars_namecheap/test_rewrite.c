/*
 * The domain as it shall be: what nobody planned stays word for word, and the mail setting fits the
 * MX; what cannot be written again is refused.
 */
#include "rows.h"

#include "registrars/namecheap/rewrite.h"

enum { VALUES = 3 };

/* One change, from whatever is there to these values; NULL: to nothing. */
struct wish {
	const char *name;
	uint16_t type;
	const char *after[VALUES];
};

static const struct rrset *set_of(struct arena *a, const struct wish *w)
{
	struct err e = { 0 };
	size_t n = 0;
	while (n < VALUES && w->after[n] != NULL)
		n++;
	return n > 0 ? rrset_make(a, w->name, w->type, 300, n, w->after, &e) : NULL;
}

static int rewrite(struct arena *a, const struct hosts *h, enum mail_setting home,
		   const struct wish *w, struct rewrite *out, struct err *e)
{
	const struct change c = { w->name, w->type, NULL, set_of(a, w), "" };
	return rewrite_make(a, h, &(struct change_set){ "t", "b.a.", 1, &c }, home, out, e);
}

static const char base[] = "@ A 10 60 192.0.2.1\nold URL301 10 60 http://x/?a&b\n"
			   "@ TXT 10 1799 spf\n";

static const struct scene {
	const char *mail, *rows; /* behind `base` */
	enum mail_setting home;
	struct wish wish;
	const char *new_mail, *new_rows; /* behind `base` */
} scenes[] = {
	/* Another record than the MX: the setting stays, the service's rows are not sent. */
	{ "MX",
	  "@ MX 10 60 mx.b.a\n",
	  MAIL_UNKNOWN,
	  { "t.b.a.", RR_TXT, { "\"x\"" } },
	  "MX",
	  "@ MX 10 60 mx.b.a\nt TXT 10 300 x\n" },
	{ "OX",
	  "@ MX 10 60 mx1.privateemail.com.\n",
	  MAIL_UNKNOWN,
	  { "t.b.a.", RR_TXT, { "\"x\"" } },
	  "OX",
	  "t TXT 10 300 x\n" },
	{ "MXE",
	  "@ MXE 10 60 192.0.2.9\n",
	  MAIL_UNKNOWN,
	  { "t.b.a.", RR_TXT, { "\"x\"" } },
	  "MXE",
	  "@ MXE 10 60 192.0.2.9\nt TXT 10 300 x\n" },
	/* The MX itself. */
	{ "MX",
	  "@ MX 10 60 mx.b.a\n@ MX 20 60 mx2.b.a\n",
	  MAIL_UNKNOWN,
	  { "b.a.", RR_MX, { "10 mx.b.a.", "0 new.example." } },
	  "MX",
	  "@ MX 10 300 mx.b.a.\n@ MX 0 300 new.example.\n" },
	{ "MX", "@ MX 10 60 mx.b.a\n", MAIL_UNKNOWN, { "b.a.", RR_MX, { NULL } }, "NONE", "" },
	{ "MX",
	  "@ MX 10 60 mx.b.a\nlists MX 10 60 mx.b.a\n",
	  MAIL_UNKNOWN,
	  { "b.a.", RR_MX, { NULL } },
	  "MX",
	  "lists MX 10 60 mx.b.a\n" },
	{ "NONE",
	  "",
	  MAIL_UNKNOWN,
	  { "b.a.", RR_MX, { "0 new.example." } },
	  "MX",
	  "@ MX 0 300 new.example.\n" },
	{ "FWD",
	  "",
	  MAIL_FWD,
	  { "b.a.", RR_MX, { "0 new.example." } },
	  "MX",
	  "@ MX 0 300 new.example.\n" },
	{ "MX",
	  "@ MX 0 300 new.example.\n",
	  MAIL_FWD,
	  { "b.a.", RR_MX, { "10 eforward1.registrar-servers.com." } },
	  "FWD",
	  "" },
	/* Without the word of the project the same records are rows of one's own. */
	{ "MX",
	  "@ MX 0 300 new.example.\n",
	  MAIL_UNKNOWN,
	  { "b.a.", RR_MX, { "10 mx1.privateemail.com." } },
	  "MX",
	  "@ MX 10 300 mx1.privateemail.com.\n" },
};

static void test_scenes(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(scenes) / sizeof(scenes[0]); i++) {
		const struct scene *s = &scenes[i];
		struct arena *a = arena_new();
		struct hosts h = rows_of(a, s->mail, arena_printf(a, "%s%s", base, s->rows));
		struct rewrite out;
		struct err e = { 0 };
		if (rewrite(a, &h, s->home, &s->wish, &out, &e) != 0)
			fail_msg("scene %zu: %s", i, e.text);
		assert_string_equal(mail_word(out.rows.mail), s->new_mail);
		assert_string_equal(rows_text(a, &out.rows),
				    arena_printf(a, "%s%s", base, s->new_rows));
		arena_free(a);
	}
}

static const struct refusal {
	const char *mail, *rows;
	enum mail_setting home;
	struct wish wish;
	const char *words;
} refusals[] = {
	{ "OX", "", MAIL_UNKNOWN, { "b.a.", RR_MX, { "0 new.example." } }, "Private Email" },
	{ "OX", "", MAIL_FWD, { "b.a.", RR_MX, { "0 new.example." } }, "Private Email" },
	{ "OX",
	  "",
	  MAIL_OX,
	  { "b.a.", RR_MX, { "10 mx1.privateemail.com." } },
	  "TTL and order are Namecheap's" },
	{ "FWD", "", MAIL_UNKNOWN, { "x.b.a.", RR_MX, { "0 new.example." } }, "below the domain" },
	{ "MX",
	  "@ MX 0 300 new.example.\nlists MX 10 60 mx.b.a\n",
	  MAIL_FWD,
	  { "b.a.", RR_MX, { "10 eforward1.registrar-servers.com." } },
	  "below the domain" },
	{ "NONE",
	  "@ MX 10 60 mx.b.a\n",
	  MAIL_UNKNOWN,
	  { "t.b.a.", RR_TXT, { "\"x\"" } },
	  "is lost" },
	{ "MX", "s SRV 10 60 1 2 3 x.\n", MAIL_UNKNOWN, { "t.b.a.", RR_TXT, { "\"x\"" } }, "kind" },
	{ "MX", "q TXT 10 60 a\"b\n", MAIL_UNKNOWN, { "t.b.a.", RR_TXT, { "\"x\"" } }, "quotes" },
	{ "MX", "", MAIL_UNKNOWN, { "t.b.a.", RR_TXT, { "\"a\\\"b\"" } }, "double quote" },
	{ "MX", "", MAIL_UNKNOWN, { "t.b.a.", RR_TXT, { "\"a\\010b\"" } }, "control" },
	{ "MX", "", MAIL_UNKNOWN, { "t.b.a.", RR_TXT, { "\"\\200\"" } }, "no UTF-8" },
	{ "MX", "", MAIL_UNKNOWN, { "t.b.a.", RR_TXT, { "\"\"" } }, "an empty text" },
	{ "MX", "", MAIL_UNKNOWN, { "b.a.", RR_MX, { "0 ." } }, "a null MX" },
	{ "MX", "", MAIL_UNKNOWN, { "t.b.a.", RR_PTR, { "x." } }, "a PTR record" },
};

static void test_refusals(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(refusals) / sizeof(refusals[0]); i++) {
		const struct refusal *r = &refusals[i];
		struct arena *a = arena_new();
		struct hosts h = rows_of(a, r->mail, arena_printf(a, "%s%s", base, r->rows));
		struct rewrite out;
		struct err e = { 0 };
		if (rewrite(a, &h, r->home, &r->wish, &out, &e) == 0 ||
		    strstr(e.text, r->words) == NULL)
			fail_msg("%s: %s", r->words, e.text);
		assert_int_equal(e.kind, ERR_REFUSED);
		assert_true(e.hint[0] != '\0');
		arena_free(a);
	}
}

/* What is compared after the write: all that was not planned, a service's rows too. */
static void test_kept(void **state)
{
	struct arena *a = arena_new();
	struct hosts h = rows_of(a, "OX",
				 "@ A 10 60 192.0.2.1\n@ MX 10 60 mx1.privateemail.com.\n"
				 "t TXT 10 60 y\n");
	const struct wish w = { "t.b.a.", RR_TXT, { "\"x\"" } };
	struct rewrite out;
	struct err e = { 0 };
	(void)state;
	assert_int_equal(rewrite(a, &h, MAIL_UNKNOWN, &w, &out, &e), 0);
	assert_string_equal(rows_text(a, &out.kept),
			    "@ A 10 60 192.0.2.1\n@ MX 10 60 mx1.privateemail.com.\n");
	arena_free(a);
}

/* Nothing is never written, nor written from. */
static void test_empty(void **state)
{
	struct arena *a = arena_new();
	struct hosts none = rows_of(a, "NONE", "");
	struct hosts one = rows_of(a, "NONE", "t TXT 10 60 y\n");
	struct rewrite out;
	struct err e = { 0 };
	(void)state;
	assert_int_equal(rewrite(a, &none, MAIL_UNKNOWN,
				 &(struct wish){ "t.b.a.", RR_TXT, { "\"x\"" } }, &out, &e),
			 -1);
	assert_int_equal(rewrite(a, &one, MAIL_UNKNOWN,
				 &(struct wish){ "t.b.a.", RR_TXT, { NULL } }, &out, &e),
			 -1);
	arena_free(a);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_scenes),
		cmocka_unit_test(test_refusals),
		cmocka_unit_test(test_kept),
		cmocka_unit_test(test_empty),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
