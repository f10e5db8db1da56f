/*
 * sigv4.h - AWS Signature Version 4 ("Create a signed AWS API request", AWS IAM User Guide), in the
 * Authorization header. Pure: the time is an argument. Only for this folder.
 */
#ifndef REGISTRARS_ROUTE53_SIGV4_H
#define REGISTRARS_ROUTE53_SIGV4_H

#include "base/secret.h"
#include "registrars/registrar.h"

enum { SIGV4_TIME_MAX = 32 };

struct sigv4_key { /* all borrowed */
	const struct secret *id, *secret;
	const char *region, *service; /* "us-east-1", "route53" */
};

/* What is signed, as it goes over the wire. */
struct sigv4_request {
	const char *method;
	const char *path;  /* of the URL, encoded; "/" when it has none */
	const char *query; /* of the URL, encoded by sigv4_encode, sorted; "" */
	/* Those to be signed: names in lower case and sorted, values without blanks at their ends.
	 * "host" and "x-amz-date" must be among them. */
	const struct registrar_field *headers;
	size_t header_n;
	struct slice body;
	const char *time; /* the value of x-amz-date */
};

/* "20150830T123600Z"; returns text. */
const char *sigv4_time(int64_t now_ms, char text[SIGV4_TIME_MAX]);
/* Appends what a part of a path or query may be as it is, all else as %XX (RFC 3986 §2.3). */
void sigv4_encode(const char *text, struct buf *out);
/* Appends "AWS4-HMAC-SHA256 Credential=…, SignedHeaders=…, Signature=…". */
void sigv4_authorization(const struct sigv4_key *key, const struct sigv4_request *request,
			 struct buf *out);

#endif
