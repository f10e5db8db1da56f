/*
 * tiny_imap.h - a mail or web server of a few lines in a thread, on 127.0.0.0/8, with a
 * certificate of its own authority: for what a dial meets in the world.
 */
#ifndef TINY_IMAP_H
#define TINY_IMAP_H

#include <stdbool.h>
#include <stdint.h>

struct tiny_opts {
	const char *address;   /* to listen at; NULL: 127.0.0.1 */
	const char *cert_host; /* NULL: no TLS at all */
	bool expired;          /* the certificate ended yesterday */
	bool self_signed;      /* not by the authority */
	bool implicit;         /* TLS from the first byte, else STARTTLS where offered */
	bool silent;           /* takes the connection and says nothing */
	bool smtp;             /* speaks SMTP instead */
	/* SMTP: the answer to any other line than EHLO and STARTTLS; NULL cuts the connection. */
	const char *(*smtp_answer)(void *ctx, const char *line);
	void *ctx;
	const char *greeting; /* NULL: an ordinary one */
	const char *capability;
	const char *login_reply; /* to a wrong password: "NO …" */
	const char *challenge;   /* before that, in base64, behind a "+"; NULL: none */
};

enum { TINY_PASSWORD_MAX = 32 };
#define TINY_USER     "ann"
#define TINY_PASSWORD "s3cret word"

struct tiny;

struct tiny *tiny_start(const struct tiny_opts *opts);
uint16_t tiny_port(const struct tiny *t);
/* PEM file of the authority; gone after tiny_stop. */
const char *tiny_ca_file(const struct tiny *t);
/* Ends the server and frees it; *heard_r (free() it) is every line that it got. */
void tiny_stop(struct tiny *t, char **heard_r);

#endif
