/*
 * form.h - parameters of a request as they stand in a query or in a form's body.
 */
#ifndef REGISTRARS_FORM_H
#define REGISTRARS_FORM_H

#include "base/buf.h"

/* The type of a body that form_add made. */
#define FORM_TYPE "application/x-www-form-urlencoded"

/* Appends the bytes percent-encoded, all but the unreserved ones (RFC 3986 §2.3): that is right
 * in a path, a query and a form. */
void form_encode(struct buf *out, struct slice text);
/* Appends "name=value", both encoded, behind a '&' unless it is the first. */
void form_add(struct buf *out, const char *name, struct slice value);

#endif
