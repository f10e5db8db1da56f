/*
 * Errors have a code, which decides; the status alone says little (a throttled request is a 400).
 * They come in two shapes: <ErrorResponse><Error><Code>…, and for a batch also
 * <InvalidChangeBatch><Messages><Message>….
 */
#include "registrars/route53/fault.h"

#include <string.h>

enum { WORDS_MAX = 300 };

struct saying {
	const char *code;
	enum fault_class class;
	enum err_kind kind;
	const char *what, *hint;
};

#define PERMISSIONS                                                                                \
	"its policy must allow route53:ListHostedZonesByName (or GetHostedZone, with `zone_id`), " \
	"ListResourceRecordSets and ChangeResourceRecordSets of the zone; GetChange, to wait for " \
	"the servers"
#define KEY_UNKNOWN                                                                                  \
	"check access_key_id; a temporary one (ASIA…) needs its session_token too, and ends with " \
	"it"
#define KEPT_OUT                                                                                   \
	"look in the AWS console whether the account is signed up and in order; `dns.provider: "   \
	"manual` does the same by hand"
#define CLOCK "set this machine's clock (NTP): a signature is good for five minutes"
#define LATER "wait a minute and run the same command again"
#define AGAIN "run the same command again: what was done meanwhile is read first"
#define ITS_WORDS                                                                                  \
	"its own words say why; if they make no sense, `dns.provider: manual` does the same by "   \
	"hand"
#define ZONE "is it the right account? `zone_id` names another zone than the one that is there"

static const struct saying sayings[] = {
	{ "Throttling", FAULT_EARLY, ERR_WORLD, "wants fewer requests", LATER },
	{ "ThrottlingException", FAULT_EARLY, ERR_WORLD, "wants fewer requests", LATER },
	{ "RequestLimitExceeded", FAULT_EARLY, ERR_WORLD, "wants fewer requests", LATER },
	{ "PriorRequestNotComplete", FAULT_EARLY, ERR_WORLD,
	  "still works on another change of the zone", LATER },
	{ "InvalidClientTokenId", FAULT_REFUSED, ERR_ACCOUNT,
	  "refuses these credentials: it does not know the access key", KEY_UNKNOWN },
	{ "UnrecognizedClientException", FAULT_REFUSED, ERR_ACCOUNT,
	  "refuses these credentials: it does not know the access key", KEY_UNKNOWN },
	{ "ExpiredToken", FAULT_REFUSED, ERR_ACCOUNT,
	  "refuses these credentials: their session has expired",
	  "get new temporary credentials, or use a key without an end" },
	{ "ExpiredTokenException", FAULT_REFUSED, ERR_ACCOUNT,
	  "refuses these credentials: their session has expired",
	  "get new temporary credentials, or use a key without an end" },
	{ "SignatureDoesNotMatch", FAULT_REFUSED, ERR_ACCOUNT,
	  "refuses these credentials: the signature is not right",
	  "check secret_access_key: it is not the one of this access_key_id" },
	{ "IncompleteSignature", FAULT_REFUSED, ERR_ACCOUNT,
	  "refuses these credentials: it cannot read the signature",
	  "check access_key_id and `region`" },
	{ "RequestExpired", FAULT_REFUSED, ERR_ACCOUNT, "says that the request is too old", CLOCK },
	{ "AccessDenied", FAULT_REFUSED, ERR_ACCOUNT,
	  "refuses these credentials: they may not do that", PERMISSIONS },
	{ "AccessDeniedException", FAULT_REFUSED, ERR_ACCOUNT,
	  "refuses these credentials: they may not do that", PERMISSIONS },
	{ "OptInRequired", FAULT_REFUSED, ERR_ACCOUNT, "does not let this account use it",
	  KEPT_OUT },
	{ "NoSuchHostedZone", FAULT_REFUSED, ERR_REFUSED, "has no such hosted zone", ZONE },
	{ "HostedZoneNotFound", FAULT_REFUSED, ERR_REFUSED, "has no such hosted zone", ZONE },
	{ "InvalidChangeBatch", FAULT_REFUSED, ERR_REFUSED, "does not take the changes",
	  ITS_WORDS },
};
static const struct saying refused = { "", FAULT_REFUSED, ERR_REFUSED, "does not take it",
				       ITS_WORDS };
static const struct saying kept_out = { "", FAULT_REFUSED, ERR_ACCOUNT,
					"does not let this account or key in", KEPT_OUT };
static const struct saying failed = { "", FAULT_UNKNOWN, ERR_RETRY, "failed", AGAIN };
static const struct saying strange = { "", FAULT_UNKNOWN, ERR_RETRY,
				       "gave an answer that is not one of its own", AGAIN };
static const struct saying clock_wrong = { "", FAULT_REFUSED, ERR_ACCOUNT,
					   "says that the time of the request is wrong", CLOCK };
static const struct saying overtaken = {
	"", FAULT_REFUSED, ERR_REFUSED, "found other records than the plan was made from",
	"somebody was faster; nothing was written; run `cutover plan` "
	"again and look at the difference"
};

static const char *code_of(const struct xml *root)
{
	const char *code = xml_text(root, "Error/Code");
	return code[0] != '\0' || root == NULL ? code : root->name;
}

static const char *message_of(const struct xml *root)
{
	const char *text = xml_text(root, "Error/Message");
	return text[0] != '\0' ? text : xml_text(root, "Messages/Message");
}

/* The batch is a comparison too: these are the ways in which it can differ. */
static bool is_difference(const char *message)
{
	static const char *const ways[] = { "but it already exists", "but it was not found",
					    "do not match the current values" };
	for (size_t i = 0; i < sizeof(ways) / sizeof(ways[0]); i++) {
		if (strstr(message, ways[i]) != NULL)
			return true;
	}
	return false;
}

static bool is_about_time(const char *message)
{
	return strstr(message, "Signature expired") != NULL ||
	       strstr(message, "Signature not yet current") != NULL;
}

static const struct saying *by_code(const char *code, const char *message)
{
	if (str_eq(code, "SignatureDoesNotMatch") && is_about_time(message))
		return &clock_wrong;
	if (str_eq(code, "InvalidChangeBatch") && is_difference(message))
		return &overtaken;
	for (size_t i = 0; i < sizeof(sayings) / sizeof(sayings[0]); i++) {
		if (str_eq(sayings[i].code, code))
			return &sayings[i];
	}
	return NULL;
}

/* A gateway may answer for Route 53: 4xx without a document of its own is a refusal too, but a 5xx
 * leaves everything open, whatever code it has. */
static const struct saying *saying_of(const struct registrar_reply *reply, const struct xml *root)
{
	const struct saying *s = by_code(code_of(root), message_of(root));
	if (reply->status >= 500)
		return &failed;
	if (reply->status >= 200 && reply->status < 300)
		return &strange;
	if (s == NULL && reply->status == 403)
		return &kept_out;
	return s != NULL ? s : &refused;
}

/* With a wrong signature the vendor's words repeat what was signed, a session's token too; the
 * first sentence is enough. */
static size_t words_len(const char *text)
{
	size_t len = strcspn(text, "\r\n");
	const char *stop = strstr(text, ". ");
	if (stop != NULL && (size_t)(stop - text) < len)
		len = (size_t)(stop - text);
	return len < WORDS_MAX ? len : WORDS_MAX;
}

/* A gateway's page is no document. */
static const char *code_shown(const struct xml *root)
{
	return root != NULL ? code_of(root) : "without a reason";
}

static int tell(const struct saying *s, const struct registrar_reply *reply, const struct xml *root,
		struct err *e)
{
	struct arena *a = arena_new();
	const char *words = registrar_reply_words(reply, a, slice_str(message_of(root)));
	const char *date = registrar_reply_header(reply, "date");
	(void)err_set(e, s->kind, "Route 53 %s (HTTP %d, %.60s)%s%.*s", s->what, reply->status,
		      code_shown(root), words[0] != '\0' ? ": " : "", (int)words_len(words), words);
	arena_free(a);
	if (str_eq(s->hint, CLOCK) && date != NULL)
		return err_hint(e, "%s; at Route 53 it is %.40s", s->hint, date);
	return err_hint(e, "%s", s->hint);
}

enum fault_class fault_of(const struct registrar_reply *reply, const struct xml *root,
			  const char *wants, struct err *e)
{
	if (reply->status == 200 && xml_is(root, wants))
		return FAULT_NONE;
	const struct saying *s = saying_of(reply, root);
	(void)tell(s, reply, root, e);
	return s->class;
}
