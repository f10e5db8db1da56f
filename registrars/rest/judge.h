/*
 * judge.h - what an answer means: by the description first, then by the rules of HTTP. Only for
 * this folder.
 */
#ifndef REGISTRARS_REST_JUDGE_H
#define REGISTRARS_REST_JUDGE_H

#include "registrars/rest/exchange.h"

/* Fills *out but for nothing: the items of x->rows, status, class, the JSON, the Link header, the
 * hint. */
void judge_answer(const struct desc *d, const struct exchange *x,
		  const struct registrar_reply *reply, struct arena *a, struct answer *out);
/* An answer that is neither OK nor MISSING, in words: the kind, the provider's own words without
 * the session's secrets, what to do. -1. */
int judge_error(const struct rest *r, const struct answer *answer,
		const struct registrar_reply *reply, struct arena *a, struct err *e);
/* Retry-After (RFC 9110 §10.2.3): seconds or a date. -1: neither. */
int64_t judge_retry_after_ms(const char *value, int64_t now_ms);

#endif
