/*
 * Everything is sent as a form by POST: setHosts is refused otherwise when there are many rows, and
 * a key has no business in an address. The body holds it, so it is wiped.
 */
#include "registrars/namecheap/xmlapi.h"

#include "registrars/form.h"

enum { WORDS_MAX = 300 };

/* -- what an error number means -- */

enum meaning { IS_ADDRESS, IS_ACCOUNT, IS_DOMAIN, IS_ELSEWHERE, IS_PERMISSION, IS_LIMIT, IS_OTHER };

static const struct {
	const char *number;
	enum meaning meaning;
} numbers[] = {
	{ "1010105", IS_ADDRESS },    { "1011105", IS_ADDRESS },   { "1011150", IS_ADDRESS },
	{ "1017105", IS_ADDRESS },    { "1017150", IS_ADDRESS },   { "1010101", IS_ACCOUNT },
	{ "1010102", IS_ACCOUNT },    { "1011102", IS_ACCOUNT },   { "1016103", IS_ACCOUNT },
	{ "1017101", IS_ACCOUNT },    { "1017103", IS_ACCOUNT },   { "1017410", IS_ACCOUNT },
	{ "1017411", IS_ACCOUNT },    { "1019103", IS_ACCOUNT },   { "1030408", IS_ACCOUNT },
	{ "1050900", IS_ACCOUNT },    { "2016166", IS_DOMAIN },    { "2019166", IS_DOMAIN },
	{ "2030166", IS_PERMISSION }, { "2030288", IS_ELSEWHERE }, { "500000", IS_LIMIT },
};

static enum meaning meaning_of(const char *number)
{
	for (size_t i = 0; i < sizeof(numbers) / sizeof(numbers[0]); i++) {
		if (str_eq(numbers[i].number, number))
			return numbers[i].meaning;
	}
	return IS_OTHER;
}

static const struct {
	enum err_kind kind;
	const char *what, *hint;
} sayings[] = {
	[IS_ADDRESS] = { ERR_ACCOUNT, "does not take requests from this address",
			 "allow this machine's public IPv4 address under Profile > Tools > API "
			 "Access "
			 "> Whitelisted IPs (single addresses only), and write the same one as "
			 "client_ip" },
	[IS_ACCOUNT] = { ERR_ACCOUNT, "refuses these credentials",
			 "check api_user and the key (Profile > Tools > API Access, switched on; "
			 "it "
			 "takes 20 domains, $50 of balance, or $50 spent within two years); an "
			 "account "
			 "without the API uses `dns.provider: manual` with `panel: namecheap`" },
	[IS_DOMAIN] = { ERR_REFUSED, "does not have this domain in the account",
			"is it the right user_name? A domain of another account, or one that is "
			"only "
			"a subdomain, cannot be changed with these credentials" },
	[IS_ELSEWHERE] = { ERR_REFUSED, "does not serve this domain's zone",
			   "its name servers are elsewhere: change the zone there" },
	[IS_PERMISSION] = { ERR_ACCOUNT, "does not let this user edit the domain",
			    "the owner gives the permission under Domain > Sharing & Transfer" },
	[IS_LIMIT] = { ERR_WORLD, "wants fewer requests",
		       "20 a minute, 700 an hour and 8000 a day are allowed: wait, then run the "
		       "same "
		       "command again" },
	[IS_OTHER] = { ERR_REFUSED, "does not take it",
		       "its own words say why; if they make no sense, `dns.provider: manual` with "
		       "`panel: namecheap` does the same by hand" },
};

/* Numbers that begin with 3 and more are of the systems behind the API: they may have failed in the
 * middle. */
static bool is_of_backend(const char *number)
{
	return number[0] >= '3' && number[0] <= '9';
}

static enum xmlapi_verdict judge_error(struct arena *a, const struct registrar_reply *reply,
				       const struct xml *root, bool writes, struct err *e)
{
	const struct xml *error = xml_at(root, "Errors/Error");
	const char *number = xml_attribute(error, "Number");
	const char *words = registrar_reply_words(reply, a, slice_str(xml_text(error, "")));
	enum meaning m = meaning_of(number);
	(void)err_set(e, sayings[m].kind, "Namecheap %s (error %.20s): %.*s", sayings[m].what,
		      number[0] != '\0' ? number : "without a number", WORDS_MAX,
		      words[0] != '\0' ? words : "it gave no reason");
	(void)err_hint(e, "%s", sayings[m].hint);
	if (m == IS_LIMIT)
		return XMLAPI_LIMIT;
	if (m != IS_OTHER || !is_of_backend(number))
		return XMLAPI_REFUSED;
	e->kind = ERR_RETRY;
	return writes ? XMLAPI_UNKNOWN : XMLAPI_REFUSED;
}

static enum xmlapi_verdict fail(bool writes, struct err *e)
{
	(void)err_hint(e, "run the same command again: what was done meanwhile is read first");
	return writes ? XMLAPI_UNKNOWN : XMLAPI_REFUSED;
}

/* Only a whole document that says OK is a success. */
static enum xmlapi_verdict judge_document(struct arena *a, const struct registrar_reply *reply,
					  bool writes, const struct xml **response_r, struct err *e)
{
	struct err why;
	const struct xml *root = xml_parse(a, reply->body, &why);
	if (!xml_is(root, "ApiResponse")) {
		(void)err_set(e, ERR_RETRY,
			      "Namecheap's answer is not the XML of its API, or was "
			      "cut: %s",
			      root == NULL ? why.text : "another document");
		return fail(writes, e);
	}
	if (!str_eq_nocase(xml_attribute(root, "Status"), "OK"))
		return judge_error(a, reply, root, writes, e);
	*response_r = xml_child(root, "CommandResponse");
	if (*response_r != NULL)
		return XMLAPI_OK;
	(void)err_set(e, ERR_RETRY, "Namecheap's answer says OK and nothing else");
	return fail(writes, e);
}

static enum xmlapi_verdict judge(struct arena *a, const struct registrar_reply *reply, bool writes,
				 const struct xml **response_r, struct err *e)
{
	/* A gateway that names a time has not passed the command on. */
	bool busy = reply->status == 503 && registrar_reply_header(reply, "retry-after") != NULL;
	if (reply->status == 405 || reply->status == 429 || busy) {
		(void)err_set(e, ERR_WORLD, "Namecheap %s (HTTP %d)", sayings[IS_LIMIT].what,
			      reply->status);
		(void)err_hint(e, "%s", sayings[IS_LIMIT].hint);
		return XMLAPI_LIMIT;
	}
	if (reply->status == 401 || reply->status == 403) {
		(void)err_set(e, ERR_ACCOUNT, "Namecheap %s (HTTP %d)", sayings[IS_ACCOUNT].what,
			      reply->status);
		(void)err_hint(e, "%s", sayings[IS_ACCOUNT].hint);
		return XMLAPI_REFUSED;
	}
	if (reply->status != 200) {
		(void)err_set(e, ERR_RETRY, "Namecheap failed (HTTP %d)", reply->status);
		return fail(writes, e);
	}
	return judge_document(a, reply, writes, response_r, e);
}

/* -- asking -- */

static void add_caller(const struct xmlapi *x, struct arena *a, const char *command,
		       struct buf *body)
{
	form_add(body, "ApiUser", slice_str(x->api_user));
	form_add(body, "ApiKey", secret_expose(x->key));
	form_add(body, "UserName", slice_str(x->user_name));
	form_add(body, "ClientIp", slice_str(x->client_ip));
	form_add(body, "Command", slice_str(arena_printf(a, "namecheap.%s", command)));
}

enum xmlapi_verdict xmlapi_once(const struct xmlapi *x, struct arena *a,
				const struct xmlapi_command *command, const struct xml **response_r,
				struct err *e)
{
	static const struct registrar_field headers[] = { { "Content-Type", FORM_TYPE },
							  { "Accept", "application/xml" } };
	struct registrar_reply reply = { .status = 0 };
	struct buf body;
	*response_r = NULL;
	buf_init(&body);
	add_caller(x, a, command->name, &body);
	if (command->form.len > 0)
		buf_addc(&body, '&');
	buf_add(&body, command->form.ptr, command->form.len);
	const struct registrar_http request = {
		.method = "POST",
		.url = x->url,
		.headers = headers,
		.header_n = 2,
		.body = buf_slice(&body),
		.writes = command->writes,
	};
	int rc = x->host->http(x->host->ctx, a, &request, &reply, e);
	secret_wipe(body.at, body.len);
	buf_release(&body);
	if (rc != 0)
		return command->writes && e->kind == ERR_RETRY ? XMLAPI_UNKNOWN : XMLAPI_REFUSED;
	return judge(a, &reply, command->writes, response_r, e);
}

int xmlapi_wait(const struct xmlapi *x, unsigned tries, struct err *e)
{
	static const int64_t waits_ms[] = { 5000, 10000, 20000, 40000, 60000 };
	if (tries >= sizeof(waits_ms) / sizeof(waits_ms[0]))
		return -1;
	return x->host->wait(x->host->ctx, waits_ms[tries], "Namecheap wants fewer requests", e);
}

int xmlapi_read(const struct xmlapi *x, struct arena *a, const struct xmlapi_command *command,
		const struct xml **response_r, struct err *e)
{
	enum xmlapi_verdict v = XMLAPI_LIMIT;
	for (unsigned tries = 0; v == XMLAPI_LIMIT; tries++) {
		v = xmlapi_once(x, a, command, response_r, e);
		if (v == XMLAPI_LIMIT && xmlapi_wait(x, tries, e) != 0)
			return -1;
	}
	return v == XMLAPI_OK ? 0 : -1;
}
