/*
 * date.h - INTERNALDATE, "17-Jul-1996 02:44:25 -0700" (RFC 3501 §9, date-time).
 */
#ifndef MIGRATE_IMAP_DATE_H
#define MIGRATE_IMAP_DATE_H

#include "base/str.h"

enum { IMAP_DATE_MAX = 32 };

struct imap_date {
	int64_t utc_s;  /* seconds since 1970-01-01T00:00:00Z */
	int32_t zone_s; /* offset of the text's zone, east positive */
};

/* A one-digit day, with or without its blank, is read too; years 1 to 9999. */
bool imap_date_parse(struct slice text, struct imap_date *d_r);
/* Into text[IMAP_DATE_MAX], day as two characters as the grammar wants; returns text. */
const char *imap_date_format(struct imap_date d, char text[IMAP_DATE_MAX]);

#endif
