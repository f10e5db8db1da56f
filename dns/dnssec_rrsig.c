/*
 * RRSIG rdata as numbers (RFC 4034 §3), and the mark by which a verification is remembered.
 */
#include <string.h>

#include "base/digest.h"
#include "dns/dnssec_priv.h"
#include "zone/dname.h"

/* Days since 1970-01-01 of a date of the Gregorian calendar, by counting from a March. */
static int64_t days_from_date(int64_t year, int64_t month, int64_t day)
{
	int64_t y = month > 2 ? year : year - 1;
	int64_t m = month > 2 ? month - 3 : month + 9;
	return y * 365 + y / 4 - y / 100 + y / 400 + (m * 153 + 2) / 5 + day - 1 - 719468;
}

/* "20261127180000" (RFC 4034 §3.2) as the 32 bits that went over the wire. */
static bool read_time(struct slice text, uint32_t *time_r)
{
	uint64_t v = 0;
	if (!slice_to_u64(text, &v) || text.len > 14)
		return false;
	if (text.len < 14) {
		*time_r = (uint32_t)v;
		return v <= UINT32_MAX;
	}
	int64_t days = days_from_date((int64_t)(v / 10000000000), (int64_t)(v / 100000000 % 100),
				      (int64_t)(v / 1000000 % 100));
	int64_t seconds = days * 86400 + (int64_t)(v / 10000 % 100) * 3600 +
			  (int64_t)(v / 100 % 100) * 60 + (int64_t)(v % 100);
	*time_r = (uint32_t)seconds;
	return true;
}

/* RFC 4034 §3.1.5: serial arithmetic; the moment within 68 years of now. */
static int64_t moment_ms(int64_t now_ms, uint32_t time)
{
	int64_t now_s = now_ms / 1000;
	int64_t ahead = (int64_t)time - (int64_t)(uint32_t)now_s;
	if (ahead > INT32_MAX)
		ahead -= INT64_C(1) << 32;
	else if (ahead < INT32_MIN)
		ahead += INT64_C(1) << 32;
	return (now_s + ahead) * 1000;
}

static bool read_small(struct slice *rest, uint64_t max, uint64_t *v_r)
{
	return slice_to_u64(slice_until(rest, ' '), v_r) && *v_r <= max;
}

bool dnssec_read_rrsig(struct arena *a, int64_t now_ms, const char *rdata, struct rrsig *sig_r)
{
	struct slice rest = slice_str(rdata);
	struct err e = { 0 };
	uint64_t algorithm = 0;
	uint64_t labels = 0;
	uint64_t ttl = 0;
	uint64_t tag = 0;
	uint32_t ends = 0;
	uint32_t begins = 0;
	(void)slice_until(&rest, ' '); /* the type that it covers */
	if (!read_small(&rest, UINT8_MAX, &algorithm) || !read_small(&rest, UINT8_MAX, &labels) ||
	    !read_small(&rest, UINT32_MAX, &ttl) || !read_time(slice_until(&rest, ' '), &ends) ||
	    !read_time(slice_until(&rest, ' '), &begins) || !read_small(&rest, UINT16_MAX, &tag))
		return false;
	*sig_r = (struct rrsig){
		.rdata = rdata,
		.tag = (uint16_t)tag,
		.algorithm = (uint8_t)algorithm,
		.labels = (uint8_t)labels,
		.begins_ms = moment_ms(now_ms, begins),
		.ends_ms = moment_ms(now_ms, ends),
		.signer = dname_canon(a, arena_slice(a, slice_until(&rest, ' ')), &e),
	};
	return sig_r->signer != NULL;
}

void dnssec_mark(const struct rrset *set, const char *sig, const char *zone,
		 const struct zone_key *key, unsigned char mark[SHA256_LEN])
{
	struct buf b;
	buf_init(&b);
	buf_addf(&b, "%s\n%u\n%zu\n", set->name, (unsigned)set->type, set->n);
	for (size_t i = 0; i < set->n; i++)
		buf_addf(&b, "%zu %s\n", strlen(set->rdata[i]), set->rdata[i]);
	buf_addf(&b, "%zu %s\n%s %s", strlen(sig), sig, zone, key->rdata);
	sha256_of(buf_slice(&b), mark);
	buf_release(&b);
}
