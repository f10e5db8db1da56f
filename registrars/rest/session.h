/*
 * session.h - the beginning of a session: what must be known before the first request of its own.
 * Only for this folder.
 */
#ifndef REGISTRARS_REST_SESSION_H
#define REGISTRARS_REST_SESSION_H

#include "registrars/rest/exchange.h"

/* Logs in and looks up what the description says, once. */
int session_ready(struct rest *r, struct err *e);

#endif
