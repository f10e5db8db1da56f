#include "tiny_imap.h"

#include <arpa/inet.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>
#include <pthread.h>
#include <stdatomic.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/digest.h"

struct tiny {
	struct tiny_opts opts;
	int listener;
	atomic_int connection; /* -1: none */
	uint16_t port;
	char ca_file[64];
	SSL_CTX *ctx; /* owned */
	SSL *ssl;     /* of the connection, once TLS runs */
	struct buf heard;
	pthread_t thread;
};

static void add_extension(X509 *cert, int nid, const char *value)
{
	X509V3_CTX ctx;
	X509V3_set_ctx(&ctx, cert, cert, NULL, NULL, 0);
	X509_EXTENSION *ext = X509V3_EXT_conf_nid(NULL, &ctx, nid, value);
	X509_add_ext(cert, ext, -1);
	X509_EXTENSION_free(ext);
}

enum { DAY = 86400 };

static X509 *make_cert(const char *name, EVP_PKEY *key, X509 *issuer, EVP_PKEY *issuer_key,
		       long ends_s)
{
	X509 *cert = X509_new();
	X509_set_version(cert, X509_VERSION_3);
	ASN1_INTEGER_set(X509_get_serialNumber(cert), issuer == NULL ? 1 : 2);
	X509_gmtime_adj(X509_getm_notBefore(cert), -9L * DAY);
	X509_gmtime_adj(X509_getm_notAfter(cert), ends_s);
	X509_NAME_add_entry_by_txt(X509_get_subject_name(cert), "CN", MBSTRING_ASC,
				   (const unsigned char *)name, -1, -1, 0);
	X509_set_issuer_name(cert, X509_get_subject_name(issuer != NULL ? issuer : cert));
	X509_set_pubkey(cert, key);
	struct arena *a = arena_new();
	if (issuer == NULL)
		add_extension(cert, NID_basic_constraints, "critical,CA:TRUE");
	add_extension(cert, NID_subject_alt_name, arena_printf(a, "DNS:%s", name));
	arena_free(a);
	X509_sign(cert, issuer_key, EVP_sha256());
	return cert;
}

static void write_ca(struct tiny *t, X509 *ca)
{
	str_copy(t->ca_file, sizeof(t->ca_file), "/tmp/cutover-ca-XXXXXX");
	FILE *out = fdopen(mkstemp(t->ca_file), "w");
	PEM_write_X509(out, ca);
	(void)fclose(out);
}

static void make_tls(struct tiny *t)
{
	EVP_PKEY *ca_key = EVP_EC_gen("P-256");
	EVP_PKEY *key = EVP_EC_gen("P-256");
	X509 *ca = make_cert("tiny authority", ca_key, NULL, ca_key, 9L * DAY);
	const char *host = t->opts.cert_host != NULL ? t->opts.cert_host : "none";
	long ends_s = t->opts.expired ? -1L * DAY : 9L * DAY;
	X509 *cert = t->opts.self_signed ? make_cert(host, key, NULL, key, ends_s)
					 : make_cert(host, key, ca, ca_key, ends_s);
	write_ca(t, ca);
	t->ctx = SSL_CTX_new(TLS_server_method());
	SSL_CTX_use_certificate(t->ctx, cert);
	SSL_CTX_use_PrivateKey(t->ctx, key);
	X509_free(cert);
	X509_free(ca);
	EVP_PKEY_free(key);
	EVP_PKEY_free(ca_key);
}

static bool get_byte(struct tiny *t, char *c)
{
	if (t->ssl != NULL)
		return SSL_read(t->ssl, c, 1) == 1;
	return recv(t->connection, c, 1, 0) == 1;
}

/* An empty line is nothing at all: a web server waits to be asked. */
static void say(struct tiny *t, const char *line)
{
	if (line[0] == '\0')
		return;
	struct arena *a = arena_new();
	const char *text = arena_printf(a, "%s\r\n", line);
	int len = (int)strlen(text);
	if (t->ssl != NULL)
		(void)SSL_write(t->ssl, text, len);
	else
		(void)send(t->connection, text, (size_t)len, MSG_NOSIGNAL);
	arena_free(a);
}

static bool get_line(struct tiny *t, struct arena *a, char **line_r)
{
	size_t start = t->heard.len;
	char c = '\0';
	while (c != '\n') {
		if (!get_byte(t, &c))
			return false;
		if (c != '\r' && c != '\n')
			buf_addc(&t->heard, c);
	}
	*line_r = arena_strdup(a, t->heard.at + start);
	buf_addc(&t->heard, '\n');
	return true;
}

static bool begin_tls(struct tiny *t)
{
	t->ssl = SSL_new(t->ctx);
	SSL_set_fd(t->ssl, t->connection);
	return SSL_accept(t->ssl) == 1;
}

static bool right_plain(const char *base64)
{
	static const char want[] = "\0" TINY_USER "\0" TINY_PASSWORD;
	struct buf b;
	buf_init(&b);
	bool right = base64_decode(&b, slice_str(base64)) &&
		     slice_eq(buf_slice(&b), (struct slice){ want, sizeof(want) - 1 });
	buf_release(&b);
	return right;
}

/* Why a token is refused (RFC 7628 §3.2.3): a line of the client's, then the NO. */
static bool challenge(struct tiny *t, struct arena *a)
{
	struct buf b;
	char *line;
	buf_init(&b);
	buf_adds(&b, "+ ");
	base64_encode(&b, slice_str(t->opts.challenge));
	say(t, b.at);
	buf_release(&b);
	return get_line(t, a, &line);
}

/* False: said goodbye. */
static bool answer_login(struct tiny *t, struct arena *a, const char *tag, bool right)
{
	const char *no = t->opts.login_reply != NULL ? t->opts.login_reply
						     : "NO [AUTHENTICATIONFAILED] no such luck";
	if (!right && t->opts.challenge != NULL && !challenge(t, a))
		return false;
	bool bye = !right && str_starts(no, "*");
	say(t, right ? arena_printf(a, "%s OK logged in", tag)
	       : bye ? no
		     : arena_printf(a, "%s %s", tag, no));
	return !bye;
}

static bool authenticate(struct tiny *t, struct arena *a, const char *tag, const char *initial)
{
	char *line;
	if (initial[0] != '\0')
		return answer_login(t, a, tag, right_plain(initial));
	say(t, "+ ");
	return get_line(t, a, &line) && answer_login(t, a, tag, right_plain(line));
}

static bool imap_command(struct tiny *t, struct arena *a, const char *line)
{
	struct slice rest = slice_str(line);
	const char *tag = arena_slice(a, slice_until(&rest, ' '));
	const char *verb = arena_slice(a, slice_until(&rest, ' '));
	const char *args = rest.len > 0 ? rest.ptr : "";
	if (str_eq(verb, "CAPABILITY"))
		say(t, arena_printf(a, "* CAPABILITY IMAP4rev1 %s", t->opts.capability));
	if (str_eq(verb, "AUTHENTICATE")) {
		slice_until(&rest, ' ');
		return authenticate(t, a, tag, rest.len > 0 ? rest.ptr : "");
	}
	if (str_eq(verb, "LOGIN"))
		return answer_login(t, a, tag, str_eq(args, TINY_USER " \"" TINY_PASSWORD "\""));
	say(t, arena_printf(a, "%s OK done", tag));
	return !str_eq(verb, "STARTTLS") || begin_tls(t);
}

static bool smtp_command(struct tiny *t, struct arena *a, const char *line)
{
	const char *reply = "220 go on";
	bool tls = str_starts(line, "STARTTLS");
	if (str_starts(line, "EHLO"))
		reply = arena_printf(a, "250-tiny\r\n250 %s",
				     t->ssl == NULL ? t->opts.capability : "PIPELINING");
	else if (!tls && t->opts.smtp_answer != NULL)
		reply = t->opts.smtp_answer(t->opts.ctx, line);
	if (reply == NULL)
		return false;
	say(t, reply);
	return !tls || begin_tls(t);
}

static void serve(struct tiny *t, struct arena *a)
{
	char *line;
	const char *greeting = t->opts.smtp ? "220 tiny ESMTP" : "* OK tiny";
	if (t->opts.implicit && !begin_tls(t))
		return;
	if (t->opts.silent)
		(void)get_line(t, a, &line);
	else
		say(t, t->opts.greeting != NULL ? t->opts.greeting : greeting);
	while (get_line(t, a, &line))
		if (!(t->opts.smtp ? smtp_command(t, a, line) : imap_command(t, a, line)))
			return;
}

static void *run(void *arg)
{
	struct tiny *t = arg;
	for (;;) {
		int fd = accept(t->listener, NULL, NULL);
		if (fd < 0)
			return NULL;
		struct arena *a = arena_new();
		t->connection = fd;
		serve(t, a);
		SSL_free(t->ssl);
		t->ssl = NULL;
		t->connection = -1;
		close(fd);
		arena_free(a);
	}
}

struct tiny *tiny_start(const struct tiny_opts *opts)
{
	struct tiny *t = mem_alloc(sizeof(*t));
	struct sockaddr_in at = { .sin_family = AF_INET,
				  .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	socklen_t len = sizeof(at);
	t->opts = *opts;
	if (opts->address != NULL)
		(void)inet_pton(AF_INET, opts->address, &at.sin_addr);
	t->connection = -1;
	buf_init(&t->heard);
	make_tls(t);
	t->listener = socket(AF_INET, SOCK_STREAM, 0);
	(void)bind(t->listener, (struct sockaddr *)&at, len);
	(void)listen(t->listener, 8);
	(void)getsockname(t->listener, (struct sockaddr *)&at, &len);
	t->port = ntohs(at.sin_port);
	pthread_create(&t->thread, NULL, run, t);
	return t;
}

uint16_t tiny_port(const struct tiny *t)
{
	return t->port;
}

const char *tiny_ca_file(const struct tiny *t)
{
	return t->ca_file;
}

void tiny_stop(struct tiny *t, char **heard_r)
{
	(void)shutdown(t->listener, SHUT_RDWR);
	int fd = t->connection;
	if (fd >= 0)
		(void)shutdown(fd, SHUT_RDWR);
	pthread_join(t->thread, NULL);
	close(t->listener);
	(void)remove(t->ca_file);
	SSL_CTX_free(t->ctx);
	*heard_r = t->heard.at; /* handed over */
	free(t);
}
