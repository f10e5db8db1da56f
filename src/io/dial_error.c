/* libcurl's results in our kinds, with the subject named and the way out. Policy reads the
 * kind: what may work at once is ERR_RETRY, what needs a person is not. */
#include <errno.h>
#include <openssl/x509_vfy.h>
#include <string.h>

#include "base/digest.h"
#include "io/dial_priv.h"

/* Tags before the words, and another hint for the port. */
static bool is_imap(const struct dialing *d)
{
	return str_starts(d->scheme, "imap");
}

/* The names that the certificate is for, or NULL. libcurl shows the certificates of a chain
 * that it trusts, before it compares the host. */
static const char *certificate_names(const struct dialing *d)
{
	static const char label[] = "X509v3 Subject Alternative Name:";
	struct curl_certinfo *info = NULL;
	(void)curl_easy_getinfo(d->easy, CURLINFO_CERTINFO, &info);
	if (info == NULL || info->num_of_certs < 1)
		return NULL;
	for (const struct curl_slist *s = info->certinfo[0]; s != NULL; s = s->next)
		if (str_starts(s->data, label))
			return s->data + sizeof(label) - 1;
	return NULL;
}

/* Told apart from an untrusted chain: here the name in the project file is what to correct. */
static int wrong_host(const struct dialing *d, struct err *e)
{
	const char *names = certificate_names(d);
	err_set(e, ERR_REFUSED, "the certificate of '%s' is not for this name (it is for %s)",
		d->name, names != NULL ? names : "another one");
	return err_hint(e, "use a name that the certificate has; nothing secret was sent");
}

/* libcurl gives one result for all of it; OpenSSL's own tells why. */
static int bad_certificate(const struct dialing *d, struct err *e)
{
	long result = X509_V_OK;
	(void)curl_easy_getinfo(d->easy, CURLINFO_SSL_VERIFYRESULT, &result);
	/* "Unspecified" is libcurl's start value: the chain is good, the host was compared. */
	if (result == X509_V_OK || result == X509_V_ERR_UNSPECIFIED)
		return wrong_host(d, e);
	err_set(e, ERR_REFUSED, "the certificate of '%s' cannot be trusted: %s", d->name,
		X509_verify_cert_error_string(result));
	if (result == X509_V_ERR_CERT_HAS_EXPIRED)
		return err_hint(
			e, "the server's operator must renew it, if this machine's clock is right; "
			   "nothing secret was sent");
	if (result == X509_V_ERR_CERT_NOT_YET_VALID)
		return err_hint(e, "check this machine's clock; nothing secret was sent");
	return err_hint(e, "if it is the operator's own authority, name its certificate as "
			   "network.ca_file in the project file; nothing secret was sent");
}

/* "wrong version number" is OpenSSL's word for a greeting in plain text. */
static int tls_failed(const struct dialing *d, struct err *e)
{
	if (strstr(d->why, "wrong version number") == NULL)
		return err_set(e, ERR_RETRY, "setting up TLS with '%s': %s", d->name, d->why);
	err_set(e, ERR_WORLD, "'%s' does not speak TLS from the first byte", d->name);
	return is_imap(d) ? err_hint(e, "use imap:// (STARTTLS) for this port, or imaps:// with "
					"port 993")
			  : err_hint(e, "use smtp:// (STARTTLS) for this port");
}

/* STARTTLS is not offered, or was taken out on the way: to us the same. */
static int no_encryption(const struct dialing *d, struct err *e)
{
	err_set(e, ERR_REFUSED, "'%s' offers no encryption (STARTTLS)", d->name);
	return err_hint(e, "use imaps:// if the server has it, or name the host under "
			   "network.allow_plaintext; nothing secret was sent");
}

/* ERR_RETRY also for "refused": servers that are being restarted refuse for seconds. */
static int not_connected(const struct dialing *d, struct err *e)
{
	long why = 0;
	(void)curl_easy_getinfo(d->easy, CURLINFO_OS_ERRNO, &why);
	if (why == ECONNREFUSED) {
		err_set(e, ERR_RETRY, "connecting to '%s': connection refused", d->name);
		return err_hint(e, "nothing listens there: check host and port, and whether the "
				   "server is up");
	}
	errno = (int)why;
	if (why != 0)
		return err_errno(e, ERR_RETRY, "connecting to '%s'", d->name);
	return err_set(e, ERR_RETRY, "connecting to '%s': %s", d->name, d->why);
}

/* Not retried: a resolver that is down and a wrong name look alike, and a person sees which. */
static int not_found(const struct dialing *d, struct err *e)
{
	err_set(e, ERR_WORLD, "connecting to '%s': the name '%s' was not found in the DNS", d->name,
		d->host);
	return err_hint(e, "check the spelling, and that this machine's DNS works");
}

/* What was being waited for when the time was up. */
static int timed_out(const struct dialing *d, struct err *e)
{
	curl_off_t connected_us = 0;
	(void)curl_easy_getinfo(d->easy, CURLINFO_CONNECT_TIME_T, &connected_us);
	const char *doing = connected_us == 0             ? "connecting to"
			    : d->seen.greeting[0] == '\0' ? "waiting for the greeting of"
							  : "waiting for an answer of";
	err_set(e, ERR_RETRY, "%s '%s': no answer within %d s", doing, d->name,
		d->opts->timeout_ms / 1000);
	if (connected_us == 0)
		return err_hint(e, "check host and port, and whether a firewall is between");
	if (d->seen.greeting[0] != '\0')
		return err_hint(e,
				"the server is up but does not answer: try again later, or ask its "
				"operator");
	/* Both sides wait: we for a greeting, the server for a TLS hello or a request. */
	return d->seen.tls
		       ? err_hint(e, "check the port: a web server, for one, waits to be asked")
		       : err_hint(e, "if this port expects TLS from the first byte, write %ss://",
				  is_imap(d) ? "imap" : "smtp");
}

/* The commonest of wrong ports, by their first words. */
static const char *what_speaks(const char *greeting)
{
	static const struct {
		const char *begins, *text;
	} others[] = {
		{ "+OK", "that is POP3" },
		{ "220", "that is a server for sending mail (SMTP), or for files (FTP)" },
		{ "554", "that is a server for sending mail (SMTP)" },
		{ "HTTP/", "that is a web server" },
		{ "SSH-", "that is SSH" },
		{ "* ", "that is IMAP" },
	};
	for (size_t i = 0; i < sizeof(others) / sizeof(others[0]); i++)
		if (str_starts(greeting, others[i].begins))
			return others[i].text;
	return "something else listens there";
}

/* Nothing but the greeting was exchanged: no user, no password. */
static int other_protocol(const struct dialing *d, struct err *e)
{
	err_set(e, ERR_WORLD, "connecting to '%s': this is no %s server, it greets with '%s'",
		d->name, is_imap(d) ? "IMAP" : "SMTP", d->seen.greeting);
	return err_hint(e, "%s: check the port (%s)", what_speaks(d->seen.greeting),
			is_imap(d) ? "993 for imaps://, 143 for imap://" : "25 for smtp://");
}

/* The response codes of RFC 5530 §3, and what big providers say in words, that are not
 * about the password. The first that fits counts. */
struct refusal {
	const char *said;
	enum dial_trouble trouble;
	enum err_kind kind;
	const char *text, *hint;
};
static const struct refusal refusals[] = {
	{ "authenticated but not connected", DIAL_NO_ACCESS, ERR_ACCOUNT,
	  "the login is right, but there is no mailbox behind it",
	  "the mailbox is missing, has no licence, IMAP is switched off for it, or the application "
	  "has no right to it (Add-MailboxPermission)" },
	{ "not enabled for IMAP", DIAL_NO_ACCESS, ERR_ACCOUNT, "IMAP is switched off",
	  "switch IMAP on for this mailbox" },
	{ "IMAP is disabled", DIAL_NO_ACCESS, ERR_ACCOUNT, "IMAP is switched off",
	  "switch IMAP on for this mailbox" },
	{ "IMAP access is disabled", DIAL_NO_ACCESS, ERR_ACCOUNT, "IMAP is switched off",
	  "switch IMAP on for this mailbox" },
	{ "basic authentication is disabled", DIAL_PASSWORD_OFF, ERR_ACCOUNT,
	  "login by password is switched off", "log in by token: the project file's auth" },
	{ "BasicAuthBlocked", DIAL_PASSWORD_OFF, ERR_ACCOUNT, "login by password is switched off",
	  "log in by token: the project file's auth" },
	{ "Application-specific password", DIAL_PASSWORD_OFF, ERR_ACCOUNT,
	  "the provider wants an app password here",
	  "make an app password for this account, or log in by token: the project file's auth" },
	{ "[UNAVAILABLE]", DIAL_THROTTLED, ERR_RETRY, "the server cannot check passwords now",
	  "try again later" },
	{ "[INUSE]", DIAL_THROTTLED, ERR_RETRY, "the mailbox is in use", "try again later" },
	{ "[LIMIT]", DIAL_THROTTLED, ERR_RETRY, "too many connections",
	  "lower policy.mailboxes_at_once" },
	{ "too many", DIAL_THROTTLED, ERR_RETRY, "too many connections",
	  "lower policy.mailboxes_at_once" },
	{ "throttled", DIAL_THROTTLED, ERR_RETRY, "the server asks for patience",
	  "lower policy.mailboxes_at_once" },
	{ "[EXPIRED]", DIAL_PASSWORD, ERR_ACCOUNT, "the password has expired",
	  "set a new one and correct the CSV" },
	{ "[PRIVACYREQUIRED]", DIAL_CERTIFICATE, ERR_REFUSED, "the server wants encryption",
	  "use imaps://" },
	{ "[AUTHORIZATIONFAILED]", DIAL_NO_ACCESS, ERR_ACCOUNT,
	  "this user may not open this mailbox",
	  "grant the access, or use the mailbox's own user" },
	/* What SASL's library says of a right password, and Cyrus of a user whom it denies. */
	{ "authorization failure", DIAL_NO_ACCESS, ERR_ACCOUNT,
	  "the password is right, but this user may not open this mailbox",
	  "IMAP may be switched off for it; else grant the access" },
	{ "[CONTACTADMIN]", DIAL_NO_ACCESS, ERR_ACCOUNT,
	  "the server's operator has locked this account", "ask the operator" },
};

/* Servers write these codes in any case, and the words of big ones vary. */
static bool contains_nocase(const char *text, const char *what)
{
	for (struct slice s = slice_str(text); s.len > 0; s.ptr++, s.len--)
		if (slice_starts_nocase(s, slice_str(what)))
			return true;
	return false;
}

/* The server's words without the tag of the command that they answer. */
static const char *words_of(const struct dialing *d)
{
	const char *space = strchr(d->seen.last_line, ' ');
	return is_imap(d) && space != NULL ? space + 1 : d->seen.last_line;
}

/* A reply code of 4xx (RFC 5321 §4.2.1) or a BYE is for now, not for ever. */
static bool is_temporary(const struct dialing *d)
{
	return is_imap(d) ? str_starts(words_of(d), "BYE") : d->seen.last_line[0] == '4';
}

/* SMTP probes have none. */
static const char *user_of(const struct dialing *d)
{
	return d->opts->user != NULL ? d->opts->user : "";
}

static int refused_as(struct dialing *d, const struct refusal *r, const char *words, struct err *e)
{
	d->seen.trouble = r->trouble;
	err_set(e, r->kind, "logging in to '%s' as '%s': %s (it said: %s)", d->name, user_of(d),
		r->text, words);
	return err_hint(e, "%s", r->hint);
}

/* "+ BASE64", by which servers tell why a token was refused (RFC 7628 §3.2.2): in clear. */
static const char *clear_words(const struct dialing *d, const char *words)
{
	struct buf clear;
	const char *out = words;
	buf_init(&clear);
	if (str_starts(d->seen.last_line, "+ ") && base64_decode(&clear, slice_str(words))) {
		dial_redact(d, clear.at);
		str_make_printable(clear.at);
		out = arena_strdup(d->arena, clear.at);
	}
	buf_release(&clear);
	return out;
}

static int token_refused(struct dialing *d, const char *words, struct err *e)
{
	d->seen.trouble = DIAL_TOKEN;
	err_set(e, ERR_ACCOUNT,
		"logging in to '%s' as '%s': the server refused the token (it said: %s)", d->name,
		user_of(d), words);
	return err_hint(e,
			"check that this mailbox exists, that the application may open it, and the "
			"scope of the token");
}

/* Exchange Online offers AUTH=PLAIN and refuses every password, so the password may be right. */
static bool is_exchange_with_tokens(const struct dialing *d)
{
	return d->offers_token && contains_nocase(d->seen.greeting, "Microsoft Exchange IMAP4");
}

static int password_refused(struct dialing *d, const char *words, struct err *e)
{
	bool off = is_exchange_with_tokens(d);
	d->seen.trouble = off ? DIAL_PASSWORD_OFF : DIAL_PASSWORD;
	err_set(e, ERR_ACCOUNT,
		"logging in to '%s' as '%s': the server refused this password%s (it said: %s)",
		d->name, user_of(d), off ? ", as Exchange Online refuses every one" : "", words);
	return err_hint(
		e, "%s",
		off ? "log in by token: the project file's auth (docs/logging-in.md)"
		    : "correct the row of this mailbox in the users CSV; some providers want "
		      "an app password here");
}

/* [EXPIRED] of a token is no password that somebody must set: a new token mends it. */
static bool fits(const struct dialing *d, const struct refusal *r)
{
	return d->opts->token == NULL || r->trouble != DIAL_PASSWORD;
}

/* In a BYE, too: who waits with the same token is refused again. */
static bool says_token_ended(const struct dialing *d, const char *words)
{
	return d->opts->token != NULL &&
	       (contains_nocase(words, "TokenExpired") || contains_nocase(words, "token expired") ||
		contains_nocase(words, "token has expired"));
}

/* The table first: a response code says more than the NO that it stands in. */
static int login_refused(struct dialing *d, struct err *e)
{
	const char *words = clear_words(d, words_of(d));
	for (size_t i = 0; i < sizeof(refusals) / sizeof(refusals[0]); i++)
		if (contains_nocase(words, refusals[i].said) && fits(d, &refusals[i]))
			return refused_as(d, &refusals[i], words, e);
	if (is_temporary(d) && !says_token_ended(d, words)) {
		d->seen.trouble = DIAL_THROTTLED;
		return err_set(e, ERR_RETRY, "logging in to '%s' as '%s': not now (it said: %s)",
			       d->name, user_of(d), words);
	}
	return d->opts->token != NULL ? token_refused(d, words, e) : password_refused(d, words, e);
}

/* None of the mechanisms is offered, or the LOGIN command is switched off: no attempt was made. */
static int no_common_login(struct dialing *d, struct err *e)
{
	if (d->opts->token != NULL) {
		d->seen.trouble = DIAL_TOKEN_OFF;
		err_set(e, ERR_ACCOUNT, "logging in to '%s': the server takes no token here",
			d->name);
		return err_hint(e, "it offers neither OAUTHBEARER nor XOAUTH2: use a password");
	}
	d->seen.trouble = DIAL_PASSWORD_OFF;
	if (d->opts->authzid != NULL && d->offers_sasl) {
		err_set(e, ERR_ACCOUNT,
			"logging in to '%s': the server does not offer AUTH=PLAIN, "
			"which logging in for another user needs",
			d->name);
		return err_hint(e, "use the form USER*MASTER: master_by: name");
	}
	err_set(e, ERR_ACCOUNT, "logging in to '%s': the server takes no password here", d->name);
	return err_hint(
		e, d->offers_token
			   ? "it takes tokens: log in by the project file's auth"
			   : "allow password login (AUTH=PLAIN) for this account at the provider");
}

/* The server's own words when there are any: "421 too busy" is better than libcurl's text. */
static int odd_reply(struct dialing *d, struct err *e)
{
	if (says_token_ended(d, d->seen.last_line))
		return token_refused(d, words_of(d), e);
	if (is_temporary(d)) /* a server that says BYE was reached */
		d->seen.trouble = DIAL_THROTTLED;
	if (d->seen.last_line[0] != '\0')
		return err_set(e, ERR_RETRY, "connecting to '%s': the server said: %s", d->name,
			       d->seen.last_line);
	return err_set(e, ERR_RETRY, "connecting to '%s': the connection was cut (%s)", d->name,
		       d->why);
}

/* Ours to correct, so it is no matter of the network. */
static int bad_ca_file(const struct dialing *d, struct err *e)
{
	err_set(e, ERR_USAGE, "connecting to '%s': the CA file '%s' cannot be read", d->name,
		d->opts->ca_file != NULL ? d->opts->ca_file : "of the system");
	return err_hint(e, "check network.ca_file in the project file: a PEM file is wanted");
}

/* LOGINDISABLED (RFC 9051 §6.2.3) and no SASL: libcurl says "login denied" to that too. */
static bool made_no_attempt(const struct dialing *d)
{
	if (!is_imap(d))
		return false;
	if (d->opts->token != NULL)
		return !d->offers_token;
	if (d->opts->authzid != NULL && !d->offers_plain)
		return true;
	return !d->offers_sasl && d->login_disabled;
}

static int world_error(const struct dialing *d, CURLcode rc, struct err *e)
{
	return err_set(e, ERR_WORLD, "connecting to '%s': %s", d->name,
		       d->why[0] != '\0' ? d->why : curl_easy_strerror(rc));
}

/* Of the socket and TLS; logins have classes of their own. */
static enum dial_trouble trouble_of(CURLcode rc)
{
	switch (rc) {
	case CURLE_PEER_FAILED_VERIFICATION:
	case CURLE_USE_SSL_FAILED: return DIAL_CERTIFICATE;
	case CURLE_ABORTED_BY_CALLBACK:
	case CURLE_SSL_CACERT_BADFILE: return DIAL_OTHER;
	default: return DIAL_NO_HOST;
	}
}

int dial_error(struct dialing *d, CURLcode rc, struct err *e)
{
	d->seen.trouble = trouble_of(rc);
	switch (rc) {
	case CURLE_ABORTED_BY_CALLBACK: return cancel_check(d->opts->cancel, e);
	case CURLE_COULDNT_RESOLVE_HOST: return not_found(d, e);
	case CURLE_COULDNT_CONNECT: return not_connected(d, e);
	case CURLE_OPERATION_TIMEDOUT: return timed_out(d, e);
	case CURLE_PEER_FAILED_VERIFICATION: return bad_certificate(d, e);
	case CURLE_SSL_CACERT_BADFILE: return bad_ca_file(d, e);
	case CURLE_SSL_CONNECT_ERROR: return tls_failed(d, e);
	case CURLE_USE_SSL_FAILED: return no_encryption(d, e);
	case CURLE_LOGIN_DENIED:
		return made_no_attempt(d) ? no_common_login(d, e) : login_refused(d, e);
	case CURLE_WRITE_ERROR: return other_protocol(d, e);
	case CURLE_WEIRD_SERVER_REPLY:
	case CURLE_RECV_ERROR:
	case CURLE_SEND_ERROR:
	case CURLE_GOT_NOTHING: return odd_reply(d, e);
	default: return world_error(d, rc, e);
	}
}
