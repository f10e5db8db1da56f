/*
 * tcp_site.h - a name server that speaks only TCP: one zone, answered from its text, and given
 * away to whoever asks for a transfer; one thread.
 */
#ifndef TESTS_UNIT_DNS_TCP_SITE_H
#define TESTS_UNIT_DNS_TCP_SITE_H

#include <stdint.h>

struct tcp_site;
/* `text`: one record a line, names absolute, the SOA first. `how_many`: records in the first
 * message of a transfer, more are never sent; 0 refuses transfers. */
struct tcp_site *tcp_site_start(const char *address, uint16_t port, const char *text,
				unsigned how_many);
/* Takes NULL. */
void tcp_site_stop(struct tcp_site *s);

#endif
