/*
 * link.h - one TLS connection to an IMAP server, without blocking; for the reference driver.
 *
 * Everything that fails ends the program with a sentence: the driver keeps no state that could
 * be saved. Lines and literals are read from one buffer of fixed size, what is to be said waits
 * in another that the caller keeps small (link_waiting).
 */
#ifndef BENCH_LINK_H
#define BENCH_LINK_H

#include <stdbool.h>
#include <stddef.h>

struct link;

struct link_opts {
	const char *host;    /* the certificate must be this host's */
	const char *address; /* IPv4, port 993 */
	const char *ca_file; /* PEM; the only authority that is trusted */
};

/* Connects, verifies and shakes hands. The strings are borrowed until link_close. */
struct link *link_open(const struct link_opts *opts);
void link_close(struct link *l);

/* Queues bytes; text by printf's rules. */
void link_say(struct link *l, const char *bytes, size_t len);
__attribute__((format(printf, 2, 3))) void link_sayf(struct link *l, const char *format, ...);
/* Bytes that are queued and not yet taken by TLS. */
size_t link_waiting(const struct link *l);

/* As much as goes now; true when bytes went or came. The end of the connection ends the program. */
bool link_flush(struct link *l);
bool link_fill(struct link *l);
/* Waits until either can be read (read_a, read_b) or written where something waits; 60 s of
 * silence end the program. */
void link_wait(struct link *a, bool read_a, struct link *b, bool read_b);

/* The next whole line without its CRLF, NUL-terminated, valid until the next call; NULL: not yet.
 */
char *link_line(struct link *l);
/* Up to `most` bytes that were received, taken from the buffer; their number. Valid until the next
 * call. */
size_t link_bytes(struct link *l, size_t most, const char **at_r);

__attribute__((noreturn, format(printf, 1, 2))) void die(const char *format, ...);

#endif
