/* libcurl's results in our kinds, with the subject named and the way out. Policy reads the
 * kind: what may work at once is ERR_RETRY, what needs a person is not. */
#include <errno.h>
#include <openssl/x509_vfy.h>
#include <string.h>

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
		return err_hint(e, "the server's operator must renew it; nothing secret was sent");
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
	/* Both sides wait: we for a greeting, the server for a TLS hello. */
	if (d->seen.greeting[0] == '\0' && !d->seen.tls)
		return err_hint(e, "if this port expects TLS from the first byte, write %ss://",
				is_imap(d) ? "imap" : "smtp");
	return -1;
}

/* The response codes of RFC 5530 §3 (and what big providers say in words) that are not
 * about the password. */
struct refusal {
	const char *said;
	enum err_kind kind;
	const char *text, *hint;
};
static const struct refusal refusals[] = {
	{ "[UNAVAILABLE]", ERR_RETRY, "the server cannot check passwords now", "try again later" },
	{ "[INUSE]", ERR_RETRY, "the mailbox is in use", "try again later" },
	{ "[LIMIT]", ERR_RETRY, "too many connections", "lower policy.mailboxes_at_once" },
	{ "too many", ERR_RETRY, "too many connections", "lower policy.mailboxes_at_once" },
	{ "[EXPIRED]", ERR_ACCOUNT, "the password has expired",
	  "set a new one and correct the CSV" },
	{ "[PRIVACYREQUIRED]", ERR_REFUSED, "the server wants encryption", "use imaps://" },
	{ "[AUTHORIZATIONFAILED]", ERR_ACCOUNT, "this user may not open this mailbox",
	  "grant the access, or use the mailbox's own user" },
	{ "[CONTACTADMIN]", ERR_ACCOUNT, "the server's operator has locked this account",
	  "ask the operator" },
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

/* The table first: a response code says more than the NO that it stands in. */
static int login_refused(const struct dialing *d, struct err *e)
{
	const char *words = words_of(d);
	const char *user = d->opts->user != NULL ? d->opts->user : "";
	for (size_t i = 0; i < sizeof(refusals) / sizeof(refusals[0]); i++) {
		const struct refusal *r = &refusals[i];
		if (!contains_nocase(words, r->said))
			continue;
		err_set(e, r->kind, "logging in to '%s' as '%s': %s (it said: %s)", d->name, user,
			r->text, words);
		return err_hint(e, "%s", r->hint);
	}
	if (is_temporary(d))
		return err_set(e, ERR_RETRY, "logging in to '%s' as '%s': not now (it said: %s)",
			       d->name, user, words);
	err_set(e, ERR_ACCOUNT,
		"logging in to '%s' as '%s': the server refused this password "
		"(it said: %s)",
		d->name, user, words);
	return err_hint(e, "correct the row of this mailbox in the users CSV; some providers want "
			   "an app password here");
}

/* Neither SASL PLAIN nor LOGIN, or the LOGIN command is switched off: no attempt was made. */
static int no_common_login(const struct dialing *d, struct err *e)
{
	err_set(e, ERR_ACCOUNT, "logging in to '%s': the server takes no password here", d->name);
	return err_hint(e, "allow password login (AUTH=PLAIN) for this account at the provider");
}

/* The server's own words when there are any: "421 too busy" is better than libcurl's text. */
static int odd_reply(const struct dialing *d, struct err *e)
{
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
	return !d->offers_sasl && d->login_disabled && is_imap(d);
}

int dial_error(const struct dialing *d, CURLcode rc, struct err *e)
{
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
	case CURLE_WEIRD_SERVER_REPLY:
	case CURLE_RECV_ERROR:
	case CURLE_SEND_ERROR:
	case CURLE_GOT_NOTHING: return odd_reply(d, e);
	default:
		return err_set(e, ERR_WORLD, "connecting to '%s': %s", d->name,
			       d->why[0] != '\0' ? d->why : curl_easy_strerror(rc));
	}
}
