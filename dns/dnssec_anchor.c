/*
 * The root's trust anchor. Unbound's root.key carries its state (RFC 5011) in comments behind
 * the records; keys that it has seen revoked carry the flag for it and are no keys here.
 */
#include <string.h>

#include "base/file.h"
#include "dns/dnssec.h"
#include "zone/zone.h"

enum { ANCHOR_FILE_MAX = 1 << 20 };

static const char distribution[] = "/usr/share/dns/root.key";

/* Source: IANA's root-anchors.xml (data.iana.org/root-anchors), as Debian's dns-root-data has
 * it: the root's keys of 2017 and 2024. */
static const char *const built_in[] = {
	"20326 8 2 e06d44b80b8f1d39a95c0b0d7c65d08458e880409bbc683457104237c7f8ec8d",
	"38696 8 2 683d2d0acb8c9b712a1948b27f741219298d0a450d612c483af444a4c0fb2b16",
};

/* DNSKEYs where there are any: they say more than a digest of them. */
static const struct rrset *anchor_of(const struct zone *z)
{
	const struct rrset *keys = zone_find(z, ".", RR_DNSKEY);
	return keys != NULL ? keys : zone_find(z, ".", RR_DS);
}

static const struct rrset *load(struct arena *a, const char *path, struct err *e)
{
	struct buf text;
	buf_init(&text);
	const struct zone *z = NULL;
	if (file_read(path, ANCHOR_FILE_MAX, &text, e) == 0)
		z = zone_parse(a, ".", buf_slice(&text), e);
	buf_release(&text);
	if (z == NULL) {
		(void)err_wrap(e, "reading trust anchor \"%s\"", path);
		e->kind = ERR_USAGE;
		return NULL;
	}
	const struct rrset *anchor = anchor_of(z);
	if (anchor == NULL) {
		(void)err_set(e, ERR_USAGE, "trust anchor \"%s\" holds no DS or DNSKEY of the root",
			      path);
		(void)err_hint(e, "the file looks like %s", distribution);
	}
	return anchor;
}

const struct rrset *trust_anchor_load(struct arena *a, const char *path, struct err *e)
{
	if (path != NULL)
		return load(a, path, e);
	struct err ignored = { 0 };
	const struct rrset *anchor = file_exists(distribution) ? load(a, distribution, &ignored)
							       : NULL;
	if (anchor != NULL)
		return anchor;
	return rrset_make(a, ".", RR_DS, 0, sizeof(built_in) / sizeof(built_in[0]), built_in, e);
}
