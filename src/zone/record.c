/*
 * ldns reads and prints the rdata; names are printed by our own code, so that a name
 * looks the same as an owner and inside of rdata. Types whose text ldns cannot read
 * back (or does not know at all) are kept in RFC 3597 form.
 */
#include "zone/record.h"

#include <string.h>

#include "base/buf.h"
#include "zone/dname_wire.h"

enum { RDATA_TEXT_MAX = 262144 };

const char *record_name(struct arena *a, const ldns_rdf *name, bool lower)
{
	struct dname_wire w;
	if (name == NULL || ldns_rdf_get_type(name) != LDNS_RDF_TYPE_DNAME ||
	    ldns_rdf_size(name) > DNAME_WIRE_MAX)
		return NULL;
	w.len = ldns_rdf_size(name);
	memcpy(w.at, ldns_rdf_data(name), w.len);
	char text[DNAME_TEXT_MAX];
	dname_decode(&w, lower, text);
	return arena_strdup(a, text);
}

void record_quote(struct buf *out, unsigned char c)
{
	if (c < ' ' || c >= 0x7f) {
		buf_addf(out, "\\%03u", (unsigned)c);
		return;
	}
	if (c == '"' || c == '\\')
		buf_addc(out, '\\');
	buf_addc(out, (char)c);
}

/* The types that are printed in their own words; all others are opaque to a cutover. */
static bool has_text_form(ldns_rr_type type)
{
	static const uint16_t types[] = {
		RR_A,
		RR_NS,
		RR_CNAME,
		RR_SOA,
		RR_PTR,
		RR_MX,
		RR_TXT,
		RR_AAAA,
		RR_SRV,
		RR_DS,
		RR_NSEC,
		RR_TLSA,
		RR_DNSKEY,
		RR_RRSIG,
		RR_SPF,
		RR_CAA,
		RR_NSEC3,
		LDNS_RR_TYPE_HINFO,
		LDNS_RR_TYPE_RP,
		LDNS_RR_TYPE_DNAME,
		LDNS_RR_TYPE_SSHFP,
		LDNS_RR_TYPE_NAPTR,
		LDNS_RR_TYPE_NSEC3PARAM,
		LDNS_RR_TYPE_CDS,
		LDNS_RR_TYPE_CDNSKEY,
		LDNS_RR_TYPE_OPENPGPKEY,
	};
	for (size_t i = 0; i < sizeof(types) / sizeof(types[0]); i++) {
		if (types[i] == type)
			return true;
	}
	return false;
}

/* RFC 3597 §5: "\# length hex", which every name server reads for every type. */
static void add_opaque(struct buf *out, const ldns_rr *rr)
{
	size_t len = 0;
	for (size_t i = 0; i < ldns_rr_rd_count(rr); i++)
		len += ldns_rdf_size(ldns_rr_rdf(rr, i));
	buf_addf(out, "\\# %zu", len);
	if (len > 0)
		buf_addc(out, ' ');
	for (size_t i = 0; i < ldns_rr_rd_count(rr); i++) {
		const ldns_rdf *field = ldns_rr_rdf(rr, i);
		for (size_t j = 0; j < ldns_rdf_size(field); j++)
			buf_addf(out, "%02x", (unsigned)ldns_rdf_data(field)[j]);
	}
}

/* A character-string, its length octet first; quoted as txt_quote does it. */
static void add_string(struct buf *out, const ldns_rdf *field, size_t skip)
{
	const unsigned char *p = ldns_rdf_data(field);
	buf_addc(out, '"');
	for (size_t i = skip; i < ldns_rdf_size(field); i++)
		record_quote(out, p[i]);
	buf_addc(out, '"');
}

/* Names and strings in our own words; the rest (numbers, addresses, keys, times) as ldns
 * prints it, less the blanks that it leaves at some ends. */
static int add_field(struct arena *a, struct buf *out, const ldns_rdf *field, bool lower)
{
	if (ldns_rdf_get_type(field) == LDNS_RDF_TYPE_STR) {
		add_string(out, field, 1);
		return 0;
	}
	if (ldns_rdf_get_type(field) == LDNS_RDF_TYPE_LONG_STR) {
		add_string(out, field, 0);
		return 0;
	}
	if (ldns_rdf_get_type(field) == LDNS_RDF_TYPE_DNAME) {
		const char *name = record_name(a, field, lower);
		buf_adds(out, name != NULL ? name : "");
		return name != NULL ? 0 : -1;
	}
	char *text = ldns_rdf2str(field);
	if (text == NULL)
		return -1;
	struct slice s = slice_trim(slice_str(text));
	buf_add(out, s.ptr, s.len);
	LDNS_FREE(text);
	return 0;
}

/* One blank between fields, none at the end: two texts of one record must be one text. The
 * next name of an NSEC is signed as it is written (RFC 6840 §5.1). */
static int add_fields(struct arena *a, struct buf *out, const ldns_rr *rr)
{
	bool lower = ldns_rr_get_type(rr) != LDNS_RR_TYPE_NSEC;
	for (size_t i = 0; i < ldns_rr_rd_count(rr); i++) {
		size_t before = out->len;
		if (add_field(a, out, ldns_rr_rdf(rr, i), lower) != 0)
			return -1;
		if (out->len > before) /* an empty type bitmap prints as nothing */
			buf_addc(out, ' ');
	}
	out->len -= out->len > 0; /* the last blank */
	return 0;
}

bool record_type_ok(uint16_t type)
{
	return type != 0 && type != LDNS_RR_TYPE_OPT && (type < 128 || type > 255);
}

/* ldns takes cut rdata for the fields that are there. */
static bool is_complete(const ldns_rr *rr)
{
	const ldns_rr_descriptor *d = ldns_rr_descript((uint16_t)ldns_rr_get_type(rr));
	return ldns_rr_rd_count(rr) > 0 && ldns_rr_rd_count(rr) >= ldns_rr_descriptor_minimum(d);
}

/* Canonical text of one record; NULL when ldns has no text for it. */
static const char *print_rdata(struct arena *a, const ldns_rr *rr)
{
	bool text_form = has_text_form(ldns_rr_get_type(rr));
	if (!record_type_ok((uint16_t)ldns_rr_get_type(rr)) || (text_form && !is_complete(rr)))
		return NULL;
	struct buf out;
	buf_init(&out);
	int rc = 0;
	if (text_form)
		rc = add_fields(a, &out, rr);
	else
		add_opaque(&out, rr);
	const char *text = rc == 0 ? arena_slice(a, buf_slice(&out)) : NULL;
	buf_release(&out);
	return text;
}

/* The types whose text is all our own or a plain number: no need to read it back. */
static bool is_plain(uint16_t type)
{
	return type == RR_A || type == RR_AAAA || type == RR_NS || type == RR_CNAME ||
	       type == RR_MX || type == RR_TXT || type == RR_SOA || type == RR_PTR;
}

const char *record_rdata(struct arena *a, const ldns_rr *rr)
{
	struct err e = { 0 };
	const char *text = print_rdata(a, rr);
	if (text == NULL || is_plain((uint16_t)ldns_rr_get_type(rr)))
		return text;
	const char *again = record_canon(a, (uint16_t)ldns_rr_get_type(rr), text, &e);
	/* What ldns does not read back as the same text could never be written to a zone. */
	return again != NULL && str_eq(text, again) ? text : NULL;
}

/* The fields of those types whose names ldns would take for the origin when their first label is
 * "@", escaped or not: n a name, 2 and 4 numbers of so many octets. */
static const char *layout_of(uint16_t type)
{
	switch (type) {
	case RR_NS:
	case RR_CNAME:
	case RR_PTR: return "n";
	case RR_MX: return "2n";
	case RR_SRV: return "222n";
	case RR_SOA: return "nn44444";
	default: return NULL;
	}
}

static const char *canon_field(struct arena *a, char kind, struct slice text)
{
	struct err e = { 0 };
	uint64_t number;
	if (kind == 'n')
		return dname_canon(a, arena_slice(a, text), &e);
	uint64_t most = kind == '2' ? UINT16_MAX : UINT32_MAX;
	if (!slice_to_u64(text, &number) || number > most)
		return NULL;
	return arena_printf(a, "%llu", (unsigned long long)number);
}

/* By our own reader, field by field; NULL when it does not fit the layout. */
static const char *canon_by_layout(struct arena *a, const char *layout, const char *rdata)
{
	const char *out = "";
	struct slice rest = slice_trim(slice_str(rdata));
	for (const char *kind = layout; *kind != '\0'; kind++) {
		const char *field = canon_field(a, *kind, slice_until(&rest, ' '));
		if (field == NULL)
			return NULL;
		out = arena_printf(a, "%s%s%s", out, kind == layout ? "" : " ", field);
		rest = slice_trim(rest);
	}
	return rest.len == 0 ? out : NULL;
}

/* ldns takes a quote that never closes for one that closes at the end. */
static bool quotes_close(const char *s)
{
	bool quoted = false;
	for (; *s != '\0'; s++) {
		if (*s == '\\' && s[1] != '\0')
			s++;
		else if (*s == '"')
			quoted = !quoted;
	}
	return !quoted;
}

/* ldns cuts numbers to their field's width: a preference of 70000 would become 4464. So
 * the numbers that the rdata begins with must be what was written. */
static bool numbers_kept(const char *rdata, const char *canon)
{
	struct slice was = slice_trim(slice_str(rdata));
	struct slice is = slice_str(canon);
	uint64_t a = 0;
	uint64_t b = 0;
	while (slice_to_u64(slice_until(&was, ' '), &a)) {
		if (!slice_to_u64(slice_until(&is, ' '), &b))
			return true; /* a text that looks like a number */
		if (a != b)
			return false;
		was = slice_trim(was);
	}
	return true;
}

const char *record_canon(struct arena *a, uint16_t type, const char *rdata, struct err *e)
{
	const char *type_name = rr_type_name(a, type);
	if (strlen(rdata) > RDATA_TEXT_MAX || strpbrk(rdata, "\r\n") != NULL) {
		(void)err_set(e, ERR_ITEM, "%s record is too long or has a line end in it",
			      type_name);
		return NULL;
	}
	const char *own = strstr(rdata, "\\@") != NULL && layout_of(type) != NULL
				  ? canon_by_layout(a, layout_of(type), rdata)
				  : NULL;
	if (own != NULL)
		return own;
	/* No origin is given: names without a final dot count as absolute. */
	const char *line = arena_printf(a, ". 0 IN %s %s", type_name, rdata);
	ldns_rr *rr = NULL;
	ldns_status st = ldns_rr_new_frm_str(&rr, line, 0, NULL, NULL);
	if (st != LDNS_STATUS_OK) {
		(void)err_set(e, ERR_ITEM, "\"%.120s\" is no %s record: %s", rdata, type_name,
			      ldns_get_errorstr_by_id(st));
		return NULL;
	}
	const char *text = print_rdata(a, rr);
	ldns_rr_free(rr);
	if (text != NULL && quotes_close(rdata) && numbers_kept(rdata, text))
		return text;
	(void)err_set(e, ERR_ITEM, "\"%.120s\" is no %s record: %s", rdata, type_name,
		      quotes_close(rdata) ? "a number is out of range" : "a quote is not closed");
	return NULL;
}

/* By bytes. The order of RFC 4034 §6.3 is that of wire rdata; any stable one will do here. */
static int compare_texts(const void *a, const void *b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

const struct rrset *record_set(struct arena *a, const char *name, uint16_t type, uint32_t ttl,
			       const char **rdata, size_t n)
{
	qsort(rdata, n, sizeof(*rdata), compare_texts);
	const char **kept = ARENA_ARRAY(a, n, const char *);
	size_t kept_n = 0;
	for (size_t i = 0; i < n; i++) {
		if (kept_n == 0 || !str_eq(kept[kept_n - 1], rdata[i]))
			kept[kept_n++] = rdata[i];
	}
	struct rrset *s = ARENA_NEW(a, struct rrset);
	*s = (struct rrset){ .name = name, .type = type, .ttl = ttl, .n = kept_n, .rdata = kept };
	return s;
}

uint32_t record_ttl(uint32_t ttl)
{
	return ttl > INT32_MAX ? 0 : ttl;
}
