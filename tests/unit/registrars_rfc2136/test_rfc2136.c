/*
 * Reads and updates against a server made of ldns: what is sent, what is believed, and
 * what is said of the outcome.
 */
#include "tests/unit/registrars_rfc2136/fake_server.h"

#include "registrars/rfc2136/rfc2136.h"

struct fixture {
	struct fake_world *world;
	struct server server;
	struct secret *secret;
	struct registrar_call *call;
};

static struct registrar_call *open_call(struct fixture *f, const char *algorithm, bool dry_run)
{
	const struct registrar_value values[] = {
		{ "server", "127.0.0.1#5353", NULL },
		{ "key_name", "Editor", NULL },
		{ "key_algorithm", algorithm, NULL },
		{ "secret", NULL, f->secret },
	};
	struct registrar_config config = { ZONE, 4, values };
	return fake_open(f->world, &registrar_rfc2136, &config, dry_run);
}

/* All of the zone in one message. */
static int transfer(void *ctx, const char *server, struct slice request,
		    const struct registrar_sink *sink, struct err *e)
{
	struct fake_world *w = ctx;
	struct server *s = w->serve_ctx;
	ldns_pkt *q = server_take(request);
	ldns_pkt *m = server_reply(s, q);
	struct buf b;
	(void)server;
	w->transfers++;
	for (size_t i = 0; i <= ldns_rr_list_rr_count(s->zone); i++) {
		const ldns_rr *rr = ldns_rr_list_rr(s->zone, i % ldns_rr_list_rr_count(s->zone));
		ldns_pkt_push_rr(m, LDNS_SECTION_ANSWER, ldns_rr_clone(rr));
	}
	assert_int_equal(ldns_pkt_tsig_sign(m, "editor.", SECRET, 300, s->algorithm,
					    ldns_rr_rdf(ldns_pkt_tsig(q), 3)),
			 LDNS_STATUS_OK);
	buf_init(&b);
	server_write(m, &b);
	int more = sink->each(sink->ctx, buf_slice(&b), e);
	buf_release(&b);
	ldns_pkt_free(m);
	ldns_pkt_free(q);
	return more;
}

static int setup(void **state)
{
	struct fixture *f = mem_alloc(sizeof(*f));
	f->world = fake_world_new();
	server_init(&f->server);
	f->world->serve = server_serve;
	f->world->serve_ctx = &f->server;
	f->world->host.dns_transfer = transfer;
	f->world->host.clock = clock_system(); /* ldns signs by the system's */
	f->secret = secret_new(slice_str(SECRET));
	f->call = open_call(f, "hmac-sha256", false);
	*state = f;
	return 0;
}

static int teardown(void **state)
{
	struct fixture *f = *state;
	registrar_close(f->call);
	secret_free(f->secret);
	server_release(&f->server);
	fake_world_free(f->world);
	free(f);
	return 0;
}

static void test_read(void **state)
{
	struct fixture *f = *state;
	struct err e = { 0 };
	const struct rrset *s = NULL;
	assert_int_equal(registrar_read(f->call, f->world->arena, ZONE, RR_MX, &s, &e), 0);
	assert_int_equal(s->ttl, 86400);
	assert_int_equal(s->n, 1);
	assert_string_equal(s->rdata[0], "10 mx1.nwtraders.com.");
	assert_int_equal(registrar_read(f->call, f->world->arena, "no." ZONE, RR_A, &s, &e), 0);
	assert_null(s);
}

static void test_every_algorithm(void **state)
{
	static const char *const names[] = { "hmac-sha1", "hmac-sha256", "HMAC-SHA512." };
	static const char *const wire[] = { "hmac-sha1.", "hmac-sha256.", "hmac-sha512." };
	struct fixture *f = *state;
	for (size_t i = 0; i < 3; i++) {
		struct err e = { 0 };
		const struct rrset *s = NULL;
		struct registrar_call *c = open_call(f, names[i], false);
		f->server.algorithm = wire[i];
		if (registrar_read(c, f->world->arena, ZONE, RR_MX, &s, &e) != 0)
			fail_msg("%s: %s", names[i], e.text);
		registrar_close(c);
	}
}

struct bad_reply {
	enum server_mood mood;
	enum err_kind kind;
	const char *says;
};

static void test_untrustworthy_replies(void **state)
{
	static const struct bad_reply cases[] = {
		{ MOOD_UNSIGNED, ERR_WORLD, "not signed" },
		{ MOOD_FORGED, ERR_WORLD, "signature of the answer is wrong" },
		{ MOOD_OTHER_ID, ERR_WORLD, "something else" },
		{ MOOD_GARBAGE, ERR_WORLD, "malformed" },
		{ MOOD_CUT, ERR_RETRY, "cut" },
		{ MOOD_NO_AUTHORITY, ERR_REFUSED, "not authoritative" },
	};
	struct fixture *f = *state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct err e = { 0 };
		const struct rrset *s = NULL;
		f->server.read_mood = cases[i].mood;
		assert_int_equal(registrar_read(f->call, f->world->arena, ZONE, RR_MX, &s, &e), -1);
		if (strstr(e.text, cases[i].says) == NULL || e.kind != cases[i].kind)
			fail_msg("\"%s\" (%s)", e.text, err_kind_name(e.kind));
		assert_null(s);
	}
}

/* The answer for a name that only a wildcard covers must not become a record. */
static void test_wildcard_is_not_taken_for_a_record(void **state)
{
	struct fixture *f = *state;
	struct err e = { 0 };
	const struct rrset *s = NULL;
	server_add(&f->server, "*." ZONE " 300 IN A 192.0.2.1");
	unsigned before = f->world->queries;
	assert_int_equal(registrar_read(f->call, f->world->arena, ZONE, RR_MX, &s, &e), 0);
	assert_int_equal(f->world->queries, before + 1); /* the apex needs no second look */
	assert_int_equal(registrar_read(f->call, f->world->arena, "*." ZONE, RR_A, &s, &e), 0);
	assert_non_null(s);
}

static const char *const mx_old[] = { "10 mx1.nwtraders.com.", NULL };
static const char *const mx_new[] = { "0 t.mail.protection.outlook.com.", NULL };
static const char *const txt_old[] = { "\"v=spf1 include:nwtraders.com -all\"", NULL };
static const char *const txt_new[] = { "\"v=spf1 include:nwtraders.com -all\"", "\"MS=ms87257449\"",
				       NULL };
static const char *const cname[] = { "autodiscover.outlook.com.", NULL };

/* MX to 300, the token beside the SPF, a new CNAME. */
static struct change_set staging(struct fixture *f, struct change list[3])
{
	struct arena *a = f->world->arena;
	list[0] = (struct change){ ZONE, RR_MX, fake_set(a, ZONE, RR_MX, 86400, mx_old),
				   fake_set(a, ZONE, RR_MX, 300, mx_new), "mail" };
	list[1] = (struct change){ ZONE, RR_TXT, fake_set(a, ZONE, RR_TXT, 3600, txt_old),
				   fake_set(a, ZONE, RR_TXT, 3600, txt_new), "token" };
	list[2] = (struct change){ "autodiscover." ZONE, RR_CNAME, NULL,
				   fake_set(a, "autodiscover." ZONE, RR_CNAME, 600, cname), "ad" };
	return (struct change_set){ "staging", ZONE, 3, list };
}

static void expect_rr(const ldns_rr_list *list, size_t i, const char *name, ldns_rr_type type,
		      unsigned klass)
{
	const ldns_rr *rr = ldns_rr_list_rr(list, i);
	char *owner = ldns_rdf2str(ldns_rr_owner(rr));
	assert_string_equal(owner, name);
	assert_int_equal(ldns_rr_get_type(rr), type);
	assert_int_equal(ldns_rr_get_class(rr), klass);
	LDNS_FREE(owner);
}

static void test_update_message(void **state)
{
	struct fixture *f = *state;
	struct err e = { 0 };
	struct change list[3];
	struct change_set cs = staging(f, list);
	enum registrar_applied applied;
	if (registrar_apply(f->call, &cs, &applied, &e) != 0)
		fail_msg("%s", e.text);
	assert_int_equal(applied, APPLIED_ALL);
	assert_int_equal(f->world->updates, 1);
	const ldns_rr_list *wanted = ldns_pkt_answer(f->server.update);
	const ldns_rr_list *updates = ldns_pkt_authority(f->server.update);
	assert_int_equal(ldns_rr_list_rr_count(wanted), 3);
	expect_rr(wanted, 0, ZONE, LDNS_RR_TYPE_MX, LDNS_RR_CLASS_IN);
	assert_int_equal(ldns_rr_ttl(ldns_rr_list_rr(wanted, 0)), 0);
	expect_rr(wanted, 1, ZONE, LDNS_RR_TYPE_TXT, LDNS_RR_CLASS_IN);
	expect_rr(wanted, 2, "autodiscover." ZONE, LDNS_RR_TYPE_ANY, LDNS_RR_CLASS_NONE);
	/* Two deletions, then one MX, both TXT (the SPF survives), one CNAME. */
	assert_int_equal(ldns_rr_list_rr_count(updates), 6);
	expect_rr(updates, 0, ZONE, LDNS_RR_TYPE_MX, LDNS_RR_CLASS_ANY);
	expect_rr(updates, 1, ZONE, LDNS_RR_TYPE_TXT, LDNS_RR_CLASS_ANY);
	expect_rr(updates, 2, ZONE, LDNS_RR_TYPE_MX, LDNS_RR_CLASS_IN);
	assert_int_equal(ldns_rr_ttl(ldns_rr_list_rr(updates, 2)), 300);
	expect_rr(updates, 3, ZONE, LDNS_RR_TYPE_TXT, LDNS_RR_CLASS_IN);
	expect_rr(updates, 4, ZONE, LDNS_RR_TYPE_TXT, LDNS_RR_CLASS_IN);
	expect_rr(updates, 5, "autodiscover." ZONE, LDNS_RR_TYPE_CNAME, LDNS_RR_CLASS_IN);
}

/* One that goes away is deleted; one that gets another target or TTL is not, or a signed zone at
 * Knot would lose it. */
static void test_a_cname_is_replaced_by_the_addition(void **state)
{
	static const char *const old[] = { "autodiscover.nwtraders.com.", NULL };
	struct fixture *f = *state;
	struct arena *a = f->world->arena;
	struct err e = { 0 };
	enum registrar_applied applied;
	const char *name = "autodiscover." ZONE;
	struct change list[] = {
		{ name, RR_CNAME, fake_set(a, name, RR_CNAME, 600, old),
		  fake_set(a, name, RR_CNAME, 600, cname), "moves" },
		{ "mail." ZONE, RR_CNAME, fake_set(a, "mail." ZONE, RR_CNAME, 600, old), NULL,
		  "goes" },
		{ "imap." ZONE, RR_CNAME, fake_set(a, "imap." ZONE, RR_CNAME, 600, old),
		  fake_set(a, "imap." ZONE, RR_CNAME, 60, old), "TTL" },
	};
	struct change_set cs = { "switch", ZONE, 3, list };
	server_add(&f->server, "autodiscover." ZONE " 600 IN CNAME autodiscover.nwtraders.com.");
	server_add(&f->server, "mail." ZONE " 600 IN CNAME autodiscover.nwtraders.com.");
	server_add(&f->server, "imap." ZONE " 600 IN CNAME autodiscover.nwtraders.com.");
	assert_int_equal(registrar_apply(f->call, &cs, &applied, &e), 0);
	const ldns_rr_list *updates = ldns_pkt_authority(f->server.update);
	assert_int_equal(ldns_rr_list_rr_count(updates), 3);
	expect_rr(updates, 0, "mail." ZONE, LDNS_RR_TYPE_CNAME, LDNS_RR_CLASS_ANY);
	expect_rr(updates, 1, name, LDNS_RR_TYPE_CNAME, LDNS_RR_CLASS_IN);
	expect_rr(updates, 2, "imap." ZONE, LDNS_RR_TYPE_CNAME, LDNS_RR_CLASS_IN);
	assert_int_equal(ldns_rr_ttl(ldns_rr_list_rr(updates, 2)), 60);
}

static bool demands_none(const ldns_rr_list *wanted, ldns_rr_type type)
{
	for (size_t i = 0; i < ldns_rr_list_rr_count(wanted); i++) {
		const ldns_rr *rr = ldns_rr_list_rr(wanted, i);
		if (ldns_rr_get_type(rr) == type && ldns_rr_get_class(rr) == LDNS_RR_CLASS_NONE)
			return true;
	}
	return false;
}

/* In the place of addresses: the name is deleted whole, on the condition that nothing but what is
 * planned is there. */
static void test_a_cname_takes_the_place_of_addresses(void **state)
{
	static const char *const four[] = { "192.0.2.5", NULL };
	static const char *const six[] = { "2001:db8::5", NULL };
	struct fixture *f = *state;
	struct arena *a = f->world->arena;
	struct err e = { 0 };
	enum registrar_applied applied;
	const char *name = "autodiscover." ZONE;
	struct change list[] = {
		{ name, RR_A, fake_set(a, name, RR_A, 600, four), NULL, "goes" },
		{ name, RR_AAAA, fake_set(a, name, RR_AAAA, 600, six), NULL, "goes" },
		{ name, RR_CNAME, NULL, fake_set(a, name, RR_CNAME, 600, cname), "comes" },
	};
	struct change_set cs = { "switch", ZONE, 3, list };
	server_add(&f->server, "autodiscover." ZONE " 600 IN A 192.0.2.5");
	server_add(&f->server, "autodiscover." ZONE " 600 IN AAAA 2001:db8::5");
	if (registrar_apply(f->call, &cs, &applied, &e) != 0)
		fail_msg("%s", e.text);
	const ldns_rr_list *wanted = ldns_pkt_answer(f->server.update);
	assert_true(demands_none(wanted, LDNS_RR_TYPE_CNAME));
	assert_true(demands_none(wanted, LDNS_RR_TYPE_TXT));
	assert_true(demands_none(wanted, LDNS_RR_TYPE_SSHFP));
	assert_true(demands_none(wanted, LDNS_RR_TYPE_HIP));
	assert_true(demands_none(wanted, LDNS_RR_TYPE_EUI48));
	assert_true(demands_none(wanted, (ldns_rr_type)65280));
	assert_false(demands_none(wanted, LDNS_RR_TYPE_RRSIG));
	assert_false(demands_none(wanted, LDNS_RR_TYPE_A));
	assert_false(demands_none(wanted, LDNS_RR_TYPE_AAAA));
	assert_false(demands_none(wanted, LDNS_RR_TYPE_ANY));
	const ldns_rr_list *updates = ldns_pkt_authority(f->server.update);
	assert_int_equal(ldns_rr_list_rr_count(updates), 4);
	expect_rr(updates, 2, name, LDNS_RR_TYPE_ANY, LDNS_RR_CLASS_ANY);
	expect_rr(updates, 3, name, LDNS_RR_TYPE_CNAME, LDNS_RR_CLASS_IN);
	assert_true(f->server.update_len < 8192);
}

/* Deleting the name whole would take it along: any type at all, assigned or not. */
static void test_a_cname_takes_nothing_with_it_that_was_not_planned(void **state)
{
	static const char *const four[] = { "192.0.2.5", NULL };
	static const char *const strangers[][2] = {
		{ "HIP \\# 6 01020001aabb", "HIP" },
		{ "EUI48 00-00-5e-00-53-2a", "EUI48" },
		{ "TYPE65280 \\# 4 0a000001", "TYPE65280 \\# 4 0a000001" },
		{ "TYPE1234 \\# 0", "TYPE1234" },
	};
	struct fixture *f = *state;
	struct arena *a = f->world->arena;
	const char *name = "autodiscover." ZONE;
	struct change list[] = {
		{ name, RR_A, fake_set(a, name, RR_A, 600, four), NULL, "goes" },
		{ name, RR_CNAME, NULL, fake_set(a, name, RR_CNAME, 600, cname), "comes" },
	};
	struct change_set cs = { "switch", ZONE, 2, list };
	server_add(&f->server, "autodiscover." ZONE " 600 IN A 192.0.2.5");
	for (size_t i = 0; i < sizeof(strangers) / sizeof(strangers[0]); i++) {
		struct err e = { 0 };
		enum registrar_applied applied;
		const char *line = arena_printf(a, "%s 600 IN %s", name, strangers[i][0]);
		server_add(&f->server, line);
		assert_int_equal(registrar_apply(f->call, &cs, &applied, &e), -1);
		assert_int_equal(applied, APPLIED_NONE);
		assert_int_equal(e.kind, ERR_REFUSED);
		if (strstr(e.text, arena_printf(a, "beside %s", strangers[i][1])) == NULL)
			fail_msg("%s", e.text);
		assert_int_equal(f->world->updates, 0);
		ldns_rr_free(ldns_rr_list_pop_rr(f->server.zone));
	}
}

/* Who may write, but not transfer, is told what is missing; nothing is deleted on a guess. */
static int no_transfer(void *ctx, const char *server, struct slice request,
		       const struct registrar_sink *sink, struct err *e)
{
	(void)ctx;
	(void)server;
	(void)request;
	(void)sink;
	return err_set(e, ERR_ACCOUNT, "refused");
}

static void test_a_cname_takes_no_place_that_cannot_be_looked_at(void **state)
{
	static const char *const four[] = { "192.0.2.5", NULL };
	struct fixture *f = *state;
	struct arena *a = f->world->arena;
	struct err e = { 0 };
	enum registrar_applied applied;
	const char *name = "autodiscover." ZONE;
	struct change list[] = {
		{ name, RR_A, fake_set(a, name, RR_A, 600, four), NULL, "goes" },
		{ name, RR_CNAME, NULL, fake_set(a, name, RR_CNAME, 600, cname), "comes" },
	};
	struct change_set cs = { "switch", ZONE, 2, list };
	f->world->host.dns_transfer = no_transfer;
	registrar_close(f->call);
	f->call = open_call(f, "hmac-sha256", false);
	server_add(&f->server, "autodiscover." ZONE " 600 IN A 192.0.2.5");
	assert_int_equal(registrar_apply(f->call, &cs, &applied, &e), -1);
	assert_non_null(strstr(e.hint, "allow the key to transfer the zone"));
	assert_int_equal(f->world->updates, 0);
}

/* A 2048-bit DKIM key: two character-strings stay two. */
static void test_long_txt(void **state)
{
	struct fixture *f = *state;
	struct err e = { 0 };
	enum registrar_applied applied;
	char key[400];
	memset(key, 'A', sizeof(key));
	const char *rdata[] = { txt_quote(f->world->arena, (struct slice){ key, 400 }), NULL };
	struct change c = { "s1._domainkey." ZONE, RR_TXT, NULL,
			    fake_set(f->world->arena, "s1._domainkey." ZONE, RR_TXT, 60, rdata),
			    "dkim" };
	struct change_set cs = { "staging", ZONE, 1, &c };
	assert_int_equal(registrar_apply(f->call, &cs, &applied, &e), 0);
	const ldns_rr *rr = ldns_rr_list_rr(ldns_pkt_authority(f->server.update), 0);
	assert_int_equal(ldns_rr_rd_count(rr), 2);
	assert_int_equal(ldns_rdf_size(ldns_rr_rdf(rr, 0)), 256);
	assert_int_equal(ldns_rdf_size(ldns_rr_rdf(rr, 1)), 146);
}

struct outcome {
	ldns_pkt_rcode rcode;
	enum server_mood mood;
	enum registrar_applied applied;
	enum err_kind kind;
};

static void test_outcomes(void **state)
{
	static const struct outcome cases[] = {
		{ LDNS_RCODE_NXRRSET, MOOD_GOOD, APPLIED_NONE, ERR_REFUSED },
		{ LDNS_RCODE_YXRRSET, MOOD_GOOD, APPLIED_NONE, ERR_REFUSED },
		{ LDNS_RCODE_YXDOMAIN, MOOD_GOOD, APPLIED_NONE, ERR_REFUSED },
		{ LDNS_RCODE_REFUSED, MOOD_GOOD, APPLIED_NONE, ERR_ACCOUNT },
		{ LDNS_RCODE_NOTAUTH, MOOD_GOOD, APPLIED_NONE, ERR_ACCOUNT },
		{ LDNS_RCODE_SERVFAIL, MOOD_GOOD, APPLIED_UNKNOWN, ERR_WORLD },
		{ LDNS_RCODE_NOERROR, MOOD_CUT, APPLIED_UNKNOWN, ERR_RETRY },
		{ LDNS_RCODE_NOERROR, MOOD_UNSIGNED, APPLIED_UNKNOWN, ERR_WORLD },
		{ LDNS_RCODE_NOERROR, MOOD_FORGED, APPLIED_UNKNOWN, ERR_WORLD },
		{ LDNS_RCODE_NOERROR, MOOD_GARBAGE, APPLIED_UNKNOWN, ERR_WORLD },
		{ LDNS_RCODE_NOERROR, MOOD_UNREACHED, APPLIED_NONE, ERR_WORLD },
	};
	struct fixture *f = *state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct err e = { 0 };
		struct change list[3];
		struct change_set cs = staging(f, list);
		enum registrar_applied applied = APPLIED_ALL;
		f->server.update_rcode = cases[i].rcode;
		f->server.update_mood = cases[i].mood;
		f->world->updates = 0;
		assert_int_equal(registrar_apply(f->call, &cs, &applied, &e), -1);
		if (applied != cases[i].applied || e.kind != cases[i].kind)
			fail_msg("case %zu: applied %d: %s", i, (int)applied, e.text);
		assert_int_equal(f->world->updates, 1); /* never a second try */
	}
}

static void test_dry_run_sends_nothing(void **state)
{
	struct fixture *f = *state;
	struct err e = { 0 };
	struct change list[3];
	struct change_set cs = staging(f, list);
	enum registrar_applied applied;
	struct registrar_call *c = open_call(f, "hmac-sha256", true);
	assert_int_equal(registrar_apply(c, &cs, &applied, &e), -1);
	assert_int_equal(applied, APPLIED_NONE);
	assert_int_equal(e.kind, ERR_REFUSED);
	assert_true(registrar_would_apply(c));
	assert_int_equal(f->world->updates, 0);
	registrar_close(c);
}

/* Prerequisites carry no TTL, so a changed one is seen by reading. */
static void test_changed_ttl_is_refused(void **state)
{
	struct fixture *f = *state;
	struct err e = { 0 };
	struct change list[3];
	struct change_set cs = staging(f, list);
	enum registrar_applied applied;
	list[0].before = rrset_with_ttl(f->world->arena, list[0].before, 3600);
	assert_int_equal(registrar_apply(f->call, &cs, &applied, &e), -1);
	assert_int_equal(applied, APPLIED_NONE);
	assert_non_null(strstr(e.text, "(TTL 3600), found 10 mx1.nwtraders.com. (TTL 86400)"));
	assert_int_equal(f->world->updates, 0);
}

static void test_clock_skew(void **state)
{
	struct fixture *f = *state;
	struct err e = { 0 };
	const struct rrset *s = NULL;
	f->world->clock.at_ms = clock_now_ms(clock_system()) - 3600 * 1000;
	f->world->host.clock = &f->world->clock.clock;
	struct registrar_call *c = open_call(f, "hmac-sha256", false);
	assert_int_equal(registrar_read(c, f->world->arena, ZONE, RR_MX, &s, &e), -1);
	assert_non_null(strstr(e.text, "seconds away from this clock"));
	assert_non_null(strstr(e.hint, "NTP"));
	registrar_close(c);
}

struct bad_config {
	const char *server, *key_name, *algorithm, *secret, *says;
};

static void test_bad_configurations(void **state)
{
	static const struct bad_config cases[] = {
		{ "ns1.example", "k", "hmac-sha256", SECRET, "no address" },
		{ "127.0.0.1#0", "k", "hmac-sha256", SECRET, "no address" },
		{ "127.0.0.1#99999", "k", "hmac-sha256", SECRET, "no address" },
		{ "127.0.0.1", "k..k", "hmac-sha256", SECRET, "key_name" },
		{ "::1", "k", "hmac-md5", SECRET, "hmac-md5" },
		{ "::1#53", "k", "hmac-sha256", "not base64!", "not base64" },
		{ "::1", "k", "hmac-sha256", "", "not base64" },
	};
	struct fixture *f = *state;
	const struct registrar *const table[] = { &registrar_rfc2136, NULL };
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct err e = { 0 };
		struct registrar_call *c = NULL;
		struct secret *secret = secret_new(slice_str(cases[i].secret));
		const struct registrar_value values[] = {
			{ "server", cases[i].server, NULL },
			{ "key_name", cases[i].key_name, NULL },
			{ "key_algorithm", cases[i].algorithm, NULL },
			{ "secret", NULL, secret },
		};
		struct registrar_config config = { ZONE, 4, values };
		struct registrar_call_opts opts = { .table = table,
						    .provider = "rfc2136",
						    .config = &config,
						    .host = &f->world->host };
		assert_int_equal(registrar_open(&opts, &c, &e), -1);
		assert_int_equal(e.kind, ERR_USAGE);
		if (strstr(e.text, cases[i].says) == NULL)
			fail_msg("\"%s\" does not say \"%s\"", e.text, cases[i].says);
		secret_free(secret);
	}
}

#define SERVER_TEST(fn) cmocka_unit_test_setup_teardown(fn, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		SERVER_TEST(test_read),
		SERVER_TEST(test_every_algorithm),
		SERVER_TEST(test_untrustworthy_replies),
		SERVER_TEST(test_wildcard_is_not_taken_for_a_record),
		SERVER_TEST(test_update_message),
		SERVER_TEST(test_a_cname_is_replaced_by_the_addition),
		SERVER_TEST(test_a_cname_takes_the_place_of_addresses),
		SERVER_TEST(test_a_cname_takes_nothing_with_it_that_was_not_planned),
		SERVER_TEST(test_a_cname_takes_no_place_that_cannot_be_looked_at),
		SERVER_TEST(test_long_txt),
		SERVER_TEST(test_outcomes),
		SERVER_TEST(test_dry_run_sends_nothing),
		SERVER_TEST(test_changed_ttl_is_refused),
		SERVER_TEST(test_clock_skew),
		SERVER_TEST(test_bad_configurations),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
