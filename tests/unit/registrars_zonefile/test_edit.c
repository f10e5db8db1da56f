/*
 * Zone files as people have them, one change each, and the exact bytes that must come out.
 */
#include "tests/unit/registrars/fake_host.h"

#include "registrars/zonefile/zonefile.h"

#define HEAD                                                                                       \
	"$TTL 3600\n"                                                                              \
	"@ IN SOA ns1 hostmaster 7 3600 600 604800 300\n"                                          \
	"@ IN NS ns1\n"
#define HEAD_AFTER                                                                                 \
	"$TTL 3600\n"                                                                              \
	"@ IN SOA ns1 hostmaster 8 3600 600 604800 300\n"                                          \
	"@ IN NS ns1\n"
#define ZONE "treyresearch.com."

struct edit_case {
	const char *title;
	const char *before;
	const char *name;
	uint16_t type;
	uint32_t ttl;
	const char *rdata[4]; /* after; none: the set goes */
	const char *after;
};

static const struct edit_case cases[] = {
	{ "the token beside the SPF",
	  HEAD "@ TXT \"v=spf1 include:nwtraders.com -all\" ; keep me\nwww A 192.0.2.1\n",
	  ZONE,
	  RR_TXT,
	  3600,
	  { "\"v=spf1 include:nwtraders.com -all\"", "\"MS=ms1\"" },
	  HEAD_AFTER "@ TXT \"v=spf1 include:nwtraders.com -all\" ; keep me\n"
		     "@\t3600\tIN\tTXT\t\"MS=ms1\"\nwww A 192.0.2.1\n" },
	{ "the dropped line carries the owner",
	  HEAD "mail A 192.0.2.1\n     MX 10 a\n     TXT \"x\"\n",
	  "mail." ZONE,
	  RR_A,
	  0,
	  { NULL },
	  HEAD_AFTER "mail MX 10 a\n     TXT \"x\"\n" },
	{ "the same with tabs",
	  HEAD "mail\tA\t192.0.2.1\n\tMX\t10 a\n\tTXT\t\"x\"\n",
	  "mail." ZONE,
	  RR_A,
	  0,
	  { NULL },
	  HEAD_AFTER "mail\tMX\t10 a\n\tTXT\t\"x\"\n" },
	{ "two records go, the third gets the owner, comments stay",
	  HEAD "mail A 192.0.2.1\n; about the second\n     A 192.0.2.2\n; about MX\n     MX 10 a\n",
	  "mail." ZONE,
	  RR_A,
	  0,
	  { NULL },
	  HEAD_AFTER "; about the second\n; about MX\nmail MX 10 a\n" },
	{ "an owner inherited across $ORIGIN",
	  HEAD "mail A 192.0.2.1\n$ORIGIN sub." ZONE "\n  MX 10 a." ZONE "\nx A 192.0.2.2\n",
	  "mail." ZONE,
	  RR_A,
	  0,
	  { NULL },
	  HEAD_AFTER "$ORIGIN sub." ZONE "\nmail." ZONE "  MX 10 a." ZONE "\nx A 192.0.2.2\n" },
	{ "a TTL changed in place, whatever its form",
	  HEAD "@ 1d IN MX 10 mx1.nwtraders.com.\n@ IN 24h MX 20 mx2.nwtraders.com. ; second\n",
	  ZONE,
	  RR_MX,
	  300,
	  { "10 mx1.nwtraders.com.", "20 mx2.nwtraders.com." },
	  HEAD_AFTER "@ 300 IN MX 10 mx1.nwtraders.com.\n"
		     "@ IN 300 MX 20 mx2.nwtraders.com. ; second\n" },
	{ "a TTL where none was written",
	  HEAD "@\tIN\tMX\t10 mx1\n        MX 20 mx2\n",
	  ZONE,
	  RR_MX,
	  300,
	  { "10 mx1." ZONE, "20 mx2." ZONE },
	  HEAD_AFTER "@\t300\tIN\tMX\t10 mx1\n        300 MX 20 mx2\n" },
	{ "another value in place, its comment stays",
	  HEAD "@   IN  MX  10  mx1 ; mail\n",
	  ZONE,
	  RR_MX,
	  3600,
	  { "0 t.mail.protection.outlook.com." },
	  HEAD_AFTER "@   IN  MX  0 t.mail.protection.outlook.com. ; mail\n" },
	{ "parentheses over lines, comments inside",
	  HEAD "@ TXT ( \"v=spf1 \" ; start\n   \"-all\" ) ; end\nwww A 192.0.2.1\n",
	  ZONE,
	  RR_TXT,
	  3600,
	  { "\"v=spf1 mx -all\"" },
	  HEAD_AFTER "@ TXT \"v=spf1 mx -all\" ; end\nwww A 192.0.2.1\n" },
	{ "a parenthesis that opens before the type",
	  HEAD "@ ( IN MX\n 10 mx1 )\nwww A 192.0.2.1\n",
	  ZONE,
	  RR_MX,
	  3600,
	  { "0 new." ZONE },
	  HEAD_AFTER "@\t3600\tIN\tMX\t0 new." ZONE "\nwww A 192.0.2.1\n" },
	{ "a serial inside parentheses keeps the layout",
	  "$TTL 1h\n@ IN SOA ns1.treyresearch.com. hostmaster (\n"
	  "                2026010203 ; serial\n                1h 10m 1w 5m )\n  NS ns1\n",
	  "www." ZONE,
	  RR_A,
	  60,
	  { "192.0.2.9" },
	  "$TTL 1h\n@ IN SOA ns1.treyresearch.com. hostmaster (\n"
	  "                2026112700 ; serial\n                1h 10m 1w 5m )\n  NS ns1\n"
	  "www\t60\tIN\tA\t192.0.2.9\n" },
	{ "no $TTL: the next line took the TTL over",
	  "@ 600 IN SOA ns1 h 7 1 1 1 1\n@ NS ns1\nmail 300 A 192.0.2.1\nwww A 192.0.2.2\n",
	  "mail." ZONE,
	  RR_A,
	  0,
	  { NULL },
	  "@ 600 IN SOA ns1 h 8 1 1 1 1\n@ NS ns1\nwww 300 A 192.0.2.2\n" },
	{ "a last line without its end",
	  HEAD "www A 192.0.2.1",
	  "new." ZONE,
	  RR_A,
	  60,
	  { "192.0.2.3" },
	  HEAD_AFTER "www A 192.0.2.1\nnew\t60\tIN\tA\t192.0.2.3\n" },
	{ "carriage returns",
	  "$TTL 3600\r\n@ SOA ns1 h 7 1 1 1 1\r\n@ NS ns1\r\n@ TXT \"a\"\r\n",
	  ZONE,
	  RR_TXT,
	  3600,
	  { "\"a\"", "\"b\"" },
	  "$TTL 3600\r\n@ SOA ns1 h 8 1 1 1 1\r\n@ NS ns1\r\n@ TXT \"a\"\r\n"
	  "@\t3600\tIN\tTXT\t\"b\"\r\n" },
	{ "semicolons, quotes and parentheses in text",
	  HEAD "_dmarc TXT \"v=DMARC1; p=none; rua=mailto:a\\\"(b)@c\" ; note (not) \"this\n"
	       "www A 192.0.2.1\n",
	  "www." ZONE,
	  RR_A,
	  3600,
	  { "192.0.2.7" },
	  HEAD_AFTER "_dmarc TXT \"v=DMARC1; p=none; rua=mailto:a\\\"(b)@c\" ; note (not) \"this\n"
		     "www A 192.0.2.7\n" },
	{ "lower case and an owner that looks like a type",
	  HEAD "mx in a 192.0.2.1\nMX 60 in mx 10 mx\n",
	  "mx." ZONE,
	  RR_A,
	  3600,
	  { "192.0.2.2" },
	  HEAD_AFTER "mx in a 192.0.2.2\nMX 60 in mx 10 mx\n" },
	{ "types that are not understood and names outside keep their bytes",
	  HEAD "x TYPE65400 \\# 3 010203\nother.example. A 192.0.2.1\nwww A 192.0.2.1\n",
	  "www." ZONE,
	  RR_A,
	  0,
	  { NULL },
	  HEAD_AFTER "x TYPE65400 \\# 3 010203\nother.example. A 192.0.2.1\n" },
	{ "$GENERATE for other names",
	  HEAD "$GENERATE 1-9 host$ A 192.0.2.$\nwww A 192.0.2.1\n",
	  "www." ZONE,
	  RR_A,
	  60,
	  { "192.0.2.1" },
	  HEAD_AFTER "$GENERATE 1-9 host$ A 192.0.2.$\nwww 60 A 192.0.2.1\n" },
	{ "the same record twice, mixed TTLs",
	  HEAD "www 60 A 192.0.2.1\nwww 60 A 192.0.2.1 ; again\nwww 90 A 192.0.2.2\n",
	  "www." ZONE,
	  RR_A,
	  120,
	  { "192.0.2.1", "192.0.2.2" },
	  HEAD_AFTER "www 120 A 192.0.2.1\nwww 120 A 192.0.2.2\n" },
	{ "an empty name below the origin in force at the end",
	  HEAD "$ORIGIN sub." ZONE "\nx A 192.0.2.2\n",
	  "_tls." ZONE,
	  RR_TXT,
	  60,
	  { "\"t\"" },
	  HEAD_AFTER "$ORIGIN sub." ZONE "\nx A 192.0.2.2\n_tls." ZONE "\t60\tIN\tTXT\t\"t\"\n" },
};

static const struct registrar_value path_value = { "path", "/zone", NULL };
static const struct registrar_config config = { ZONE, 1, &path_value };

/* The change to what the case wants, from what the file has now. */
static struct change planned(struct fake_world *w, struct registrar_call *c,
			     const struct edit_case *k)
{
	struct err e = { 0 };
	struct change ch = { .name = k->name, .type = k->type, .why = "test" };
	if (registrar_read(c, w->arena, k->name, k->type, &ch.before, &e) != 0)
		fail_msg("%s: %s", k->title, e.text);
	ch.after = fake_set(w->arena, k->name, k->type, k->ttl, k->rdata);
	return ch;
}

static void test_cases(void **state)
{
	struct fake_world *w = *state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct err e = { 0 };
		enum registrar_applied applied;
		buf_clear(&w->file);
		buf_adds(&w->file, cases[i].before);
		struct registrar_call *c = fake_open(w, &registrar_zonefile, &config, false);
		struct change ch = planned(w, c, &cases[i]);
		struct change_set cs = { "staging", ZONE, 1, &ch };
		if (registrar_apply(c, &cs, &applied, &e) != 0)
			fail_msg("%s: %s", cases[i].title, e.text);
		if (!str_eq(w->file.at, cases[i].after))
			fail_msg("%s:\n%s", cases[i].title, w->file.at);
		registrar_close(c);
	}
}

/* Undoing gives the same zone again, record by record. */
static void test_rollback(void **state)
{
	struct fake_world *w = *state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct err e = { 0 };
		enum registrar_applied applied;
		buf_clear(&w->file);
		buf_adds(&w->file, cases[i].before);
		struct registrar_call *c = fake_open(w, &registrar_zonefile, &config, false);
		struct change ch = planned(w, c, &cases[i]);
		struct change_set cs = { "staging", ZONE, 1, &ch };
		assert_int_equal(registrar_apply(c, &cs, &applied, &e), 0);
		const struct change_set *back = change_set_inverse(w->arena, &cs);
		if (registrar_apply(c, back, &applied, &e) != 0)
			fail_msg("%s: %s", cases[i].title, e.text);
		const struct rrset *now = NULL;
		assert_int_equal(registrar_read(c, w->arena, ch.name, ch.type, &now, &e), 0);
		assert_true(rrset_same(now, ch.before));
		registrar_close(c);
	}
}

static void test_switch_as_one_set(void **state)
{
	struct fake_world *w = *state;
	struct err e = { 0 };
	enum registrar_applied applied;
	buf_adds(&w->file, HEAD "@ 300 MX 10 mx1.nwtraders.com.\n      TXT \"v=spf1 -all\"\n"
				"autodiscover A 192.0.2.4\n             AAAA 2001:db8::4\n");
	struct registrar_call *c = fake_open(w, &registrar_zonefile, &config, false);
	const struct edit_case sets[] = {
		{ .name = ZONE, .type = RR_MX, .ttl = 300, .rdata = { "0 new.outlook.com." } },
		{ .name = "autodiscover." ZONE, .type = RR_A },
		{ .name = "autodiscover." ZONE, .type = RR_AAAA },
		{ .name = "autodiscover." ZONE,
		  .type = RR_CNAME,
		  .ttl = 300,
		  .rdata = { "autodiscover.outlook.com." } },
	};
	struct change list[4];
	for (size_t i = 0; i < 4; i++)
		list[i] = planned(w, c, &sets[i]);
	struct change_set cs = { "switch", ZONE, 4, list };
	if (registrar_apply(c, &cs, &applied, &e) != 0)
		fail_msg("%s", e.text);
	assert_int_equal(applied, APPLIED_ALL);
	assert_string_equal(w->file.at,
			    HEAD_AFTER "@ 300 MX 0 new.outlook.com.\n      TXT \"v=spf1 -all\"\n"
				       "autodiscover\t300\tIN\tCNAME\tautodiscover.outlook.com.\n");
	assert_int_equal(w->file_writes, 1);
	registrar_close(c);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		FAKE_TEST(test_cases),
		FAKE_TEST(test_rollback),
		FAKE_TEST(test_switch_as_one_set),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
