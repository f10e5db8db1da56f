/*
 * Without a valid token cPanel sends its login page, with 401 or with 200; the ports beside 2083
 * are other services with pages of their own. So a page instead of JSON is told as what it most
 * likely is.
 */
#include "registrars/cpanel/uapi.h"

#include <string.h>

enum { WORDS_MAX = 300 };

static const char token_hint[] =
	"\"user\" is the cPanel account's name, and the token one of that account: cPanel > "
	"Security > Manage API Tokens; the host may also limit from which addresses it works";

void uapi_release(struct uapi_answer *answer)
{
	js_free(answer->tree);
	*answer = (struct uapi_answer){ .verdict = UAPI_UNKNOWN };
}

static bool is_page(const struct registrar_reply *reply)
{
	const char *type = registrar_reply_header(reply, "content-type");
	struct slice body = slice_trim(reply->body);
	return (type != NULL && slice_starts_nocase(slice_str(type), SLICE_LIT("text/html"))) ||
	       (body.len > 0 && body.ptr[0] == '<');
}

static void refuse_credentials(const struct registrar_reply *reply, struct err *e)
{
	(void)err_set(e, ERR_ACCOUNT, "cPanel refuses these credentials (HTTP %d)", reply->status);
	(void)err_hint(e, "%s", token_hint);
}

static void refuse_page(const struct registrar_reply *reply, struct err *e)
{
	(void)err_set(e, ERR_ACCOUNT,
		      "a page came instead of an answer (HTTP %d): the token is not taken, or this "
		      "is not cPanel's port",
		      reply->status);
	(void)err_hint(e, "base_url is to be https://HOST:2083 (2087 is WHM, 2096 the webmail); %s",
		       token_hint);
}

static void say_failed(const struct registrar_reply *reply, struct err *e)
{
	struct arena *a = arena_new();
	(void)err_set(e, ERR_RETRY, "cPanel failed (HTTP %d): %.*s", reply->status, WORDS_MAX,
		      reply->body.len > 0 ? registrar_reply_words(reply, a, reply->body)
					  : "it gave no reason");
	arena_free(a);
	(void)err_hint(e, "run the same command again: what was done meanwhile is read first");
}

/* The status comes first, for a proxy's page has one too. */
static enum uapi_verdict judge_status(const struct registrar_reply *reply, struct err *e)
{
	if (reply->status == 401 || reply->status == 403) {
		refuse_credentials(reply, e);
		return UAPI_NO_USE;
	}
	if (reply->status >= 300 && reply->status < 400) {
		refuse_page(reply, e);
		return UAPI_NO_USE;
	}
	if (reply->status == 429) {
		(void)err_set(e, ERR_WORLD, "cPanel wants fewer requests (HTTP 429)");
		(void)err_hint(e, "wait some minutes and run the same command again");
		return UAPI_NO_USE;
	}
	if (reply->status == 404) {
		(void)err_set(e, ERR_WORLD, "cPanel does not know this function (HTTP 404)");
		(void)err_hint(e, "cPanel 98 or later is needed; base_url is https://HOST:2083");
		return UAPI_NO_USE;
	}
	say_failed(reply, e);
	return UAPI_UNKNOWN;
}

/* Over HTTP the result is the document itself; the command line's shape has it one deeper. */
static const struct js *result_of(const struct js *tree)
{
	const struct js *inner = js_get(tree, "result");
	return js_is_object(inner) ? inner : tree;
}

/* A host says of each account what it has; its words are cPanel's own, in English. */
static bool lacks_feature(const char *why)
{
	return strstr(why, "do not have the feature") != NULL;
}

static void say_errors(const struct registrar_reply *reply, const struct js *result,
		       struct arena *a, struct err *e)
{
	const char *said = js_str(js_at(js_get(result, "errors"), 0));
	const char *why = registrar_reply_words(reply, a, slice_str(said));
	if (lacks_feature(why)) {
		(void)err_set(e, ERR_ACCOUNT, "cPanel does not let this account edit zones: %.*s",
			      WORDS_MAX, why);
		(void)err_hint(e, "ask the host for the feature, or use `dns.provider: manual`: it "
				  "prints what to enter in its panel");
		return;
	}
	(void)err_set(e, ERR_REFUSED, "cPanel says: %.*s", WORDS_MAX,
		      why[0] != '\0' ? why : "the request failed, without a reason");
	(void)err_hint(e, "is the zone in this cPanel account, and may the account edit its zones "
			  "(Zone Editor)?");
}

static enum uapi_verdict judge_json(const struct registrar_reply *reply, struct uapi_answer *answer,
				    struct err *e)
{
	const struct js *result = result_of(answer->tree);
	const struct js *status = js_get(result, "status");
	if (js_int_of(status) == 1 || str_eq(js_str(status), "1")) {
		answer->data = js_get(result, "data");
		return UAPI_OK;
	}
	if (status == NULL) {
		(void)err_set(e, ERR_RETRY, "cPanel's answer has no status");
		return UAPI_UNKNOWN;
	}
	struct arena *a = arena_new();
	say_errors(reply, result, a, e);
	arena_free(a);
	return UAPI_FAILED;
}

void uapi_judge(const struct registrar_reply *reply, struct uapi_answer *answer_r, struct err *e)
{
	struct err ignored;
	*answer_r = (struct uapi_answer){ .verdict = UAPI_UNKNOWN };
	if (reply->status != 200) {
		answer_r->verdict = judge_status(reply, e);
		return;
	}
	answer_r->tree = js_parse(reply->body, &ignored);
	if (js_is_object(answer_r->tree)) {
		answer_r->verdict = judge_json(reply, answer_r, e);
	} else if (is_page(reply)) {
		/* Of a read; after a write even a login page proves nothing (cpanel.c). */
		refuse_page(reply, e);
		answer_r->verdict = UAPI_UNKNOWN;
	} else {
		(void)err_set(e, ERR_RETRY, "cPanel's answer is no JSON, or was cut");
		(void)err_hint(e, "run the same command again");
	}
}
