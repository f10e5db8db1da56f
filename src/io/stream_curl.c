/*
 * libcurl does not tell whether its TLS layer holds decrypted bytes. So a stream that has
 * just given bytes counts as pending until it says AGAIN: one call more, and never a wait
 * for bytes that are here already.
 *
 * That allows reading ahead: OpenSSL else asks the kernel twice for each record, first for its
 * five bytes of header, and a server of mail sends many small records. libcurl's own waiting
 * during the log-in would not bear it, for it asks only for decrypted bytes before it polls.
 */
#include <openssl/ssl.h>
#include <stdlib.h>

#include "io/dial_priv.h"

struct curl_stream {
	struct stream stream;
	CURL *easy; /* owned */
	char *name; /* owned */
	int fd;     /* libcurl's */
	bool maybe_more;
	bool reads_ahead; /* or cannot */
};

/* Whatever the reason: what was not acknowledged is not known, and a new connection may work. */
static ssize_t cut(const struct curl_stream *s, CURLcode rc, struct err *e)
{
	err_set(e, ERR_RETRY, "the connection to '%s' was cut (%s)", s->name,
		curl_easy_strerror(rc));
	return STREAM_FAILED;
}

/* Once bytes have come by curl_easy_recv, libcurl knows its TLS session again, which it forgets
 * between the log-in and the first of them. */
static void read_ahead(struct curl_stream *s)
{
	struct curl_tlssessioninfo *tls = NULL;
	s->reads_ahead = true;
	if (curl_easy_getinfo(s->easy, CURLINFO_TLS_SSL_PTR, &tls) == CURLE_OK && tls != NULL &&
	    tls->backend == CURLSSLBACKEND_OPENSSL && tls->internals != NULL)
		SSL_set_read_ahead(tls->internals, 1);
}

/* No bytes with CURLE_OK is the end of the connection, which is STREAM_END. */
static ssize_t curl_stream_recv(struct stream *stream, void *to, size_t size, struct err *e)
{
	struct curl_stream *s = (struct curl_stream *)stream;
	size_t n = 0;
	CURLcode rc = curl_easy_recv(s->easy, to, size, &n);
	s->maybe_more = rc != CURLE_AGAIN;
	if (rc == CURLE_AGAIN)
		return STREAM_AGAIN;
	if (rc != CURLE_OK)
		return cut(s, rc, e);
	if (!s->reads_ahead)
		read_ahead(s);
	return (ssize_t)n;
}

/* After AGAIN TLS may have begun a record: see stream_send for what the next call must bring. */
static ssize_t curl_stream_send(struct stream *stream, const void *from, size_t len, struct err *e)
{
	struct curl_stream *s = (struct curl_stream *)stream;
	size_t n = 0;
	CURLcode rc = curl_easy_send(s->easy, from, len, &n);
	if (rc == CURLE_AGAIN)
		return STREAM_AGAIN;
	return rc == CURLE_OK ? (ssize_t)n : cut(s, rc, e);
}

static int curl_stream_fd(const struct stream *stream)
{
	return ((const struct curl_stream *)stream)->fd;
}

static bool curl_stream_pending(const struct stream *stream)
{
	return ((const struct curl_stream *)stream)->maybe_more;
}

static const char *curl_stream_name(const struct stream *stream)
{
	return ((const struct curl_stream *)stream)->name;
}

/* Also closes the socket; no LOGOUT, that is the protocol's to say before. */
static void curl_stream_free(struct stream *stream)
{
	struct curl_stream *s = (struct curl_stream *)stream;
	curl_easy_cleanup(s->easy);
	free(s->name);
	free(s);
}

struct stream *stream_curl(CURL *take_easy, const char *name)
{
	static const struct stream_ops ops = {
		.recv = curl_stream_recv,
		.send = curl_stream_send,
		.fd = curl_stream_fd,
		.pending = curl_stream_pending,
		.name = curl_stream_name,
		.free = curl_stream_free,
	};
	struct curl_stream *s = mem_alloc(sizeof(*s));
	curl_socket_t fd = CURL_SOCKET_BAD;
	s->stream.ops = &ops;
	s->easy = take_easy;
	s->name = mem_strdup(name);
	(void)curl_easy_getinfo(take_easy, CURLINFO_ACTIVESOCKET, &fd);
	s->fd = fd;
	s->maybe_more = true;
	return &s->stream;
}
