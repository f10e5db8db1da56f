/*
 * What a description may not say: each refusal names the file and the place in it.
 */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <setjmp.h>

#include <cmocka.h>

#include "registrars/rest/rest.h"

static const char good[] =
	"{\"schema\":1,\"id\":\"x\",\"title\":\"X\",\"base_url\":\"https://api.x.example\","
	"\"hosts\":[\"api.x.example\"],"
	"\"options\":[{\"name\":\"token\",\"secret\":true,\"help\":\"a token\"}],"
	"\"list\":{\"request\":{\"path\":\"/records\"},\"rows\":\"\"},"
	"\"record\":{\"id\":\"id\",\"type\":\"type\",\"name\":\"name\",\"ttl\":\"ttl\","
	"\"data\":{\"*\":[\"data\"]}},"
	"\"write\":{\"unit\":\"record\",\"create\":{\"method\":\"POST\",\"path\":\"/records\"},"
	"\"delete\":{\"method\":\"DELETE\",\"path\":\"/records/{id}\"}}}";

/* One whose only write is the whole zone. */
static const char whole[] =
	"{\"schema\":1,\"id\":\"x\",\"title\":\"X\",\"base_url\":\"https://api.x.example\","
	"\"hosts\":[\"api.x.example\"],"
	"\"list\":{\"request\":{\"path\":\"/zone\"},\"rows\":\"records\"},"
	"\"record\":{\"id\":\"id\",\"type\":\"type\",\"name\":\"name\",\"ttl\":\"ttl\","
	"\"data\":{\"*\":[\"data\"]}},"
	"\"write\":{\"unit\":\"zone\",\"zone\":{\"method\":\"PUT\",\"path\":\"/zone\","
	"\"body\":{\"records\":{\"$zone\":{\"data\":\"{data}\"}},\"more\":{\"$as_read\":\"more\"}}}"
	"}}";

/* A description with one part of its text replaced. */
static struct described *load_from(const char *base, const char *from, const char *to,
				   struct err *e)
{
	char text[2048];
	const char *at = strstr(base, from);
	assert_non_null(at);
	int n = snprintf(text, sizeof(text), "%.*s%s%s", (int)(at - base), base, to,
			 at + strlen(from));
	assert_in_range(n, 1, sizeof(text) - 1);
	return described_new("x.json", slice_str(text), e);
}

static struct described *load(const char *from, const char *to, struct err *e)
{
	return load_from(good, from, to, e);
}

static void test_good(void **state)
{
	struct err e = { 0 };
	(void)state;
	struct described *d = load("\"X\"", "\"Y\"", &e);
	if (d == NULL)
		fail_msg("%s", e.text);
	const struct registrar *r = described_registrar(d);
	assert_string_equal(r->title, "Y");
	assert_true(r->options[0].secret);
	assert_null(r->read);
	described_free(d);
}

/* What is confirmed is read as lines: a word of a body cannot begin one. */
static void test_powers_are_lines(void **state)
{
	struct err e = { 0 };
	struct arena *a = arena_new();
	(void)state;
	struct described *d = load("\"method\":\"POST\",\"path\":\"/records\"",
				   "\"method\":\"POST\",\"path\":\"/records\","
				   "\"body\":{\"action\":\"add\\nThat is all\"}",
				   &e);
	if (d == NULL)
		fail_msg("%s", e.text);
	assert_string_equal(described_powers(d, a).writes[0], "POST /records (add?That is all)");
	described_free(d);
	arena_free(a);
}

static void test_refused(void **state)
{
	static const struct {
		const char *from, *to, *words;
	} cases[] = {
		{ "\"schema\":1", "\"schema\":2", "another schema" },
		{ "\"title\"", "\"titel\"", "titel: there is no such member" },
		{ "\"id\":\"x\",", "", "id: is missing" },
		{ "[\"api.x.example\"]", "[]", "hosts: names no host" },
		{ "\"path\":\"/records\"},\"rows\"", "\"path\":\"records\"},\"rows\"",
		  "list.request.path: is to begin with /" },
		{ "\"rows\":\"\"", "\"rows\":\"\",\"paging\":{\"style\":\"pages\"}",
		  "list.paging.style: is to be one of none | page" },
		{ "\"rows\":\"\"", "\"rows\":\"\",\"paging\":{\"style\":\"page\",\"param\":\"p\"}",
		  "list.paging: needs \"size\"" },
		{ "{\"*\":[\"data\"]}", "{\"MXX\":[\"data\"]}", "record.data.MXX" },
		{ "\"method\":\"DELETE\"", "\"method\":\"ERASE\"", "write.delete.method" },
		{ ",\"delete\":{\"method\":\"DELETE\",\"path\":\"/records/{id}\"}", "",
		  "write: needs \"delete\"" },
		{ "\"unit\":\"record\"", "\"unit\":\"batch\"", "write: needs \"batch\"" },
		{ "\"rows\":\"\"", "\"rows\":[]", "list.rows: is to name a list" },
		{ "\"schema\":1", "\"schema\":1,\"ttl\":{\"allowed\":[300,60]}",
		  "ttl.allowed: is to be a rising list" },
		{ "\"schema\":1", "\"schema\":1,\"errors\":[{\"class\":\"auth\"}]",
		  "errors[0]: would mean every answer" },
		{ "\"schema\":1", "\"schema\":1,\"ttl\":{\"none\":true}", "ttl: needs \"zone\"" },
		{ "\"schema\":1",
		  "\"schema\":1,\"second_factor\":{\"secret\":\"x\",\"request\":{\"path\":\"/\"}}",
		  "second_factor: is to name the option" },
		{ "\"id\":\"id\"",
		  "\"id\":\"id\",\"doubt\":[{\"type\":\"MXX\",\"number\":\"v\",\"why\":\"w\"}]",
		  "record.doubt[0]: names no known type" },
		{ "\"schema\":1",
		  "\"schema\":1,\"success\":{\"field\":\"f\",\"equals\":\"1\",\"of\":\"some\"}",
		  "success.of: is to be one of all | writes" },
		{ "\"id\":\"x\"", "\"id\":\"X\"", "id: is to be of lower-case" },
		{ "[\"api.x.example\"]", "[\"\u0430pi.x.example\"]", "hosts[0]: is to be a host" },
		{ "\"schema\":1", "\"schema\":1,\"signer\":{\"name\":\"aws\"}",
		  "signer.name: is to be one of dynadot | google | ovh | transip" },
		{ "\"schema\":1", "\"schema\":1,\"signer\":{\"name\":\"dynadot\",\"key\":\"K\"}",
		  "signer.secret: is missing" },
		{ "\"schema\":1",
		  "\"schema\":1,\"signer\":{\"name\":\"dynadot\",\"key\":\"{tokn}\",\"secret\":"
		  "\"S\"}",
		  "signer.key: the template \"{tokn}\": nothing is known of {tokn}" },
		{ "\"schema\":1",
		  "\"schema\":1,\"signer\":{\"name\":\"dynadot\",\"key\":\"K\",\"secret\":\"S\","
		  "\"time\":{}}",
		  "signer.time: there is no such member" },
		{ "\"schema\":1", "\"schema\":1,\"signer\":{\"name\":\"transip\",\"key\":\"K\"}",
		  "signer: signs a login, and the description has none" },
		{ "\"schema\":1",
		  "\"schema\":1,\"signer\":{\"name\":\"ovh\",\"application\":\"A\",\"secret\":"
		  "\"S\","
		  "\"consumer\":\"C\"}",
		  "signer.time: is missing" },
		{ "\"unit\":\"record\"",
		  "\"unit\":\"record\",\"refuses\":[{\"type\":\"MX\",\"variable\":\"target\","
		  "\"why\":\"w\"}]",
		  "write.refuses[0]: needs \"equals\" or \"contains\"" },
		{ "\"rows\":\"\"", "\"rows\":[\"a\",\"b\"]", "list: needs \"expect\"" },
		{ "\"rows\":\"\"", "\"rows\":7", "list.rows: is to be a text" },
		{ "\"/records\"},\"rows\":\"\"",
		  "\"/records\",\"expect\":{\"k\":\"v\"}},\"rows\":[\"a\",\"b\"],"
		  "\"paging\":{\"style\":\"link\"}",
		  "several lists have no pages" },
		{ "\"path\":\"/records\"}", "\"path\":\"/records\",\"expect\":\"ok\"}",
		  "list.request.expect: is to be an object of texts" },
		{ "\"id\":\"id\"", "\"keep\":{\"old\":1}", "record.keep.old: is to be a text" },
		{ "\"create\":{\"method\":\"POST\",\"path\":\"/records\"},",
		  "\"batch\":{\"method\":\"POST\",\"path\":\"/batch\"},",
		  "write: needs \"create\"" },
		{ "\"unit\":\"record\"", "\"unit\":\"record\",\"batch_max\":\"x\"",
		  "write.batch_max: is to be a number" },
		{ "\"title\":\"X\"", "\"title\":\"X\\nIt sends to\"", "title: is to be one line" },
		{ "\"schema\":1", "\"schema\":1,\"notes\":[\"a\",\"b\\u001b[2J\"]",
		  "notes[1]: is to be one line" },
		{ "\"schema\":1", "\"schema\":1,\"headers\":{\"A\\nB\":\"c\"}",
		  "headers.A B: is to be one line" },
		{ "\"schema\":1", "\"schema\":1,", "x.json" },
	};
	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct err e = { 0 };
		struct described *d = load(cases[i].from, cases[i].to, &e);
		if (d != NULL || strstr(e.text, cases[i].words) == NULL)
			fail_msg("%s: %s", cases[i].words, d != NULL ? "accepted" : e.text);
		assert_int_equal(e.kind, ERR_USAGE);
	}
}

static void test_whole_zone_refused(void **state)
{
	static const struct {
		const char *from, *to, *words;
	} cases[] = {
		{ "\"zone\":{\"method\"", "\"replace\":{\"method\"", "write: needs \"zone\"" },
		{ "\"unit\":\"zone\"", "\"unit\":\"rrset\"", "write: needs \"delete\"" },
		{ "\"unit\":\"zone\"",
		  "\"unit\":\"rrset\",\"delete\":{\"path\":\"/\"},\"replace\":{\"path\":\"/\"}",
		  "write.zone: is for the unit \"zone\"" },
		{ "\"unit\":\"zone\"", "\"unit\":\"zone\",\"delete\":{\"path\":\"/x\"}",
		  "write.delete: has no place in the unit \"zone\"" },
		{ "\"unit\":\"zone\"", "\"unit\":\"zone\",\"commit\":{\"path\":\"/x\"}",
		  "write.commit: has no place in the unit \"zone\"" },
		{ "\"method\":\"PUT\",", "", "write.zone.method: is to be PUT, POST or PATCH" },
		{ "\"$zone\"", "\"$rows\"", "write.zone.body: is to have { \"$zone\": … } once" },
		{ "\"$as_read\":\"more\"", "\"$zone\":{}",
		  "write.zone.body: is to have { \"$zone\"" },
		{ "\"$as_read\":\"more\"", "\"$as_read\":\"\"", "$as_read is to name a member" },
		{ "\"list\":{\"request\":{\"path\":\"/zone\"},\"rows\":\"records\"},", "",
		  "list: is missing" },
		{ "\"record\":{", "\"read\":{\"request\":{\"path\":\"/r\"}},\"record\":{",
		  "read: has no place in the unit \"zone\"" },
		{ "\"rows\":\"records\"", "\"rows\":\"records\",\"each\":{\"path\":\"/{item}\"}",
		  "list.each: has no place in the unit \"zone\"" },
		{ "\"path\":\"/zone\"},\"rows\":\"records\"",
		  "\"path\":\"/zone\",\"expect\":{\"k\":\"v\"}},\"rows\":[\"a\",\"b\"]",
		  "list.rows: is to be one list in the unit \"zone\"" },
		{ "\"rows\":\"records\"", "\"rows\":\"records\",\"paging\":{\"style\":\"link\"}",
		  "list.paging: has no place where $as_read" },
		{ "\"id\":\"id\"", "\"etag\":\"etag\"", "record.etag: has no place in the unit" },
		{ "{\"*\":[\"data\"]}",
		  "{\"*\":[\"data\"],\"MX\":{\"values\":\"v\",\"parts\":[\"\"]}}",
		  "record.data: is to have \"values\" for all types or for none" },
		{ "\"schema\":1", "\"schema\":1,\"capabilities\":[\"compare-and-set\"]",
		  "a whole zone is never written by compare-and-set" },
		{ "\"unit\":\"zone\"", "\"unit\":\"zone\",\"rows_max\":\"many\"",
		  "write.rows_max: is to be a number" },
	};
	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct err e = { 0 };
		struct described *d = load_from(whole, cases[i].from, cases[i].to, &e);
		if (d != NULL || strstr(e.text, cases[i].words) == NULL)
			fail_msg("%s: %s", cases[i].words, d != NULL ? "accepted" : e.text);
	}
	struct err e = { 0 };
	struct described *d = load_from(whole, "\"X\"", "\"Y\"", &e);
	if (d == NULL)
		fail_msg("%s", e.text);
	assert_non_null(described_registrar(d)->pick);
	described_free(d);
}

static void test_nearest(void **state)
{
	struct err e = { 0 };
	(void)state;
	assert_null(load("\"title\"", "\"titel\"", &e));
	assert_non_null(strstr(e.hint, "\"title\""));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_good),    cmocka_unit_test(test_powers_are_lines),
		cmocka_unit_test(test_refused), cmocka_unit_test(test_whole_zone_refused),
		cmocka_unit_test(test_nearest),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
