/*
 * domain.h - a domain as a person writes it: on the command line, or a line in a list.
 */
#ifndef CONFIG_DOMAIN_H
#define CONFIG_DOMAIN_H

#include "base/arena.h"
#include "base/err.h"

/* The canonical name (lower case, final dot) of `text`, from the arena. NULL with ERR_USAGE for
 * whatever else people paste there (a page's or a mail address, a name in its own letters, an IP
 * address, the root), with a hint that says what to write instead. */
const char *domain_parse(struct arena *a, const char *text, struct err *e);

#endif
