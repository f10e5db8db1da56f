#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>

#include "scratch.h"

static const struct project *round_trip(struct scratch *s, const struct template_values *v,
					struct buf *out)
{
	buf_init(out);
	project_template(out, v);
	const struct project *p = scratch_project(s, out->at);
	if (p == NULL)
		fail_msg("%s\n%s\n%s", s->e.text, s->e.hint, out->at);
	return p;
}

static void a_bare_one_loads(void **state)
{
	struct buf out;
	const struct project *p = round_trip(
		*state, &(struct template_values){ .domain = "a.example" }, &out);
	assert_string_equal(p->domain, "a.example.");
	assert_string_equal(p->target_provider, "generic");
	assert_string_equal(p->dns_provider, "manual");
	assert_null(p->ownership_txt);
	assert_int_equal(p->policy.gate_n, 0);
	buf_release(&out);
}

static void sets_what_is_known(void **state)
{
	const struct mx mx[] = { { 0, "x.mail.protection.outlook.com." }, { 5, "y.example." } };
	const char *const ns[] = { "ns1.example.", "ns2.example.", NULL };
	const struct project_value extra[] = {
		{ "dns.server", "127.53.0.1" },
		{ "dns.credentials.key", "file:tsig.key" },
		{ "network.connect_to.imap.a.example", "127.53.0.9" },
		{ "network.dns_port", "5300" },
		{ "policy.gates.no-drift", "warn" },
	};
	const struct template_values v = {
		.domain = "a.example",
		.target_provider = "microsoft365",
		.target_mx_n = 2,
		.target_mx = mx,
		.source_imap = "imaps://old.example",
		.source_mx = ns,
		.ownership_txt = "MS=\"odd\\: #",
		.dns_provider = "rfc2136",
		.dns_nameservers = ns,
		.mailboxes = "my users.csv",
		.extra_n = sizeof(extra) / sizeof(extra[0]),
		.extra = extra,
	};
	struct scratch *s = *state;
	struct buf out;
	const struct project *p = round_trip(s, &v, &out);
	assert_int_equal(p->target_mx->n, 2);
	assert_string_equal(p->source_mx[1], "ns2.example.");
	assert_string_equal(p->ownership_txt, "MS=\"odd\\: #");
	assert_string_equal(p->mailboxes, arena_printf(s->arena, "%s/my users.csv", s->dir));
	assert_int_equal(p->dns_option_n, 1);
	assert_string_equal(p->dns_options[0].text, "127.53.0.1");
	assert_string_equal(p->dns_credentials[0].text, "file:tsig.key");
	assert_string_equal(p->network.connect_to[0].host, "imap.a.example");
	assert_int_equal(p->network.dns_port, 5300);
	assert_int_equal(p->policy.gates[0].policy, GATE_WARN);
	buf_release(&out);
}

/* The file must teach: each option is there, set or as a comment. */
static void shows_every_option(void **state)
{
	struct scratch *s = *state;
	struct buf out;
	(void)round_trip(s, &(struct template_values){ .domain = "a.example" }, &out);
	for (size_t i = 0; i < option_count(); i++) {
		const char *path = option_at(i)->path;
		const char *key = strrchr(path, '.') != NULL ? strrchr(path, '.') + 1 : path;
		if (str_eq(key, "*"))
			key = "KEY";
		if (strstr(out.at, arena_printf(s->arena, "%s:", key)) == NULL)
			fail_msg("%s is not shown", path);
	}
	buf_release(&out);
}

/* Every example of the table is right: taken out of its comment, the file still loads. */
static void its_examples_are_right(void **state)
{
	struct scratch *s = *state;
	for (size_t i = 0; i < option_count(); i++) {
		const struct option_info *o = option_at(i);
		const struct project_value extra = { o->path, o->example };
		const bool pattern = strpbrk(o->path, "[*") != NULL;
		const struct template_values v = {
			.domain = "treyresearch.com",
			.ownership_txt = "x",
			.extra_n = 1,
			.extra = &extra,
		};
		struct buf out;
		/* A window needs both its ends; what a login needs is in test_auth.c. */
		if (o->example == NULL || pattern || str_starts(o->path, "window.") ||
		    strstr(o->path, ".auth.") != NULL)
			continue;
		(void)round_trip(s, &v, &out);
		buf_release(&out);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_bare_one_loads),
		cmocka_unit_test(sets_what_is_known),
		cmocka_unit_test(shows_every_option),
		cmocka_unit_test(its_examples_are_right),
	};
	return cmocka_run_group_tests(tests, scratch_setup, scratch_teardown);
}
