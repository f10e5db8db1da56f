/*
 * internet.h - a small closed Internet for the tests of the walk: name servers on
 * 127.0.0.N, all on one ephemeral port, each with zones in master-file text; one thread.
 */
#ifndef TESTS_UNIT_DNS_INTERNET_H
#define TESTS_UNIT_DNS_INTERNET_H

#include <stdbool.h>
#include <stdint.h>

/* One zone at one server; a list ends with a NULL origin. The same address may come
 * several times. `text` NULL: the server is up but refuses the zone. */
struct hosted {
	const char *address, *origin, *text;
};

struct internet;
struct internet *internet_start(const struct hosted *zones);
void internet_stop(struct internet *net);
uint16_t internet_port(const struct internet *net);
/* Questions answered so far, by all servers. */
unsigned internet_asked(const struct internet *net);

#endif
