/*
 * uapi.h - what an answer of cPanel's UAPI says. It is HTTP 200 for nearly everything: what
 * counts is "status" in the JSON, and whether there is JSON at all. Only for this folder.
 */
#ifndef REGISTRARS_CPANEL_UAPI_H
#define REGISTRARS_CPANEL_UAPI_H

#include "base/json.h"
#include "registrars/registrar.h"

enum uapi_verdict {
	UAPI_OK,
	UAPI_FAILED,  /* the function itself says no: nothing was done */
	UAPI_NO_USE,  /* it did not come to the function: credentials, wrong port */
	UAPI_UNKNOWN, /* nothing that UAPI would say: what was done is not known */
};

struct uapi_answer {
	enum uapi_verdict verdict;
	struct js *tree;       /* owned; NULL: the body is no JSON */
	const struct js *data; /* of UAPI_OK; the tree's */
};

/* Judges it. On anything but UAPI_OK *e says what the server said and what to do. Release the
 * answer in every case. */
void uapi_judge(const struct registrar_reply *reply, struct uapi_answer *answer_r, struct err *e);
void uapi_release(struct uapi_answer *answer);

#endif
