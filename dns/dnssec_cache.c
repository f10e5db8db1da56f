/*
 * A table of fixed size in which every mark has one place: what comes later takes it. Marks
 * are digests, so nobody can aim at a place, and forgetting costs one verification.
 */
#include <stdlib.h>
#include <string.h>

#include "dns/dnssec_priv.h"

enum { PLACES = 8192 };

enum known { KNOWN_NOTHING, KNOWN_FITS, KNOWN_FITS_NOT };

struct place {
	unsigned char mark[DNSSEC_MARK_LEN];
	uint8_t known;
};

struct dnssec_cache {
	struct place places[PLACES];
};

struct dnssec_cache *dnssec_cache_new(void)
{
	return mem_alloc(sizeof(struct dnssec_cache));
}

void dnssec_cache_free(struct dnssec_cache *cache)
{
	free(cache);
}

static size_t place_of(const unsigned char *mark)
{
	return ((size_t)mark[0] << 8 | mark[1]) % PLACES;
}

bool dnssec_cache_get(const struct dnssec_cache *cache, const unsigned char *mark, bool *fits_r)
{
	const struct place *p = &cache->places[place_of(mark)];
	if (p->known == KNOWN_NOTHING || memcmp(p->mark, mark, sizeof(p->mark)) != 0)
		return false;
	*fits_r = p->known == KNOWN_FITS;
	return true;
}

void dnssec_cache_put(struct dnssec_cache *cache, const unsigned char *mark, bool fits)
{
	struct place *p = &cache->places[place_of(mark)];
	memcpy(p->mark, mark, sizeof(p->mark));
	p->known = fits ? KNOWN_FITS : KNOWN_FITS_NOT;
}
