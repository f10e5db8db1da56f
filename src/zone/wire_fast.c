/*
 * Answers by our own reader: header, one question, A, AAAA, NS, CNAME, PTR, MX, TXT, SOA, RRSIG,
 * NSEC3 and OPT; other types one by one through ldns. Every read is checked against the end of the
 * message or of the rdata; compression pointers only lead back, and only so often. Anything
 * odd makes the whole message ldns' business.
 */
#include <arpa/inet.h>
#include <stdio.h>
#include <string.h>

#include "zone/dname_wire.h"
#include "zone/record.h"
#include "zone/wire_priv.h"

enum {
	HOPS_MAX = 32, /* compression pointers in one name */
	POINTER = 0xc0,
	POINTER_MASK = 0x3fff,
	SOA_NUMBERS_LEN = 20,
	NUMBERS_TEXT_MAX = 5 * 11 + 1,
};

struct reader {
	struct arena *a;
	const unsigned char *p;
	size_t at, end; /* end: of what may be read now */
	size_t name_at; /* where the last owner's text came from */
	const char *name;
};

static unsigned u16_at(const struct reader *r, size_t at)
{
	return (unsigned)r->p[at] << 8 | r->p[at + 1];
}

static uint32_t u32_at(const struct reader *r, size_t at)
{
	return (uint32_t)u16_at(r, at) << 16 | u16_at(r, at + 2);
}

/* A pointer at `at` is followed; true when it leads back to before `limit`, and not into the
 * header. */
static bool follow(const struct reader *r, size_t *at, size_t limit)
{
	if (*at + 2 > r->end)
		return false;
	size_t target = u16_at(r, *at) & POINTER_MASK;
	*at = target;
	return target >= WIRE_HEADER_LEN && target < limit;
}

/* The labels from r->at on, pointers followed; r->at is behind the name then (RFC 1035
 * §4.1.4). Each pointer must lead to before the place where the labels before it began, so
 * there are no loops. */
static bool read_wire_name(struct reader *r, struct dname_wire *w)
{
	size_t at = r->at;
	size_t began = at;
	size_t behind = 0;
	w->len = 0;
	for (int hops = 0; hops <= HOPS_MAX && at < r->end;) {
		size_t len = r->p[at];
		if ((len & POINTER) == POINTER) {
			behind = behind > 0 ? behind : at + 2;
			if (!follow(r, &at, began))
				return false;
			began = at;
			hops++;
			continue;
		}
		if (len > DNAME_LABEL_MAX || at + 1 + len > r->end ||
		    w->len + 1 + len > DNAME_WIRE_MAX)
			return false;
		memcpy(w->at + w->len, r->p + at, 1 + len);
		w->len += 1 + len;
		at += 1 + len;
		if (len == 0) {
			r->at = behind > 0 ? behind : at;
			return true;
		}
	}
	return false;
}

bool wire_read_name(struct slice wire, size_t *at, struct dname_wire *w)
{
	struct reader r = { .p = (const unsigned char *)wire.ptr, .at = *at, .end = wire.len };
	bool ok = read_wire_name(&r, w);
	*at = r.at;
	return ok;
}

/* As text in the arena; NULL when it is odd. */
static const char *read_name(struct reader *r, bool lower)
{
	struct dname_wire w;
	char text[DNAME_TEXT_MAX];
	if (!read_wire_name(r, &w))
		return NULL;
	dname_decode(&w, lower, text);
	return arena_strdup(r->a, text);
}

/* Records of a set mostly name their owner by one pointer to the same place: its text is
 * shared. */
static const char *read_owner(struct reader *r)
{
	bool pointer = r->at + 2 <= r->end && (r->p[r->at] & POINTER) == POINTER;
	size_t target = pointer ? u16_at(r, r->at) & POINTER_MASK : r->at;
	if (pointer && r->name != NULL && target == r->name_at) {
		r->at += 2;
		return r->name;
	}
	r->name = read_name(r, true);
	r->name_at = target;
	return r->name;
}

/* Rdata that is one name and nothing else. */
static const char *text_of_name(struct reader *r)
{
	return read_name(r, true);
}

static const char *text_of_a(struct reader *r)
{
	char text[INET_ADDRSTRLEN];
	if (r->end - r->at != 4 || inet_ntop(AF_INET, r->p + r->at, text, sizeof(text)) == NULL)
		return NULL;
	r->at = r->end;
	return arena_strdup(r->a, text);
}

static const char *text_of_aaaa(struct reader *r)
{
	char text[INET6_ADDRSTRLEN];
	if (r->end - r->at != 16 || inet_ntop(AF_INET6, r->p + r->at, text, sizeof(text)) == NULL)
		return NULL;
	r->at = r->end;
	return arena_strdup(r->a, text);
}

/* Decimal digits, behind them is returned. */
static char *put_number(char *to, uint32_t v)
{
	char digits[10];
	size_t n = 0;
	do {
		digits[n++] = (char)('0' + v % 10);
		v /= 10;
	} while (v > 0);
	while (n > 0)
		*to++ = digits[--n];
	return to;
}

static const char *text_of_mx(struct reader *r)
{
	struct dname_wire w;
	char text[NUMBERS_TEXT_MAX + DNAME_TEXT_MAX];
	if (r->end - r->at < 3)
		return NULL;
	char *to = put_number(text, u16_at(r, r->at));
	*to++ = ' ';
	r->at += 2;
	if (!read_wire_name(r, &w))
		return NULL;
	dname_decode(&w, true, to);
	return arena_strdup(r->a, text);
}

/* Two names and five numbers (RFC 1035 §3.3.13). */
static const char *text_of_soa(struct reader *r)
{
	struct dname_wire w;
	char text[2 * DNAME_TEXT_MAX + NUMBERS_TEXT_MAX];
	char *to = text;
	for (int i = 0; i < 2; i++) {
		if (!read_wire_name(r, &w))
			return NULL;
		dname_decode(&w, true, to);
		to += strlen(to);
		*to++ = ' ';
	}
	if (r->end - r->at != SOA_NUMBERS_LEN)
		return NULL;
	for (; r->at < r->end; r->at += 4) {
		to = put_number(to, u32_at(r, r->at));
		*to++ = r->at + 4 < r->end ? ' ' : '\0';
	}
	return arena_strdup(r->a, text);
}

/* How many characters record_quote makes of it. */
static size_t quoted_len(unsigned char c)
{
	if (c < ' ' || c >= 0x7f)
		return 4;
	return c == '"' || c == '\\' ? 2 : 1;
}

static char *put_quoted(char *to, unsigned char c)
{
	if (c < ' ' || c >= 0x7f) {
		*to++ = '\\';
		*to++ = (char)('0' + c / 100);
		*to++ = (char)('0' + c / 10 % 10);
		*to++ = (char)('0' + c % 10);
		return to;
	}
	if (c == '"' || c == '\\')
		*to++ = '\\';
	*to++ = (char)c;
	return to;
}

/* The length of the text with its terminator; 0 when the strings do not end with the rdata. */
static size_t txt_len(const struct reader *r)
{
	size_t len = 0;
	size_t at = r->at;
	while (at < r->end) {
		size_t end = at + 1 + r->p[at];
		if (end > r->end)
			return 0;
		len += 3; /* two quotes and a blank or the terminator */
		for (at++; at < end; at++)
			len += quoted_len(r->p[at]);
	}
	return len;
}

static const char *text_of_txt(struct reader *r)
{
	size_t len = txt_len(r);
	if (len == 0)
		return NULL;
	char *text = arena_alloc(r->a, len);
	char *to = text;
	while (r->at < r->end) {
		size_t end = r->at + 1 + r->p[r->at];
		*to++ = '"';
		for (r->at++; r->at < end; r->at++)
			to = put_quoted(to, r->p[r->at]);
		*to++ = '"';
		*to++ = ' ';
	}
	to[-1] = '\0';
	return text;
}

enum {
	RRSIG_FIXED_LEN = 18,
	NSEC3_FIXED_LEN = 5,
	SIGNED_NUMBERS_MAX = 80,
	BITMAP_MAX = 64, /* honest ones need 36; each bit may become a type's name */
};

/* RFC 4034 §3.2; NULL: odd, or a type that ldns knows better. */
static const char *text_of_rrsig(struct reader *r)
{
	struct dname_wire w;
	size_t at = r->at;
	if (r->end - r->at <= RRSIG_FIXED_LEN)
		return NULL;
	const char *covered = wire_type_text(u16_at(r, at));
	char *text = arena_alloc(r->a, SIGNED_NUMBERS_MAX + DNAME_TEXT_MAX +
					       4 * ((r->end - r->at) / 3 + 1));
	r->at += RRSIG_FIXED_LEN;
	if (covered == NULL || !read_wire_name(r, &w) || r->at >= r->end)
		return NULL;
	int n = snprintf(text, SIGNED_NUMBERS_MAX, "%s %u %u %u ", covered, (unsigned)r->p[at + 2],
			 (unsigned)r->p[at + 3], (unsigned)u32_at(r, at + 4));
	char *to = wire_put_time(text + n, u32_at(r, at + 8));
	if (to != NULL)
		*to++ = ' ';
	to = to != NULL ? wire_put_time(to, u32_at(r, at + 12)) : NULL;
	if (to == NULL)
		return NULL;
	*to++ = ' ';
	to = put_number(to, u16_at(r, at + 16));
	*to++ = ' ';
	dname_decode(&w, true, to);
	to += strlen(to);
	*to++ = ' ';
	*wire_put_base64(to, r->p + r->at, r->end - r->at) = '\0';
	r->at = r->end;
	return text;
}

/* RFC 5155 §3.2, §3.3. */
static const char *text_of_nsec3(struct reader *r)
{
	const unsigned char *p = r->p + r->at;
	size_t len = r->end - r->at;
	size_t salt = len > NSEC3_FIXED_LEN ? p[4] : 0;
	if (len <= NSEC3_FIXED_LEN + salt + 1)
		return NULL;
	size_t hash = p[NSEC3_FIXED_LEN + salt];
	size_t types_at = NSEC3_FIXED_LEN + salt + 1 + hash;
	if (hash == 0 || hash % 5 != 0 || types_at > len || len - types_at > BITMAP_MAX)
		return NULL;
	char *text = arena_alloc(r->a, SIGNED_NUMBERS_MAX + 2 * salt + 2 * hash +
					       (size_t)8 * WIRE_TYPE_TEXT_MAX * (len - types_at));
	int n = snprintf(text, SIGNED_NUMBERS_MAX, "%u %u %u ", (unsigned)p[0], (unsigned)p[1],
			 (unsigned)p[2] << 8 | p[3]);
	char *to = text + n;
	if (salt == 0)
		*to++ = '-';
	to = wire_put_hex(to, p + NSEC3_FIXED_LEN, salt);
	*to++ = ' ';
	to = wire_put_base32hex(to, p + types_at - hash, hash);
	to = wire_put_types(to, p + types_at, len - types_at);
	if (to == NULL)
		return NULL;
	*to = '\0';
	r->at = r->end;
	return text;
}

/* One record through ldns, from its owner on. */
static const char *text_by_ldns(struct reader *r, size_t record_at)
{
	ldns_rr *rr = NULL;
	size_t pos = record_at;
	if (ldns_wire2rr(&rr, r->p, r->end, &pos, LDNS_SECTION_ANSWER) != LDNS_STATUS_OK)
		return NULL;
	const char *text = pos == r->end ? record_rdata(r->a, rr) : NULL;
	ldns_rr_free(rr);
	r->at = pos;
	return text;
}

/* Where these are odd, the message is. */
static bool is_own_type(uint16_t type)
{
	return type == RR_A || type == RR_AAAA || type == RR_NS || type == RR_CNAME ||
	       type == RR_PTR || type == RR_MX || type == RR_SOA || type == RR_TXT;
}

/* r->at and r->end are the rdata's. NULL also for rdata that does not fill its length. */
static const char *read_rdata(struct reader *r, uint16_t type, size_t record_at)
{
	const char *text = NULL;
	switch (type) {
	case RR_A: text = text_of_a(r); break;
	case RR_AAAA: text = text_of_aaaa(r); break;
	case RR_NS:    /* fall through */
	case RR_CNAME: /* fall through */
	case RR_PTR: text = text_of_name(r); break;
	case RR_MX: text = text_of_mx(r); break;
	case RR_SOA: text = text_of_soa(r); break;
	case RR_TXT: text = text_of_txt(r); break;
	case RR_RRSIG: text = text_of_rrsig(r); break;
	case RR_NSEC3: text = text_of_nsec3(r); break;
	default: break;
	}
	if (text == NULL && !is_own_type(type))
		text = text_by_ldns(r, record_at);
	return r->at == r->end ? text : NULL;
}

/* One OPT, in the additional section, owned by the root (RFC 6891 §6.1.1). */
static bool read_opt(struct reader *r, const char *owner, size_t section, struct dns_answer *ans)
{
	if (section != WIRE_SECTIONS - 1 || ans->has_opt || !str_eq(owner, "."))
		return false;
	ans->has_opt = true;
	struct slice options = { (const char *)r->p + r->at, r->end - r->at };
	wire_read_options(r->a, options, ans);
	r->at = r->end;
	return true;
}

/* False: odd. TSIG and what else belongs to no zone is ldns' to judge. */
static bool read_record(struct reader *r, struct drafts *d, size_t section, struct dns_answer *ans)
{
	size_t record_at = r->at;
	size_t message_end = r->end;
	struct draft record = { .name = read_owner(r) };
	if (record.name == NULL || r->end - r->at < 10)
		return false;
	record.type = (uint16_t)u16_at(r, r->at);
	unsigned class = u16_at(r, r->at + 2);
	record.ttl = record_ttl(u32_at(r, r->at + 4));
	size_t len = u16_at(r, r->at + 8);
	r->at += 10;
	if (len > r->end - r->at)
		return false;
	r->end = r->at + len;
	bool ok = false;
	if (record.type == WIRE_TYPE_OPT) {
		ok = read_opt(r, record.name, section, ans);
	} else if (class == WIRE_CLASS_IN && record_type_ok(record.type)) {
		const char *rdata = read_rdata(r, record.type, record_at);
		ok = rdata != NULL;
		if (ok)
			drafts_add(r->a, d, &record, rdata);
	}
	r->end = message_end;
	return ok;
}

/* RFC 1035 §4.1.1. */
static void read_flags(const struct reader *r, struct dns_answer *ans)
{
	unsigned flags = u16_at(r, 2);
	ans->id = (uint16_t)u16_at(r, 0);
	ans->qr = (flags & 0x8000) != 0;
	ans->aa = (flags & 0x0400) != 0;
	ans->tc = (flags & 0x0200) != 0;
	ans->rd = (flags & 0x0100) != 0;
	ans->ra = (flags & 0x0080) != 0;
	ans->ad = (flags & 0x0020) != 0;
	ans->rcode = (uint8_t)(flags & 0x000f);
	ans->opcode = (uint8_t)(flags >> 11 & 0x000f);
}

/* Exactly one, of class IN. */
static bool read_question(struct reader *r, struct dns_answer *ans)
{
	if (u16_at(r, 4) != 1)
		return false;
	ans->question.name = read_name(r, false);
	if (ans->question.name == NULL || r->end - r->at < 4)
		return false;
	ans->question.type = (uint16_t)u16_at(r, r->at);
	unsigned class = u16_at(r, r->at + 2);
	r->at += 4;
	return class == WIRE_CLASS_IN;
}

const struct dns_answer *wire_read_fast(struct arena *a, struct slice wire)
{
	struct reader r = { .a = a, .at = WIRE_HEADER_LEN, .end = wire.len };
	struct drafts sections[WIRE_SECTIONS] = { 0 };
	r.p = (const unsigned char *)wire.ptr;
	struct dns_answer *ans = ARENA_NEW(a, struct dns_answer);
	ans->ede_text = "";
	read_flags(&r, ans);
	if (ans->opcode != 0 || !read_question(&r, ans))
		return NULL;
	for (size_t i = 0; i < WIRE_SECTIONS; i++) {
		for (unsigned n = u16_at(&r, 6 + 2 * i); n > 0; n--) {
			if (!read_record(&r, &sections[i], i, ans))
				return NULL;
		}
	}
	if (r.at != r.end)
		return NULL;
	drafts_finish(a, sections, ans);
	return ans;
}
