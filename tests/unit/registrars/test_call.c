/*
 * The rules that no provider can skip, tried with a provider that does what it is told.
 */
#include "tests/unit/registrars/fake_host.h"

#include <string.h>

#define ZONE "treyresearch.com."

/* A provider whose zone is a list of sets and whose apply misbehaves on demand. */
struct toy {
	const struct registrar_host *host;
	const struct rrset *sets[8];
	size_t n;
	unsigned applies, publishes;
	bool publish_fails;
};

static struct toy *toy_now; /* open() has no other way to meet the test */

static int toy_open(const struct registrar *self, const struct registrar_host *host,
		    const struct registrar_config *config, void **session_r, struct err *e)
{
	(void)self;
	(void)config;
	(void)e;
	toy_now->host = host;
	*session_r = toy_now;
	return 0;
}

static void toy_close(void *session)
{
	(void)session;
}

static int toy_read(void *session, struct arena *a, const char *name, uint16_t type,
		    const struct rrset **rrset_r, struct err *e)
{
	const struct toy *t = session;
	(void)a;
	(void)e;
	*rrset_r = NULL;
	for (size_t i = 0; i < t->n; i++) {
		if (str_eq(t->sets[i]->name, name) && t->sets[i]->type == type)
			*rrset_r = t->sets[i];
	}
	return 0;
}

static int toy_list(void *session, struct arena *a, const struct zone **zone_r, struct err *e)
{
	const struct toy *t = session;
	(void)e;
	*zone_r = zone_make(a, ZONE, t->n, t->sets);
	return 0;
}

static int toy_apply(void *session, const struct change_set *changes,
		     enum registrar_applied *applied_r, struct err *e)
{
	struct toy *t = session;
	struct buf reply;
	(void)changes;
	t->applies++;
	buf_init(&reply);
	int rc = t->host->dns_exchange(t->host->ctx, "192.0.2.1", SLICE_LIT("update"), true, &reply,
				       e);
	buf_release(&reply);
	*applied_r = rc == 0 ? APPLIED_ALL : APPLIED_NONE;
	return rc;
}

static int toy_publish(void *session, struct err *e)
{
	struct toy *t = session;
	t->publishes++;
	return t->publish_fails ? err_set(e, ERR_WORLD, "HTTP 500") : 0;
}

static int toy_snapshot(void *session, struct arena *a, const char **id_r, struct err *e)
{
	struct toy *t = session;
	struct buf reply;
	buf_init(&reply);
	int rc = t->host->dns_exchange(t->host->ctx, "192.0.2.1", SLICE_LIT("keep"), true, &reply,
				       e);
	buf_release(&reply);
	*id_r = rc == 0 ? arena_strdup(a, "snap\x1b[2J-1") : NULL;
	return rc;
}

/* It believes of itself that nothing was changed. */
static int toy_restore(void *session, const char *id, enum registrar_applied *applied_r,
		       struct err *e)
{
	struct toy *t = session;
	struct buf reply;
	buf_init(&reply);
	int rc = t->host->dns_exchange(t->host->ctx, "192.0.2.1", slice_str(id), true, &reply, e);
	buf_release(&reply);
	*applied_r = rc == 0 ? APPLIED_ALL : APPLIED_NONE;
	return rc;
}

static const struct registrar_option toy_options[] = {
	{ .name = "server", .required = true, .help = "an address" },
	{ .name = "token", .secret = true, .help = "a secret" },
	{ .name = NULL },
};

static const struct registrar toy = {
	.abi = REGISTRAR_ABI,
	.name = "toy",
	.title = "for tests",
	.options = toy_options,
	.open = toy_open,
	.close = toy_close,
	.read = toy_read,
	.apply = toy_apply,
	.publish = toy_publish,
	.snapshot = toy_snapshot,
	.restore = toy_restore,
};

static const struct registrar by_hand = {
	.abi = REGISTRAR_ABI,
	.name = "byhand",
	.title = "for tests",
	.capabilities = REGISTRAR_BY_HAND,
	.options = toy_options,
	.open = toy_open,
	.close = toy_close,
};

static const struct registrar lister = {
	.abi = REGISTRAR_ABI,
	.name = "lister",
	.title = "for tests",
	.capabilities = REGISTRAR_LIST,
	.options = toy_options,
	.open = toy_open,
	.close = toy_close,
	.list = toy_list,
	.apply = toy_apply,
};

static const struct registrar_value server_value = { "server", "192.0.2.1", NULL };
static const struct registrar_config config = { ZONE, 1, &server_value };

static int serve_ok(void *ctx, struct slice request, struct buf *reply, struct err *e)
{
	(void)ctx;
	(void)request;
	(void)reply;
	(void)e;
	return 0;
}

static int serve_cut(void *ctx, struct slice request, struct buf *reply, struct err *e)
{
	(void)ctx;
	(void)request;
	(void)reply;
	return err_set(e, ERR_RETRY, "cut");
}

static int serve_unreached(void *ctx, struct slice request, struct buf *reply, struct err *e)
{
	(void)ctx;
	(void)request;
	(void)reply;
	return err_set(e, ERR_WORLD, "no route");
}

struct fixture {
	struct fake_world *world;
	struct toy toy;
	struct change change;
	struct change_set set;
};

static int setup(void **state)
{
	static const char *const old[] = { "10 mx1.nwtraders.com.", NULL };
	static const char *const fresh[] = { "0 new.outlook.com.", NULL };
	struct fixture *f = mem_alloc(sizeof(*f));
	f->world = fake_world_new();
	f->world->serve = serve_ok;
	f->change = (struct change){ .name = ZONE, .type = RR_MX, .why = "test" };
	f->change.before = fake_set(f->world->arena, ZONE, RR_MX, 3600, old);
	f->change.after = fake_set(f->world->arena, ZONE, RR_MX, 300, fresh);
	f->set = (struct change_set){ "switch", ZONE, 1, &f->change };
	f->toy.sets[0] = f->change.before;
	f->toy.n = 1;
	toy_now = &f->toy;
	*state = f;
	return 0;
}

static int teardown(void **state)
{
	struct fixture *f = *state;
	fake_world_free(f->world);
	free(f);
	return 0;
}

static enum registrar_applied apply(struct fixture *f, const struct registrar *r, bool dry_run,
				    struct err *e)
{
	enum registrar_applied applied = APPLIED_PARTIAL;
	struct registrar_call *c = fake_open(f->world, r, &config, dry_run);
	int rc = registrar_apply(c, &f->set, &applied, e);
	assert_int_equal(rc == 0, applied == APPLIED_ALL);
	assert_int_equal(registrar_would_apply(c), dry_run);
	registrar_close(c);
	return applied;
}

static void test_apply(void **state)
{
	struct fixture *f = *state;
	struct err e = { 0 };
	assert_int_equal(apply(f, &toy, false, &e), APPLIED_ALL);
	assert_int_equal(f->world->updates, 1);
}

static void test_dry_run(void **state)
{
	struct fixture *f = *state;
	struct err e = { 0 };
	assert_int_equal(apply(f, &toy, true, &e), APPLIED_NONE);
	assert_int_equal(e.kind, ERR_REFUSED);
	assert_int_equal(f->toy.applies, 1); /* all of the code but the last step */
	assert_int_equal(f->world->updates, 0);
}

/* The provider says "nothing changed", but a write left the process. */
static void test_guard_knows_better(void **state)
{
	struct fixture *f = *state;
	struct err e = { 0 };
	f->world->serve = serve_cut;
	assert_int_equal(apply(f, &toy, false, &e), APPLIED_UNKNOWN);
	assert_int_equal(f->world->updates, 1);
	f->world->serve = serve_unreached;
	assert_int_equal(apply(f, &toy, false, &e), APPLIED_NONE);
}

static int serve_repeats(void *ctx, struct slice request, struct buf *reply, struct err *e)
{
	(void)ctx;
	(void)request;
	(void)reply;
	(void)err_set(e, ERR_WORLD, "it says: no such key hunter2-word");
	return err_hint(e, "ask for another one than hunter2-word");
}

/* These words go into the journal and into reports. */
static void test_no_provider_gets_a_secret_told(void **state)
{
	struct fixture *f = *state;
	struct err e = { 0 };
	enum registrar_applied applied;
	struct secret *token = secret_new(SLICE_LIT("hunter2-word"));
	const struct registrar_value values[] = { server_value, { "token", NULL, token } };
	const struct registrar_config with_token = { ZONE, 2, values };
	f->world->serve = serve_repeats;
	struct registrar_call *c = fake_open(f->world, &toy, &with_token, false);
	secret_free(token);
	assert_int_equal(registrar_apply(c, &f->set, &applied, &e), -1);
	assert_non_null(strstr(e.text, "no such key ***"));
	assert_string_equal(e.hint, "ask for another one than ***");
	registrar_close(c);
}

/* Where writing publishes, there is nothing to do. */
static void test_publish(void **state)
{
	struct fixture *f = *state;
	struct err e = { 0 };
	struct registrar_call *c = fake_open(f->world, &toy, &config, false);
	assert_int_equal(registrar_publish(c, &e), 0);
	f->toy.publish_fails = true;
	assert_int_equal(registrar_publish(c, &e), -1);
	assert_int_equal(f->toy.publishes, 2);
	assert_non_null(strstr(e.text, "publishing what was written to " ZONE));
	assert_non_null(strstr(e.hint, "it publishes them first"));
	registrar_close(c);
	c = fake_open(f->world, &lister, &config, false);
	assert_int_equal(registrar_publish(c, &e), 0);
	registrar_close(c);
}

static void test_snapshot(void **state)
{
	struct fixture *f = *state;
	struct err e = { 0 };
	const char *id = NULL;
	enum registrar_applied applied;
	struct registrar_call *c = fake_open(f->world, &toy, &config, false);
	assert_true(registrar_keeps_snapshots(c));
	assert_int_equal(registrar_snapshot(c, f->world->arena, &id, &e), 0);
	assert_string_equal(id, "snap?[2J-1"); /* it goes onto terminals */
	assert_int_equal(registrar_restore(c, id, &applied, &e), 0);
	assert_int_equal(applied, APPLIED_ALL);
	f->world->serve = serve_cut;
	assert_int_equal(registrar_restore(c, id, &applied, &e), -1);
	assert_int_equal(applied, APPLIED_UNKNOWN);
	registrar_close(c);
	f->world->serve = serve_ok;
	unsigned updates = f->world->updates;
	c = fake_open(f->world, &toy, &config, true); /* a dry run keeps nothing */
	assert_int_equal(registrar_snapshot(c, f->world->arena, &id, &e), -1);
	assert_int_equal(registrar_restore(c, "1", &applied, &e), -1);
	assert_int_equal(applied, APPLIED_NONE);
	assert_int_equal(f->world->updates, updates);
	registrar_close(c);
	c = fake_open(f->world, &lister, &config, false);
	assert_false(registrar_keeps_snapshots(c));
	assert_int_equal(registrar_snapshot(c, f->world->arena, &id, &e), -1);
	assert_int_equal(e.kind, ERR_REFUSED);
	assert_int_equal(registrar_restore(c, "1", &applied, &e), -1);
	assert_int_equal(e.kind, ERR_REFUSED);
	registrar_close(c);
}

static void refuse(struct fixture *f, const char *says)
{
	struct err e = { 0 };
	assert_int_equal(apply(f, &toy, false, &e), APPLIED_NONE);
	assert_int_equal(e.kind, ERR_REFUSED);
	if (strstr(e.text, says) == NULL)
		fail_msg("\"%s\" does not say \"%s\"", e.text, says);
	assert_int_equal(f->toy.applies, 0);
	assert_int_equal(f->world->updates, 0);
}

static void test_before_image_differs(void **state)
{
	static const char *const other[] = { "5 mx9.fabrikam.com.", NULL };
	struct fixture *f = *state;
	f->toy.sets[0] = fake_set(f->world->arena, ZONE, RR_MX, 3600, other);
	refuse(f, "planned from 10 mx1.nwtraders.com. (TTL 3600), found 5 mx9.fabrikam.com.");
	f->toy.sets[0] = rrset_with_ttl(f->world->arena, f->change.before, 60);
	refuse(f, "found 10 mx1.nwtraders.com. (TTL 60)");
	f->toy.n = 0;
	refuse(f, "found nothing");
}

static void test_already_done_is_said(void **state)
{
	struct fixture *f = *state;
	struct err e = { 0 };
	f->toy.sets[0] = f->change.after;
	assert_int_equal(apply(f, &toy, false, &e), APPLIED_NONE);
	assert_non_null(strstr(e.hint, "already is as planned"));
}

/* The same by a provider that only lists. */
static void test_reading_by_listing(void **state)
{
	struct fixture *f = *state;
	struct err e = { 0 };
	assert_int_equal(apply(f, &lister, false, &e), APPLIED_ALL);
	f->toy.n = 0;
	assert_int_equal(apply(f, &lister, false, &e), APPLIED_NONE);
	assert_int_equal(f->toy.applies, 1);
}

static void test_cname_beside_data(void **state)
{
	static const char *const address[] = { "192.0.2.1", NULL };
	static const char *const alias[] = { "autodiscover.outlook.com.", NULL };
	struct fixture *f = *state;
	struct arena *a = f->world->arena;
	const char *name = "autodiscover." ZONE;
	f->toy.sets[0] = fake_set(a, name, RR_A, 3600, address);
	f->change = (struct change){ name, RR_CNAME, NULL, fake_set(a, name, RR_CNAME, 60, alias),
				     "test" };
	refuse(f, "cannot stand beside A 192.0.2.1");
	f->toy.sets[0] = f->change.after;
	f->change = (struct change){ name, RR_A, NULL, fake_set(a, name, RR_A, 60, address),
				     "test" };
	refuse(f, "cannot stand beside CNAME");
}

/* Refused by change_set_check, before anything is read. */
static void test_forbidden_plans(void **state)
{
	static const char *const ns[] = { "ns1.fabrikam.com.", NULL };
	static const char *const alias[] = { "x.outlook.com.", NULL };
	struct fixture *f = *state;
	struct arena *a = f->world->arena;
	f->change = (struct change){ ZONE, RR_NS, NULL, fake_set(a, ZONE, RR_NS, 60, ns), "test" };
	refuse(f, "name servers are not changed");
	f->change = (struct change){ ZONE, RR_CNAME, NULL, fake_set(a, ZONE, RR_CNAME, 60, alias),
				     "test" };
	refuse(f, "CNAME cannot stand at the apex");
	f->change = (struct change){ "www.fabrikam.com.", RR_CNAME, NULL,
				     fake_set(a, "www.fabrikam.com.", RR_CNAME, 60, alias),
				     "test" };
	refuse(f, "outside the zone");
}

static void test_by_hand(void **state)
{
	struct fixture *f = *state;
	struct err e = { 0 };
	const struct rrset *s = NULL;
	const struct zone *z = NULL;
	struct registrar_call *c = fake_open(f->world, &by_hand, &config, false);
	assert_int_equal(registrar_read(c, f->world->arena, ZONE, RR_MX, &s, &e), -1);
	assert_int_equal(e.kind, ERR_REFUSED);
	assert_int_equal(registrar_list(c, f->world->arena, &z, &e), -1);
	assert_int_equal(e.kind, ERR_REFUSED);
	registrar_close(c);
	assert_int_equal(apply(f, &by_hand, false, &e), APPLIED_NONE);
	assert_non_null(strstr(e.text, "made by a person"));
}

static void expect_usage(const char *provider, size_t n, const struct registrar_value *values,
			 const char *says)
{
	const struct registrar *const table[] = { &toy, &by_hand, NULL };
	struct registrar_config given = { ZONE, n, values };
	struct registrar_call_opts opts = { .table = table,
					    .provider = provider,
					    .config = &given,
					    .clock = clock_system(),
					    .rng = rng_system() };
	struct registrar_call *c = NULL;
	struct err e = { 0 };
	char all[ERR_TEXT_MAX + ERR_HINT_MAX + 8];
	assert_int_equal(registrar_open(&opts, &c, &e), -1);
	assert_int_equal(e.kind, ERR_USAGE);
	(void)snprintf(all, sizeof(all), "%s | %s", e.text, e.hint);
	if (strstr(all, says) == NULL)
		fail_msg("\"%s\" does not say \"%s\"", all, says);
}

static void test_options(void **state)
{
	struct secret *secret = secret_new(SLICE_LIT("s3cret"));
	const struct registrar_value misspelt[] = { { "servre", "192.0.2.1", NULL } };
	const struct registrar_value alien[] = { { "color", "blue", NULL } };
	const struct registrar_value open_secret[] = { server_value, { "token", "s3cret", NULL } };
	const struct registrar_value hidden[] = { { "server", NULL, secret } };
	const struct registrar_value twice[] = { server_value, server_value };
	(void)state;
	expect_usage("tay", 1, &server_value, "did you mean \"toy\"");
	expect_usage("cloudthing", 1, &server_value, "known are: toy, byhand");
	expect_usage("toy", 1, misspelt, "did you mean \"server\"");
	expect_usage("toy", 1, alien, "has no option \"color\"");
	expect_usage("toy", 2, open_secret, "\"token\" of provider \"toy\" is a secret");
	expect_usage("toy", 1, hidden, "is no credential");
	expect_usage("toy", 2, twice, "given 2 times");
	expect_usage("toy", 0, NULL, "needs the option \"server\"");
	secret_free(secret);
}

#define CALL_TEST(fn) cmocka_unit_test_setup_teardown(fn, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		CALL_TEST(test_apply),
		CALL_TEST(test_dry_run),
		CALL_TEST(test_guard_knows_better),
		CALL_TEST(test_no_provider_gets_a_secret_told),
		CALL_TEST(test_publish),
		CALL_TEST(test_snapshot),
		CALL_TEST(test_before_image_differs),
		CALL_TEST(test_already_done_is_said),
		CALL_TEST(test_reading_by_listing),
		CALL_TEST(test_cname_beside_data),
		CALL_TEST(test_forbidden_plans),
		CALL_TEST(test_by_hand),
		cmocka_unit_test(test_options),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
