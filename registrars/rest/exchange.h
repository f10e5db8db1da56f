/*
 * exchange.h - one described request and its answer: URL, headers and body from templates, the
 * answer judged by the description. Only for this folder.
 */
#ifndef REGISTRARS_REST_EXCHANGE_H
#define REGISTRARS_REST_EXCHANGE_H

#include "registrars/rest/body.h"
#include "registrars/rest/desc.h"

/* A session with a described provider. */
struct rest {
	const struct registrar_host *host; /* borrowed */
	const struct desc *desc;           /* borrowed */
	struct arena *a;                   /* owned: texts of the session; wiped */
	const char *zone;                  /* canonical */
	const char *base_url;              /* without a slash at the end */
	struct vars vars;                  /* options, zone, what was looked up */
	VEC(struct secret *) secrets;      /* owned: what variables point to, and no error tells */
	int64_t window_ms;                 /* monotonic: when the requests that are counted began */
	unsigned window_n;                 /* of them */
	const char *warning;               /* the description's, when an answer was so; NULL */
	bool ready;                        /* all is looked up */
	bool logged_in; /* and for this long (monotonic), where the login says so: */
	int64_t login_until_ms;
	int64_t ahead_s;         /* the provider's clock before ours, for a signer */
	struct rest_rows *rows;  /* owned: the last listing, until something is written; NULL */
	struct rest_zone *whole; /* owned: of the unit "zone", the last reading; NULL */
};

struct answer {
	int status;
	enum desc_class class;
	const struct js *json; /* the answer's until answer_release; NULL: the body is none */
	struct js *tree;       /* owned */
	bool has_items;        /* the list of exchange.rows is not in the tree, but in `items` */
	struct slice items;    /* for js_next_item; in the exchange's arena */
	struct registrar_reply reply;   /* as it came; its texts are in the exchange's arena */
	const char *hint;               /* of the described error; NULL */
	const struct desc_field *unmet; /* of the request's `expect`; NULL: all are met */
	const char *found;              /* what stands there instead; NULL: nothing */
	int64_t wait_ms;                /* of LIMIT, as the provider says it; -1: it does not */
};
void answer_release(struct answer *answer);
/* The same for an answer that holds a token. */
void answer_release_wiped(struct answer *answer);

struct exchange {
	const struct desc_request *request;
	const struct body_scope *scope; /* its vars lead up to the session's */
	const char *rows;               /* path of a list that may be long; NULL: there is none */
	const char *url;                /* instead of the request's path; NULL */
	struct desc_fields extra;       /* more of the query: the page */
	bool writes;
	bool may_miss; /* MISSING is an answer, not an error */
	bool once;     /* "too early" is the end of it: what it is made of must be read again */
};

/* Sends it; waits and sends again when the provider says that it is too early. 0: there is an
 * answer of class OK, or MISSING where it may. -1: *e says what and what to do; `answer_r->class`
 * is CLASS_UNKNOWN when a write may have been done. Release the answer in both cases; texts are in
 * `a`. */
int rest_exchange(struct rest *r, struct arena *a, const struct exchange *x,
		  struct answer *answer_r, struct err *e);
/* Waits as the provider says (`wait_ms` of the answer), or longer with each of the `tries`, which
 * count from 0. -1: it were too many or too long, *e stays as it was; or it was cancelled. */
int rest_wait(struct rest *r, int64_t wait_ms, unsigned tries, struct err *e);
/* Waits until `n` requests more can go out without a wait between them, as far as the described
 * limit lets so many. */
int rest_reserve(struct rest *r, unsigned n, struct err *e);
/* A copy of the text that lives as long as the session and is wiped with it. */
const char *rest_keep_secret(struct rest *r, struct slice text);
/* Puts what the request takes from the answer into the session's variables. -1 when it is not
 * there. */
int rest_take(struct rest *r, const struct desc_fields *take, const struct js *json, struct err *e);

#endif
