#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <setjmp.h>

#include <cmocka.h>

#include <string.h>

#include "registrars/route53/fault.h"

static int setup(void **state)
{
	*state = arena_new();
	return 0;
}

static int teardown(void **state)
{
	arena_free(*state);
	return 0;
}

struct expectation {
	int status;
	const char *body;
	enum fault_class class;
	enum err_kind kind;
	const char *text, *hint; /* parts */
};

#define ERROR(code, message)                                                                       \
	"<ErrorResponse xmlns='https://route53.amazonaws.com/doc/2013-04-01/'><Error><Type>Sender" \
	"</Type><Code>" code "</Code><Message>" message                                            \
	"</Message></Error><RequestId>b25f</RequestId></ErrorResponse>"
#define BATCH(message)                                                                             \
	"<InvalidChangeBatch xmlns='https://route53.amazonaws.com/doc/2013-04-01/'><Messages>"     \
	"<Message>" message "</Message></Messages></InvalidChangeBatch>"

static const struct expectation expectations[] = {
	{ 200, "<Wanted/>", FAULT_NONE, ERR_NONE, "", "" },
	{ 200, "<Other/>", FAULT_UNKNOWN, ERR_RETRY, "not one of its own", "run the same command" },
	{ 200, "<Wanted>", FAULT_UNKNOWN, ERR_RETRY, "not one of its own", "run the same command" },
	{ 202, "", FAULT_UNKNOWN, ERR_RETRY, "(HTTP 202, without a reason)", "" },
	{ 400, ERROR("Throttling", "Rate exceeded"), FAULT_EARLY, ERR_WORLD,
	  "wants fewer requests (HTTP 400, Throttling): Rate exceeded", "wait a minute" },
	{ 400, ERROR("PriorRequestNotComplete", "The request was rejected"), FAULT_EARLY, ERR_WORLD,
	  "another change of the zone", "wait a minute" },
	{ 500, ERROR("InternalFailure", "oops"), FAULT_UNKNOWN, ERR_RETRY, "oops",
	  "is read first" },
	{ 503, ERROR("Throttling", "busy"), FAULT_UNKNOWN, ERR_RETRY, "busy", "is read first" },
	{ 504, "<html>", FAULT_UNKNOWN, ERR_RETRY, "(HTTP 504, without a reason)",
	  "is read first" },
	{ 403, ERROR("InvalidClientTokenId", "The security token is invalid."), FAULT_REFUSED,
	  ERR_ACCOUNT, "refuses these credentials: it does not know the access key",
	  "session_token" },
	{ 403, ERROR("ExpiredToken", "expired"), FAULT_REFUSED, ERR_ACCOUNT, "has expired",
	  "temporary" },
	{ 403, ERROR("AccessDenied", "User: arn:x is not authorized"), FAULT_REFUSED, ERR_ACCOUNT,
	  "User: arn:x is not authorized", "ChangeResourceRecordSets" },
	{ 403, ERROR("SignatureDoesNotMatch", "Signature expired: 1 is now earlier than 2"),
	  FAULT_REFUSED, ERR_ACCOUNT, "time of the request is wrong", "NTP" },
	{ 403, ERROR("SignatureDoesNotMatch", "Signature not yet current: 2 is still later than 1"),
	  FAULT_REFUSED, ERR_ACCOUNT, "time of the request is wrong", "it is Sun, 22 Nov 2026" },
	{ 400, ERROR("RequestExpired", "Request has expired."), FAULT_REFUSED, ERR_ACCOUNT,
	  "too old", "NTP" },
	{ 404, ERROR("NoSuchHostedZone", "No hosted zone found with ID: Z1"), FAULT_REFUSED,
	  ERR_REFUSED, "no such hosted zone", "zone_id" },
	{ 400,
	  ERROR("InvalidChangeBatch", "[Tried to create resource record set [name='a.', "
				      "type='A'] but it already exists]"),
	  FAULT_REFUSED, ERR_REFUSED, "found other records than the plan", "cutover plan" },
	{ 400,
	  BATCH("Tried to delete resource record set [name='a.', type='A'] but it was not found"),
	  FAULT_REFUSED, ERR_REFUSED, "found other records than the plan", "nothing was written" },
	{ 400,
	  BATCH("Tried to delete resource record set [name='a.', type='A'] but the values "
		"provided do not match the current values"),
	  FAULT_REFUSED, ERR_REFUSED, "but the values provided do not match", "cutover plan" },
	{ 400, BATCH("RRSet with DNS name a., type A contains an invalid value"), FAULT_REFUSED,
	  ERR_REFUSED, "does not take the changes", "manual" },
	{ 400, ERROR("InvalidInput", "Bad"), FAULT_REFUSED, ERR_REFUSED, "InvalidInput): Bad", "" },
	{ 302, "", FAULT_REFUSED, ERR_REFUSED, "does not take it", "" },
	{ 413, "<html>too large</html>", FAULT_REFUSED, ERR_REFUSED, "(HTTP 413, html)", "" },
};

static enum fault_class judge(struct arena *a, int status, const char *body, struct err *e)
{
	static const struct registrar_field date = { "date", "Sun, 22 Nov 2026 12:00:00 GMT" };
	struct err ignored;
	struct registrar_reply reply = { .status = status, .headers = &date, .header_n = 1 };
	return fault_of(&reply, xml_parse(a, slice_str(body), &ignored), "Wanted", e);
}

static void test_what_answers_mean(void **state)
{
	for (size_t i = 0; i < sizeof(expectations) / sizeof(expectations[0]); i++) {
		const struct expectation *x = &expectations[i];
		struct err e = { 0 };
		enum fault_class class = judge(*state, x->status, x->body, &e);
		if (class != x->class || e.kind != x->kind || strstr(e.text, x->text) == NULL ||
		    strstr(e.hint, x->hint) == NULL)
			fail_msg("%d %s: class %d, kind %d: %s (%s)", x->status, x->body,
				 (int)class, (int)e.kind, e.text, e.hint);
	}
}

/* The vendor explains a wrong signature by what it has signed itself: our headers. */
static void test_what_we_sent_is_not_repeated(void **state)
{
	struct err e = { 0 };
	(void)judge(
		*state, 403,
		ERROR("SignatureDoesNotMatch",
		      "The request signature we calculated does not match. The Canonical String "
		      "should have been 'GET\nx-amz-security-token:S3cr3t'"),
		&e);
	assert_null(strstr(e.text, "S3cr3t"));
	assert_non_null(strstr(e.text, "The request signature we calculated does not match"));
	(void)judge(*state, 403, ERROR("SignatureDoesNotMatch", "no\ntoken:S3cr3t"), &e);
	assert_null(strstr(e.text, "S3cr3t"));
}

/* Cut in two, neither half would be found. */
static void test_a_secret_is_hidden_before_the_words_are_cut(void **state)
{
	struct err e = { 0 };
	struct err ignored;
	struct secret *token = secret_new(SLICE_LIT("S3cr3t-T0k3n-of-mine"));
	const struct secret *hidden[] = { token };
	const char *words = arena_printf(*state,
					 ERROR("InvalidInput", "%0290d S3cr3t-T0k3n-of-mine"), 7);
	const struct registrar_reply reply = { .status = 400, .hidden_n = 1, .hidden = hidden };
	(void)fault_of(&reply, xml_parse(*state, slice_str(words), &ignored), "Wanted", &e);
	assert_non_null(strstr(e.text, "0007"));
	assert_null(strstr(e.text, "S3cr3t"));
	secret_free(token);
}

static void test_an_absent_document_is_told(void **state)
{
	struct err e = { 0 };
	assert_int_equal(judge(*state, 403, "", &e), FAULT_REFUSED);
	assert_non_null(strstr(e.text, "HTTP 403"));
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_what_answers_mean),
		TEST(test_what_we_sent_is_not_repeated),
		TEST(test_a_secret_is_hidden_before_the_words_are_cut),
		TEST(test_an_absent_document_is_told),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
