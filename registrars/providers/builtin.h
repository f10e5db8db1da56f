/*
 * builtin.h - the described providers that the program brings with it: the JSON files of this
 * folder, compiled in.
 */
#ifndef REGISTRARS_PROVIDERS_BUILTIN_H
#define REGISTRARS_PROVIDERS_BUILTIN_H

#include <stddef.h>

struct builtin {
	const char *name; /* of the file: "godaddy.json" */
	const unsigned char *text;
	size_t len;
};
/* By name. */
extern const struct builtin builtins[];
extern const size_t builtin_n;

#endif
