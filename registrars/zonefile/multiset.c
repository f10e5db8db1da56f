/*
 * Addition with carry, where exclusive-or would do for order alone: an item that is there twice
 * must not look like none.
 */
#include "registrars/zonefile/multiset.h"

#include <string.h>

void multiset_add(struct multiset *m, const unsigned char digest[SHA256_LEN])
{
	unsigned carry = 0;
	for (size_t i = 0; i < SHA256_LEN; i++) {
		carry += (unsigned)m->sum[i] + digest[i];
		m->sum[i] = (unsigned char)(carry & 0xff);
		carry >>= 8;
	}
	m->n++;
}

bool multiset_equal(const struct multiset *a, const struct multiset *b)
{
	return a->n == b->n && memcmp(a->sum, b->sum, SHA256_LEN) == 0;
}
