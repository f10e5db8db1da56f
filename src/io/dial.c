/*
 * One easy handle an attempt. Passwords go by CURLOPT_PASSWORD, never in the URL; verbose
 * output is never switched on, for it would show them.
 *
 * Login is SASL PLAIN (or SASL LOGIN) first: libcurl left alone would prefer CRAM-MD5 and
 * GSSAPI, which servers offer and then cannot do. A server that has neither of them is left
 * to libcurl's own choice in a second attempt: in the end that is the LOGIN command. All of them
 * need TLS, or a host that the project file excepts. With a token only the two mechanisms for
 * tokens are allowed: libcurl must not try an empty password instead.
 */
#include "io/dial.h"

#include <openssl/ssl.h>
#include <signal.h>
#include <string.h>
#include <sys/resource.h>

#include "base/digest.h"
#include "io/curl_socket.h"
#include "io/dial_priv.h"

/* Each connection needs a few descriptors, and the usual soft limit of 1024 is for programs that
 * use select; nothing here does. */
static void raise_file_limit(void)
{
	struct rlimit limit;
	if (getrlimit(RLIMIT_NOFILE, &limit) != 0 || limit.rlim_cur == limit.rlim_max)
		return;
	limit.rlim_cur = limit.rlim_max;
	(void)setrlimit(RLIMIT_NOFILE, &limit);
}

void dial_global_init(void)
{
	raise_file_limit();
	/* If it fails (no memory), every dial tries it again, and says so. */
	(void)curl_global_init(CURL_GLOBAL_DEFAULT);
	/* With CURLOPT_NOSIGNAL libcurl leaves signals alone: this one is ours to ignore. */
	(void)signal(SIGPIPE, SIG_IGN);
}

/* CURLU_DEFAULT_PORT: the port is always named in messages, the scheme's included. */
static const char *url_part(struct arena *a, CURLU *u, CURLUPart part)
{
	char *text = NULL;
	if (curl_url_get(u, part, &text, CURLU_DEFAULT_PORT) != CURLUE_OK)
		return NULL;
	const char *copy = arena_strdup(a, text);
	curl_free(text);
	return copy;
}

/* What else libcurl can speak (file, gopher, ldap) must not be reachable from a CSV field. */
static bool known_scheme(const char *scheme)
{
	static const char *const known[] = { "imap", "imaps", "smtp", "smtps" };
	for (size_t i = 0; scheme != NULL && i < sizeof(known) / sizeof(known[0]); i++)
		if (str_eq(scheme, known[i]))
			return true;
	return false;
}

/* The text is not repeated: somebody may have put a password in. */
static int bad_url(struct err *e, const char *what)
{
	err_set(e, ERR_USAGE, "%s", what);
	return err_hint(e, "write it like imaps://imap.example.com or imap://imap.example.com:143");
}

/* The URL that libcurl gets is made anew from the parts that we know: scheme, host, port,
 * and for SMTP the name for EHLO, which libcurl reads from the path. */
static int take_parts(struct dialing *d, CURLU *u, struct err *e)
{
	struct arena *a = d->arena;
	if (url_part(a, u, CURLUPART_USER) != NULL || url_part(a, u, CURLUPART_PASSWORD) != NULL)
		return bad_url(e, "a server's url must not hold a user or password");
	d->scheme = url_part(a, u, CURLUPART_SCHEME);
	d->host = url_part(a, u, CURLUPART_HOST);
	d->port = url_part(a, u, CURLUPART_PORT);
	if (!known_scheme(d->scheme) || d->host == NULL || d->port == NULL)
		return bad_url(e, "the server's url is not of a known kind");
	bool smtp = str_starts(d->scheme, "smtp");
	d->name = arena_printf(a, "%s:%s", d->host, d->port);
	d->url = arena_printf(a, "%s://%s/%s", d->scheme, d->name,
			      smtp && d->opts->helo != NULL ? d->opts->helo : "");
	return 0;
}

/* NON_SUPPORT_SCHEME: an unknown scheme is told by take_parts, in our words. */
static int parse_url(struct dialing *d, struct err *e)
{
	CURLU *u = curl_url();
	if (u == NULL)
		return err_set(e, ERR_WORLD, "out of memory");
	int rc = curl_url_set(u, CURLUPART_URL, d->opts->url, CURLU_NON_SUPPORT_SCHEME) == CURLUE_OK
			 ? take_parts(d, u, e)
			 : bad_url(e, "the server's url cannot be read");
	curl_url_cleanup(u);
	return rc;
}

/* CR and LF would end the command; at a NUL libcurl would cut the secret and try another one. */
static bool has_line_end(struct slice s)
{
	for (size_t i = 0; i < s.len; i++)
		if (s.ptr[i] == '\0' || s.ptr[i] == '\r' || s.ptr[i] == '\n')
			return true;
	return false;
}

/* What would end a protocol line, or be cut at a NUL, is not sent at all. */
static int check_login(const struct dial_opts *o, struct err *e)
{
	if (o->user == NULL)
		return 0;
	if (o->user[0] == '\0' || has_line_end(slice_str(o->user)))
		return err_set(e, ERR_USAGE, "the user name is empty or has a line end in it");
	if (o->authzid != NULL && (o->authzid[0] == '\0' || has_line_end(slice_str(o->authzid))))
		return err_set(e, ERR_USAGE, "the mailbox's name is empty or has a line end in it");
	const struct secret *s = o->token != NULL ? o->token : o->password;
	if (secret_is_empty(s) || has_line_end(secret_expose(s)))
		return err_set(e, ERR_USAGE, "the %s of '%s' is empty or has a line end in it",
			       o->token != NULL ? "token" : "password", o->user);
	return 0;
}

/* Called about once a second and on traffic: that is how long a cancel may take here. */
static int on_progress(void *ctx, curl_off_t dltotal, curl_off_t dlnow, curl_off_t ultotal,
		       curl_off_t ulnow)
{
	const struct dialing *d = ctx;
	(void)dltotal;
	(void)dlnow;
	(void)ultotal;
	(void)ulnow;
	return cancel_requested(d->opts->cancel) ? 1 : 0;
}

/* Capabilities are words between blanks; "AUTH=PLAIN-X" must not count. */
static bool contains_word(struct slice line, struct slice word)
{
	while (line.len > 0)
		if (slice_eq_nocase(slice_until(&line, ' '), word))
			return true;
	return false;
}

/* SASL PLAIN (RFC 4616 §2); its buffer never grows, and is wiped. */
static void hide_plain(struct dialing *d, struct slice password)
{
	const struct dial_opts *o = d->opts;
	struct slice authzid = slice_str(o->authzid);
	struct slice user = slice_str(o->user);
	size_t len = authzid.len + user.len + password.len + 2;
	struct buf plain;
	struct buf coded;
	buf_init(&plain);
	buf_init(&coded);
	(void)buf_reserve(&plain, len);
	(void)buf_reserve(&coded, 2 * len + 8);
	buf_add(&plain, authzid.ptr, authzid.len);
	buf_addc(&plain, '\0');
	buf_add(&plain, user.ptr, user.len);
	buf_addc(&plain, '\0');
	buf_add(&plain, password.ptr, password.len);
	base64_encode(&coded, buf_slice(&plain));
	d->hidden[1] = secret_new(buf_slice(&coded));
	buf_clear(&coded);
	base64_encode(&coded, password);
	d->hidden[2] = secret_new(buf_slice(&coded));
	secret_wipe(plain.at, plain.cap);
	secret_wipe(coded.at, coded.cap);
	buf_release(&plain);
	buf_release(&coded);
}

static void hide_login(struct dialing *d)
{
	const struct dial_opts *o = d->opts;
	if (o->user == NULL)
		return;
	struct slice s = secret_expose(o->token != NULL ? o->token : o->password);
	d->hidden[0] = secret_new(s);
	if (o->token == NULL)
		hide_plain(d, s);
}

void dial_redact(const struct dialing *d, char *text)
{
	for (size_t i = 0; i < DIAL_HIDDEN; i++)
		secret_redact(d->hidden[i], text);
}

enum { LINE_LOOKED_AT = 4096 };

/* As it may be shown. Redacted before it is cut: half a password would not be found. The greeting
 * is said to nobody yet, and tells what server it is: that stays, even where it is the password. */
static void show_line(const struct dialing *d, struct slice line, char text[LINE_LOOKED_AT])
{
	size_t len = line.len < LINE_LOOKED_AT - 1 ? line.len : LINE_LOOKED_AT - 1;
	for (size_t i = 0; i < len; i++)
		text[i] = (char)(line.ptr[i] != '\0' ? line.ptr[i] : '?');
	text[len] = '\0';
	if (d->seen.greeting[0] != '\0')
		dial_redact(d, text);
	str_make_printable(text);
}

/* RFC 9051 §7.1, RFC 5321 §3.1. libcurl overlooks lines that are neither, and would wait for a
 * better one until the time is up. */
static bool is_greeting(const struct dialing *d, struct slice line)
{
	if (str_starts(d->scheme, "imap"))
		return slice_starts_nocase(line, SLICE_LIT("* "));
	size_t digits = 0;
	while (digits < line.len && line.ptr[digits] >= '0' && line.ptr[digits] <= '9')
		digits++;
	return digits == 3;
}

/* libcurl hands every line of the server's here, as if it were a header; what is not taken ends
 * the attempt with CURLE_WRITE_ERROR. */
static size_t on_line(const char *p, size_t size, size_t n, void *ctx)
{
	struct dialing *d = ctx;
	struct slice rest = { p, size * n };
	struct slice line = slice_until(&rest, '\r');
	struct slice first = line;
	char text[LINE_LOOKED_AT];
	line = slice_until(&first, '\n');
	show_line(d, line, text);
	str_copy(d->seen.last_line, sizeof(d->seen.last_line), text);
	if (d->seen.greeting[0] == '\0') {
		str_copy(d->seen.greeting, sizeof(d->seen.greeting), text);
		if (!is_greeting(d, line))
			return 0;
	}
	d->offers_plain |= contains_word(line, SLICE_LIT("AUTH=PLAIN"));
	d->offers_sasl |= d->offers_plain || contains_word(line, SLICE_LIT("AUTH=LOGIN"));
	d->offers_token |= contains_word(line, SLICE_LIT("AUTH=OAUTHBEARER")) ||
			   contains_word(line, SLICE_LIT("AUTH=XOAUTH2"));
	d->login_disabled |= contains_word(line, SLICE_LIT("LOGINDISABLED"));
	log_debug(d->opts->log, "%s < %s", d->name, text);
	return size * n;
}

enum { TLS_INPUT = 64 * 1024 };

/* Runs when TLS begins. Our senders retry from buffers that may have moved meanwhile. The
 * bigger input buffer is for stream_curl.c, which reads ahead. */
static CURLcode on_tls(CURL *easy, void *ssl_ctx, void *ctx)
{
	struct dialing *d = ctx;
	(void)easy;
	d->seen.tls = true;
	SSL_CTX_set_mode(ssl_ctx,
			 SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER | SSL_MODE_ENABLE_PARTIAL_WRITE);
	SSL_CTX_set_default_read_buffer_len(ssl_ctx, TLS_INPUT);
	return CURLE_OK;
}

/* CONNECT_TO wants an IPv6 address like a URL does. */
static const char *bracketed(struct arena *a, const char *address)
{
	return strchr(address, ':') != NULL ? arena_printf(a, "[%s]", address) : address;
}

/* The socket: where to, how long, and nothing from the environment. The list that is
 * returned must live as long as the handle is performed. */
static struct curl_slist *set_route(const struct dialing *d)
{
	const struct dial_opts *o = d->opts;
	struct curl_slist *to = NULL;
	curl_socket_private(d->easy);
	curl_easy_setopt(d->easy, CURLOPT_URL, d->url);
	curl_easy_setopt(d->easy, CURLOPT_PROTOCOLS_STR, "imap,imaps,smtp,smtps");
	/* Up to and with the login; from then on the bytes are ours. */
	curl_easy_setopt(d->easy, CURLOPT_CONNECT_ONLY, 1L);
	/* Threads dial: libcurl must not use SIGALRM for its timeouts. */
	curl_easy_setopt(d->easy, CURLOPT_NOSIGNAL, 1L);
	/* "" and not NULL: NULL would let http_proxy and the like decide. */
	curl_easy_setopt(d->easy, CURLOPT_PROXY, "");
	curl_easy_setopt(d->easy, CURLOPT_NETRC, (long)CURL_NETRC_IGNORED);
	curl_easy_setopt(d->easy, CURLOPT_TCP_KEEPALIVE, 1L);
	/* Of the whole; the connect alone, or one answer, may take all of it (libcurl's own limit
	 * for an answer is 120 s, and the error would tell another number). */
	curl_easy_setopt(d->easy, CURLOPT_TIMEOUT_MS, (long)o->timeout_ms);
	curl_easy_setopt(d->easy, CURLOPT_CONNECTTIMEOUT_MS, (long)o->timeout_ms);
	curl_easy_setopt(d->easy, CURLOPT_SERVER_RESPONSE_TIMEOUT, o->timeout_ms / 1000L + 1);
	if (o->connect_to != NULL) { /* "HOST:PORT:ADDRESS:PORT", empty meaning any and same */
		to = curl_slist_append(
			NULL, arena_printf(d->arena, "::%s:", bracketed(d->arena, o->connect_to)));
		curl_easy_setopt(d->easy, CURLOPT_CONNECT_TO, to);
	}
	if (o->bind_to != NULL)
		curl_easy_setopt(d->easy, CURLOPT_INTERFACE,
				 arena_printf(d->arena, "host!%s", o->bind_to));
	return to;
}

/* Verification is never switched off; ca_file replaces the system's trust, CAPATH included. */
static void set_tls(struct dialing *d)
{
	static const long use_ssl[] = {
		[DIAL_TLS_REQUIRED] = CURLUSESSL_ALL,
		[DIAL_TLS_TRY] = CURLUSESSL_TRY,
		[DIAL_TLS_NONE] = CURLUSESSL_NONE,
	};
	curl_easy_setopt(d->easy, CURLOPT_USE_SSL, use_ssl[d->opts->tls]);
	curl_easy_setopt(d->easy, CURLOPT_SSL_VERIFYPEER, 1L);
	curl_easy_setopt(d->easy, CURLOPT_SSL_VERIFYHOST, 2L);
	curl_easy_setopt(d->easy, CURLOPT_SSLVERSION, (long)CURL_SSLVERSION_TLSv1_2);
	curl_easy_setopt(d->easy, CURLOPT_CERTINFO, 1L); /* names for the error message */
	curl_easy_setopt(d->easy, CURLOPT_SSL_CTX_FUNCTION, on_tls);
	curl_easy_setopt(d->easy, CURLOPT_SSL_CTX_DATA, d);
	if (d->opts->ca_file != NULL) {
		curl_easy_setopt(d->easy, CURLOPT_CAINFO, d->opts->ca_file);
		curl_easy_setopt(d->easy, CURLOPT_CAPATH, NULL);
	}
}

/* NULL for `how` leaves the choice of the mechanism to libcurl. */
static void set_login(const struct dialing *d, const char *how)
{
	if (d->opts->user == NULL)
		return;
	curl_easy_setopt(d->easy, CURLOPT_USERNAME, d->opts->user);
	if (d->opts->token != NULL)
		curl_easy_setopt(d->easy, CURLOPT_XOAUTH2_BEARER,
				 secret_expose(d->opts->token).ptr);
	else
		curl_easy_setopt(d->easy, CURLOPT_PASSWORD, secret_expose(d->opts->password).ptr);
	if (d->opts->authzid != NULL)
		curl_easy_setopt(d->easy, CURLOPT_SASL_AUTHZID, d->opts->authzid);
	curl_easy_setopt(d->easy, CURLOPT_LOGIN_OPTIONS, how);
}

/* All of them point into this attempt; take_stream takes them off again. */
static void set_callbacks(struct dialing *d)
{
	curl_easy_setopt(d->easy, CURLOPT_ERRORBUFFER, d->why);
	curl_easy_setopt(d->easy, CURLOPT_NOPROGRESS, 0L);
	curl_easy_setopt(d->easy, CURLOPT_XFERINFOFUNCTION, on_progress);
	curl_easy_setopt(d->easy, CURLOPT_XFERINFODATA, d);
	curl_easy_setopt(d->easy, CURLOPT_HEADERFUNCTION, on_line);
	curl_easy_setopt(d->easy, CURLOPT_HEADERDATA, d);
}

/* The handle outlives this attempt: what points into it must not. */
static struct stream *take_stream(struct dialing *d)
{
	CURL *easy = d->easy;
	d->easy = NULL;
	curl_easy_setopt(easy, CURLOPT_ERRORBUFFER, NULL);
	curl_easy_setopt(easy, CURLOPT_NOPROGRESS, 1L);
	curl_easy_setopt(easy, CURLOPT_HEADERFUNCTION, NULL);
	curl_easy_setopt(easy, CURLOPT_HEADERDATA, NULL);
	curl_easy_setopt(easy, CURLOPT_CONNECT_TO, NULL);
	/* libcurl keeps its own copy until it is told otherwise. */
	curl_easy_setopt(easy, CURLOPT_PASSWORD, NULL);
	curl_easy_setopt(easy, CURLOPT_XOAUTH2_BEARER, NULL);
	return stream_rawlog(stream_curl(easy, d->name), d->opts->log);
}

/* A handle of its own: what a failed login left in it must not go into the next one. */
static int attempt(struct dialing *d, const char *how, struct stream **stream_r, struct err *e)
{
	d->seen = (struct dial_seen){ 0 };
	d->why[0] = '\0';
	d->easy = curl_easy_init();
	if (d->easy == NULL)
		return err_set(e, ERR_WORLD, "out of memory");
	struct curl_slist *to = set_route(d);
	set_tls(d);
	set_login(d, how);
	set_callbacks(d);
	CURLcode rc = curl_easy_perform(d->easy);
	if (rc == CURLE_OK)
		*stream_r = take_stream(d);
	else
		dial_error(d, rc, e);
	curl_slist_free_all(to);
	curl_easy_cleanup(d->easy);
	d->easy = NULL;
	return rc == CURLE_OK ? 0 : -1;
}

/* Which mechanisms an attempt may use. An authorization identity is only sent by PLAIN: with any
 * other, the administrator's own mailbox would be opened, so there is no other then. */
static const char *mechanisms(const struct dial_opts *o)
{
	if (o->token != NULL)
		return "AUTH=OAUTHBEARER;AUTH=XOAUTH2";
	return o->authzid != NULL ? "AUTH=PLAIN" : "AUTH=PLAIN;AUTH=LOGIN";
}

/* The second attempt is only for servers that offer no SASL password at all; a refused
 * password is never tried twice, for providers lock accounts by such counts. */
static int dial(struct dialing *d, struct stream **stream_r, struct err *e)
{
	if (check_login(d->opts, e) != 0 || parse_url(d, e) != 0)
		return err_wrap(e, "connecting to '%s'", d->opts->url);
	if (cancel_check(d->opts->cancel, e) != 0)
		return -1;
	hide_login(d);
	if (attempt(d, mechanisms(d->opts), stream_r, e) == 0)
		return 0;
	bool neither = e->kind == ERR_ACCOUNT && !d->offers_sasl && !d->login_disabled &&
		       d->opts->token == NULL && d->opts->authzid == NULL &&
		       str_starts(d->scheme, "imap");
	return neither ? attempt(d, NULL, stream_r, e) : -1;
}

int dial_open(const struct dial_opts *opts, struct stream **stream_r, struct err *e)
{
	struct arena *a = arena_new();
	struct dialing d = { .opts = opts, .arena = a };
	int rc = dial(&d, stream_r, e);
	if (opts->seen != NULL)
		*opts->seen = d.seen;
	for (size_t i = 0; i < DIAL_HIDDEN; i++)
		secret_free(d.hidden[i]);
	arena_free(a);
	return rc;
}
