/*
 * imap_url.h - "imaps://host[:port]" as far as we let it be written; only for src/config.
 */
#ifndef CONFIG_IMAP_URL_H
#define CONFIG_IMAP_URL_H

#include "base/arena.h"

struct imap_url {
	bool tls;         /* imaps */
	const char *host; /* lower case, no final dot; an IPv6 address without brackets */
	uint16_t port;    /* 0: the scheme's */
};

/* Reads the URL of an IMAP server: scheme, host, port, nothing else. Returns NULL when it
 * went well, else the reason as the end of a sentence ("must …"). */
const char *imap_url_parse(struct arena *a, const char *text, struct imap_url *url_r);

/* Host as it is kept in lists: lower case, without the final dot. */
const char *host_plain(struct arena *a, const char *host);
/* True when the text is an IPv4 or IPv6 address. */
bool is_address(const char *text);

#endif
