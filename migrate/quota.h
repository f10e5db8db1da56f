/*
 * quota.h - what room the account of a session has, as its server tells (RFC 9208).
 */
#ifndef MIGRATE_QUOTA_H
#define MIGRATE_QUOTA_H

#include "migrate/session.h"

/* Asks for the quota of INBOX: one round trip, or none where QUOTA is not offered. Of several
 * quota roots the one with the least room is told, by bytes and by messages. A server that
 * refuses to answer tells nothing; -1 only when the connection is of no use any more. */
int quota_ask(struct session *s, struct migrate_quota *q_r, struct err *e);

#endif
