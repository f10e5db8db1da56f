/*
 * Not a general URL parser: an IMAP URL (RFC 5092) may hold users, mailboxes and
 * parameters, and each of them would be silently ignored by something later. So all of
 * that is refused here, with the reason as the end of a sentence.
 */
#include "config/imap_url.h"

#include <arpa/inet.h>
#include <string.h>

#include "zone/dname.h"

bool is_address(const char *text)
{
	unsigned char bytes[sizeof(struct in6_addr)];
	return inet_pton(AF_INET, text, bytes) == 1 || inet_pton(AF_INET6, text, bytes) == 1;
}

const char *host_plain(struct arena *a, const char *host)
{
	char *copy = arena_strdup(a, host);
	size_t len = strlen(copy);
	str_lower(copy);
	if (len > 1 && copy[len - 1] == '.')
		copy[len - 1] = '\0';
	return copy;
}

/* Port 0 is kept for "the scheme's". */
static const char *parse_port(struct slice text, uint16_t *port_r)
{
	uint64_t port;
	if (!slice_to_u64(text, &port) || port < 1 || port > 65535)
		return "must have a port from 1 to 65535 behind the colon";
	*port_r = (uint16_t)port;
	return NULL;
}

/* dname_canon takes escapes and any octet; a server's name has none. */
static bool is_host_name(struct arena *a, const char *text)
{
	struct err ignored;
	static const char allowed[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
				      "0123456789-_.";
	return text[strspn(text, allowed)] == '\0' && text[0] != '\0' && !str_eq(text, ".") &&
	       dname_canon(a, text, &ignored) != NULL;
}

/* Cuts "host[:port]" in two; *port_r has no pointer when there is no colon. False when the
 * brackets of an IPv6 address do not fit. */
static bool split_host(struct slice s, struct slice *host_r, struct slice *port_r)
{
	if (s.len == 0 || s.ptr[0] != '[') {
		*host_r = slice_until(&s, ':');
		*port_r = s;
		return true;
	}
	const char *close = memchr(s.ptr, ']', s.len);
	if (close == NULL)
		return false;
	*host_r = (struct slice){ s.ptr + 1, (size_t)(close - s.ptr) - 1 };
	size_t behind = s.len - host_r->len - 2;
	*port_r = (struct slice){ NULL, 0 };
	if (behind > 0)
		*port_r = (struct slice){ close + 2, behind - 1 };
	return behind == 0 || close[1] == ':';
}

/* An address without brackets is only IPv4: the first colon of an IPv6 one would begin a port. */
static const char *parse_host(struct arena *a, struct slice rest, struct imap_url *u)
{
	struct slice host;
	struct slice port;
	if (!split_host(rest, &host, &port))
		return "must have an IPv6 address in brackets, as in imaps://[2001:db8::1]:993";
	const char *text = arena_slice(a, host);
	if (!is_address(text) && (rest.ptr[0] == '[' || !is_host_name(a, text)))
		return "must name a host, as in imaps://imap.example.net";
	u->host = host_plain(a, text);
	return port.ptr != NULL ? parse_port(port, &u->port) : NULL;
}

const char *imap_url_parse(struct arena *a, const char *text, struct imap_url *url_r)
{
	static const char tls[] = "imaps://";
	static const char plain[] = "imap://";
	struct slice rest = slice_str(text);
	*url_r = (struct imap_url){ .tls = slice_starts_nocase(rest, slice_str(tls)) };
	if (!url_r->tls && !slice_starts_nocase(rest, slice_str(plain)))
		return "must begin with imaps://, as in imaps://imap.example.net";
	size_t skip = strlen(url_r->tls ? tls : plain);
	rest.ptr += skip;
	rest.len -= skip;
	if (memchr(rest.ptr, '@', rest.len) != NULL)
		return "must not hold a user or password; they belong into the users CSV";
	if (rest.len > 0 && rest.ptr[rest.len - 1] == '/')
		rest.len--;
	if (strcspn(rest.ptr, "/?#") < rest.len)
		return "must end after the host or port";
	return parse_host(a, rest, url_r);
}
