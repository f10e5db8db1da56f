/*
 * responder.h - a scripted DNS server for the tests of the engine: one thread, UDP and
 * TCP on one ephemeral port of 127.0.0.1. It answers every A question with 10.0.0.1.
 */
#ifndef TESTS_UNIT_DNS_RESPONDER_H
#define TESTS_UNIT_DNS_RESPONDER_H

#include <stdbool.h>
#include <stdint.h>

enum responder_script {
	ANSWERS,
	DROPS_FIRST,    /* the first datagram gets lost */
	TRUNCATES,      /* TC over UDP, whole over TCP */
	TRUNCATES_ONLY, /* TC over UDP, nothing listens on TCP */
	LIES_FIRST,     /* wrong ID, then another question, then the answer */
	LIES_ONLY,      /* wrong IDs, never the answer */
	DROPS_EDNS,     /* silent when there is an OPT */
	REFUSES_EDNS,   /* FORMERR when there is an OPT */
	SILENT,
	BREAKS, /* right ID and question, then nonsense */
	SAYS_SERVFAIL,
	SPEAKS_EDNS,     /* answers with an OPT when it was asked with one */
	BARE_FORMERR,    /* when there is an OPT: a header and no more */
	MANGLES_CASE,    /* the question comes back in upper case */
	STRANGER_FIRST,  /* another port answers, then this one */
	STRANGER_ONLY,   /* only another port answers */
	ANSWERS_THE_OLD, /* when the third datagram comes, the first is answered */
	SIGNS,           /* with DO, a signature of an RSA key of 4096 bits: over 512 octets */
	KEEPS_TCP,       /* TC over UDP; any number of questions on one connection */
};

struct responder;
struct responder *responder_start(enum responder_script script);
/* The same on [::1]; NULL when the machine has none. */
struct responder *responder_start_v6(enum responder_script script);
/* Joins the thread. */
void responder_stop(struct responder *r);
/* "127.0.0.1#PORT" or "::1#PORT" */
const char *responder_address(const struct responder *r);
/* Datagrams that came so far. */
unsigned responder_seen(const struct responder *r);
/* Of those, how many had the DO bit. */
unsigned responder_seen_do(const struct responder *r);
/* TCP connections so far. */
unsigned responder_connections(const struct responder *r);

#endif
