/*
 * internet.h - a small closed Internet for the tests of the walk: name servers on
 * 127.0.0.N, all on one ephemeral port, each with zones in master-file text; one thread.
 */
#ifndef TESTS_UNIT_DNS_INTERNET_H
#define TESTS_UNIT_DNS_INTERNET_H

#include <stdbool.h>
#include <stdint.h>

/* As a zone's text: nothing at that address answers anything. */
extern const char internet_silent[];

/* One zone at one server; a list ends with a NULL origin. The same address may come
 * several times. `text` NULL: the server is up but refuses the zone. A zone may hold DS,
 * NSEC and RRSIG records as canned text; they are given where a signed zone's would be. */
struct hosted {
	const char *address, *origin, *text;
};

struct internet;
struct internet *internet_start(const struct hosted *zones);
void internet_stop(struct internet *net);
uint16_t internet_port(const struct internet *net);
/* Questions answered so far, by all servers. */
unsigned internet_asked(const struct internet *net);
/* Of those, each name and type at each address once since internet_count_anew: whoever is slow is
 * asked twice. */
unsigned internet_asked_once(const struct internet *net);
/* While nothing is under way. */
void internet_count_anew(struct internet *net);
/* Datagrams that came to one address, answered or not. */
unsigned internet_asked_at(const struct internet *net, const char *address);

#endif
