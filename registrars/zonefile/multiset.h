/*
 * multiset.h - very many items as a sum of their digests, in the memory of one. Private to the
 * provider.
 *
 * Two collections are the same, in whatever order, when their sums are: each item counts as often
 * as it is there. That finds what an edit did wrong. It is no proof against somebody who may
 * choose a great many items to make two sums equal: both files are of the one who asks.
 */
#ifndef REGISTRARS_ZONEFILE_MULTISET_H
#define REGISTRARS_ZONEFILE_MULTISET_H

#include "base/digest.h"

/* Empty when zeroed. */
struct multiset {
	uint64_t n;
	unsigned char sum[SHA256_LEN]; /* modulo 2^256, least octet first */
};

/* One item more, told by its digest. */
void multiset_add(struct multiset *m, const unsigned char digest[SHA256_LEN]);
/* The same items, each as often. */
bool multiset_equal(const struct multiset *a, const struct multiset *b);

#endif
