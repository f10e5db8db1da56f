/*
 * Queries are put together by hand (they have four fields of interest), answers are
 * read by wire_fast.c or here by ldns. Records of a section become RRsets in order of
 * appearance; when their TTLs differ the highest counts, for it is what bounds a cache.
 */
#include "zone/wire.h"

#include <string.h>

#include "base/digest.h"
#include "zone/dname_wire.h"
#include "zone/record.h"
#include "zone/wire_priv.h"

enum {
	EDNS_SIZE = 1232,   /* dnsflagday.net/2020: what every path carries */
	RECORDS_MAX = 2048, /* grouping is quadratic; no honest answer comes near */
	OPT_LEN = 11,
	FLAG_RD = 0x0100,
	FLAG_DO = 0x8000,
	OPTION_EDE = 15, /* RFC 8914 */
	EDE_TEXT_MAX = 256,
};

/* Network order; behind it is returned. */
static unsigned char *put_u16(unsigned char *to, unsigned v)
{
	*to++ = (unsigned char)(v >> 8 & 0xff);
	*to++ = (unsigned char)(v & 0xff);
	return to;
}

/* OPT, owned by the root (RFC 6891 §6.1.2). */
static unsigned char *put_opt(unsigned char *to, bool dnssec)
{
	*to++ = 0;
	to = put_u16(to, WIRE_TYPE_OPT);
	to = put_u16(to, EDNS_SIZE);
	to = put_u16(to, 0);
	to = put_u16(to, dnssec ? FLAG_DO : 0);
	return put_u16(to, 0);
}

/* Length octets are below the letters, so they are never touched. */
static void mix_case(struct dname_wire *w, const struct rng *rng)
{
	uint64_t coins = 0;

	for (size_t i = 0; i < w->len; i++) {
		if (i % 64 == 0)
			coins = rng_u64(rng);
		bool letter = w->at[i] >= 'a' && w->at[i] <= 'z';
		if (letter && (coins >> i % 64 & 1) != 0)
			w->at[i] = (unsigned char)(w->at[i] - ('a' - 'A'));
	}
}

int dns_query_build(const struct dns_question *q, const struct dns_query_opts *opts,
		    struct buf *out, struct err *e)
{
	struct dname_wire w;
	const char *why = dname_encode(q->name, &w);
	if (why != NULL)
		return err_set(e, ERR_ITEM, "\"%.80s\" cannot be asked for: %s", q->name, why);
	if (opts->mixed_case != NULL)
		mix_case(&w, opts->mixed_case);
	unsigned char packet[WIRE_HEADER_LEN + DNAME_WIRE_MAX + 4 + OPT_LEN];
	unsigned char *to = put_u16(packet, opts->id);
	to = put_u16(to, opts->rd ? FLAG_RD : 0);
	to = put_u16(to, 1);
	to = put_u16(to, 0);
	to = put_u16(to, 0);
	to = put_u16(to, opts->edns ? 1 : 0);
	memcpy(to, w.at, w.len);
	to = put_u16(to + w.len, q->type);
	to = put_u16(to, WIRE_CLASS_IN);
	if (opts->edns)
		to = put_opt(to, opts->dnssec);
	buf_add(out, packet, (size_t)(to - packet));
	return 0;
}

/* A message's records of one set mostly stand together, so this is short. */
static struct draft *draft_for(struct arena *a, struct drafts *d, const char *name, uint16_t type)
{
	for (size_t i = d->list.n; i-- > 0;) { /* neighbours belong together: newest first */
		if (d->list.at[i].type == type && str_eq(d->list.at[i].name, name))
			return &d->list.at[i];
	}
	struct draft *fresh = vec_push(a, &d->list);
	fresh->name = name;
	fresh->type = type;
	return fresh;
}

static bool is_full(const struct draft *set)
{
	return (set->type == RR_A || set->type == RR_AAAA) && set->rdata.n >= DNS_ADDRESSES_MAX;
}

void drafts_add(struct arena *a, struct drafts *d, const struct draft *record, const char *rdata)
{
	struct draft *set = draft_for(a, d, record->name, record->type);
	bool first = set->rdata.n == 0;
	/* RFC 2181 §5.2 forbids differing TTLs; the highest is what some cache may keep. */
	set->ttl = first || record->ttl > set->ttl ? record->ttl : set->ttl;
	set->ttl_lowest = first || record->ttl < set->ttl_lowest ? record->ttl : set->ttl_lowest;
	if (!is_full(set))
		*vec_push(a, &set->rdata) = rdata;
}

/* Signatures of one name cover sets with TTLs of their own (RFC 4034 §3). */
static void note_mixed(struct dns_answer *ans, const struct draft *d, const struct rrset *set)
{
	if (ans->ttl_mixed != NULL || d->ttl == d->ttl_lowest || d->type == RR_RRSIG)
		return;
	ans->ttl_mixed = set;
	ans->ttl_lowest = d->ttl_lowest;
}

void drafts_finish(struct arena *a, struct drafts sections[WIRE_SECTIONS], struct dns_answer *ans)
{
	struct {
		const struct rrset *const **sets;
		size_t *n;
	} to[WIRE_SECTIONS] = {
		{ &ans->answer, &ans->answer_n },
		{ &ans->authority, &ans->authority_n },
		{ &ans->additional, &ans->additional_n },
	};
	for (size_t i = 0; i < WIRE_SECTIONS; i++) {
		size_t n = sections[i].list.n;
		const struct rrset **sets = ARENA_ARRAY(a, n, const struct rrset *);
		for (size_t j = 0; j < n; j++) {
			struct draft *d = &sections[i].list.at[j];
			sets[j] = record_set(a, d->name, d->type, d->ttl, d->rdata.at, d->rdata.n);
			note_mixed(ans, d, sets[j]);
		}
		*to[i].sets = sets;
		*to[i].n = n;
	}
}

/* Letters that may reach a terminal; some servers end the text with a NUL. */
static const char *printable(struct arena *a, const unsigned char *p, size_t len)
{
	while (len > 0 && p[len - 1] == 0)
		len--;
	len = len < EDE_TEXT_MAX ? len : EDE_TEXT_MAX;
	char *text = arena_alloc(a, len + 1);
	for (size_t i = 0; i < len; i++)
		text[i] = (char)(p[i] >= ' ' && p[i] < 0x7f ? p[i] : '?');
	return text;
}

void wire_read_options(struct arena *a, struct slice options, struct dns_answer *ans)
{
	const unsigned char *p = (const unsigned char *)options.ptr;
	size_t at = 0;
	while (!ans->has_ede && options.len - at >= 4) {
		unsigned code = (unsigned)p[at] << 8 | p[at + 1];
		size_t len = (size_t)p[at + 2] << 8 | p[at + 3];
		at += 4;
		if (len > options.len - at)
			return;
		if (code == OPTION_EDE && len >= 2) {
			ans->has_ede = true;
			ans->ede = (uint16_t)((unsigned)p[at] << 8 | p[at + 1]);
			ans->ede_text = printable(a, p + at + 2, len - 2);
		}
		at += len;
	}
}

/* A record of another class is no answer to us, and no error either. */
static int draft_add(struct arena *a, struct drafts *d, const ldns_rr *rr)
{
	if (ldns_rr_get_class(rr) != LDNS_RR_CLASS_IN)
		return 0;
	struct draft record = { .name = record_name(a, ldns_rr_owner(rr), true) };
	const char *rdata = record_rdata(a, rr);
	if (record.name == NULL || rdata == NULL)
		return -1;
	record.type = (uint16_t)ldns_rr_get_type(rr);
	record.ttl = record_ttl(ldns_rr_ttl(rr));
	drafts_add(a, d, &record, rdata);
	return 0;
}

/* One record that cannot be read spoils the message: half a set would look like a change. */
static int read_section(struct arena *a, const ldns_rr_list *records, struct drafts *d)
{
	size_t n = ldns_rr_list_rr_count(records);
	for (size_t i = 0; i < n; i++) {
		if (draft_add(a, d, ldns_rr_list_rr(records, i)) != 0)
			return -1;
	}
	return 0;
}

/* Flags as they came; what they are worth is dns/judge's. */
static void read_header(const ldns_pkt *pkt, struct dns_answer *ans)
{
	ans->id = ldns_pkt_id(pkt);
	ans->opcode = (uint8_t)ldns_pkt_get_opcode(pkt);
	ans->rcode = (uint8_t)ldns_pkt_get_rcode(pkt);
	ans->qr = ldns_pkt_qr(pkt);
	ans->aa = ldns_pkt_aa(pkt);
	ans->tc = ldns_pkt_tc(pkt);
	ans->rd = ldns_pkt_rd(pkt);
	ans->ra = ldns_pkt_ra(pkt);
	ans->ad = ldns_pkt_ad(pkt);
	ans->has_opt = ldns_pkt_edns(pkt);
}

/* The question, when there is exactly one of class IN; else it stays empty. */
static void read_question(struct arena *a, const ldns_pkt *pkt, struct dns_answer *ans)
{
	const ldns_rr_list *list = ldns_pkt_question(pkt);
	ans->question.name = "";
	if (ldns_rr_list_rr_count(list) != 1)
		return;
	const ldns_rr *q = ldns_rr_list_rr(list, 0);
	const char *name = record_name(a, ldns_rr_owner(q), false);
	if (name == NULL || ldns_rr_get_class(q) != LDNS_RR_CLASS_IN)
		return;
	ans->question = (struct dns_question){ name, (uint16_t)ldns_rr_get_type(q) };
}

/* Each section on its own: a set may be in more than one. */
static const struct dns_answer *read_packet(struct arena *a, const ldns_pkt *pkt)
{
	struct drafts sections[WIRE_SECTIONS] = { 0 };
	struct dns_answer *ans = ARENA_NEW(a, struct dns_answer);
	ans->ede_text = "";
	read_header(pkt, ans);
	read_question(a, pkt, ans);
	if (read_section(a, ldns_pkt_answer(pkt), &sections[0]) != 0 ||
	    read_section(a, ldns_pkt_authority(pkt), &sections[1]) != 0 ||
	    read_section(a, ldns_pkt_additional(pkt), &sections[2]) != 0)
		return NULL;
	const ldns_rdf *opt = ldns_pkt_edns_data(pkt);
	if (opt != NULL)
		wire_read_options(
			a, (struct slice){ (const char *)ldns_rdf_data(opt), ldns_rdf_size(opt) },
			ans);
	drafts_finish(a, sections, ans);
	return ans;
}

/* The sum of the header's four counts (RFC 1035 §4.1.1). */
static unsigned record_count(const unsigned char *p)
{
	unsigned sum = 0;
	for (size_t i = 4; i < WIRE_HEADER_LEN; i += 2)
		sum += (unsigned)p[i] << 8 | p[i + 1];
	return sum;
}

/* What both readers take for granted. */
static bool is_sane(struct slice wire, struct err *e)
{
	if (wire.len >= WIRE_HEADER_LEN && wire.len <= UINT16_MAX &&
	    record_count((const unsigned char *)wire.ptr) <= RECORDS_MAX)
		return true;
	(void)err_set(e, ERR_ITEM, "%zu bytes are no DNS message", wire.len);
	return false;
}

const struct dns_answer *wire_read_ldns(struct arena *a, struct slice wire, struct err *e)
{
	if (!is_sane(wire, e))
		return NULL;
	ldns_pkt *pkt = NULL;
	ldns_status st = ldns_wire2pkt(&pkt, (const unsigned char *)wire.ptr, wire.len);
	if (st != LDNS_STATUS_OK) {
		(void)err_set(e, ERR_ITEM, "malformed DNS message: %s",
			      ldns_get_errorstr_by_id(st));
		return NULL;
	}
	const struct dns_answer *ans = read_packet(a, pkt);
	ldns_pkt_free(pkt);
	if (ans == NULL)
		(void)err_set(e, ERR_ITEM, "DNS message with a record that cannot be read");
	return ans;
}

const struct dns_answer *dns_answer_parse(struct arena *a, struct slice wire, struct err *e)
{
	if (!is_sane(wire, e))
		return NULL;
	const struct dns_answer *ans = wire_read_fast(a, wire);
	return ans != NULL ? ans : wire_read_ldns(a, wire, e);
}

const struct rrset *dns_section_find(const struct rrset *const *section, size_t n, const char *name,
				     uint16_t type)
{
	for (size_t i = 0; i < n; i++) {
		if (section[i]->type == type && dname_equal(section[i]->name, name))
			return section[i];
	}
	return NULL;
}
