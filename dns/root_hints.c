/*
 * Where every walk begins. The built-in list is IANA's (www.iana.org/domains/root/files).
 */
#include "base/file.h"
#include "base/vec.h"
#include "dns/snapshot.h"
#include "zone/zone.h"

enum { HINTS_FILE_MAX = 1 << 20 };

/* IPv4 first: a machine without IPv6 then loses no time. */
static const char *const iana[] = {
	"198.41.0.4",      "170.247.170.2",       "192.33.4.12",
	"199.7.91.13",     "192.203.230.10",      "192.5.5.241",
	"192.112.36.4",    "198.97.190.53",       "192.36.148.17",
	"192.58.128.30",   "193.0.14.129",        "199.7.83.42",
	"202.12.27.33",    "2001:503:ba3e::2:30", "2801:1b8:10::b",
	"2001:500:2::c",   "2001:500:2d::d",      "2001:500:a8::e",
	"2001:500:2f::f",  "2001:500:12::d0d",    "2001:500:1::53",
	"2001:7fe::53",    "2001:503:c27::2:30",  "2001:7fd::1",
	"2001:500:9f::42", "2001:dc3::35",        NULL,
};

/* Whatever the owners are called: the file is the user's word about roots. */
static const char *const *addresses_of(struct arena *a, const struct zone *z)
{
	VEC(const char *) list = { 0 };
	for (size_t i = 0; i < z->n; i++) {
		const struct rrset *s = z->rrsets[i];
		for (size_t k = 0; (s->type == RR_A || s->type == RR_AAAA) && k < s->n; k++)
			*vec_push(a, &list) = s->rdata[k];
	}
	*vec_push(a, &list) = NULL;
	return list.at;
}

const char *const *root_hints_load(struct arena *a, const char *path, struct err *e)
{
	if (path == NULL)
		return iana;
	struct buf text;
	buf_init(&text);
	const struct zone *z = NULL;
	if (file_read(path, HINTS_FILE_MAX, &text, e) == 0)
		z = zone_parse(a, ".", buf_slice(&text), e);
	buf_release(&text);
	if (z == NULL) {
		(void)err_wrap(e, "reading root hints \"%s\"", path);
		(void)err_hint(e,
			       "check the path (--root-hints, network.root_hints); without it the "
			       "Internet's root servers are asked");
		e->kind = ERR_USAGE;
		return NULL;
	}
	const char *const *list = addresses_of(a, z);
	if (list[0] != NULL)
		return list;
	(void)err_set(e, ERR_USAGE, "root hints \"%s\" hold no A or AAAA record", path);
	(void)err_hint(e, "the file looks like www.internic.net/domain/named.root");
	return NULL;
}
