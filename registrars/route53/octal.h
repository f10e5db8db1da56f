/*
 * octal.h - Route 53 writes an octet that is no letter, digit or plain sign as \ooo, in octal,
 * where a master file has \DDD, in decimal: "\052" is "*" there and another octet here. Only for
 * this folder.
 */
#ifndef REGISTRARS_ROUTE53_OCTAL_H
#define REGISTRARS_ROUTE53_OCTAL_H

#include "base/arena.h"

/* Route 53's text as a master file has it (RFC 1035 §5.1). NULL with ERR_ITEM when a backslash has
 * no end, or three digits behind it are no octet in octal. */
const char *octal_read(struct arena *a, const char *text, struct err *e);
/* The opposite, for text in canonical form. */
const char *octal_write(struct arena *a, const char *text);

#endif
