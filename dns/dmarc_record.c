/*
 * A table of tags, each with the function that reads its value. A tag that nobody knows is
 * ignored, as RFC 7489 §6.3 says; a known one that is wrong is a mistake, though receivers
 * then act as if it were not there.
 */
#include "dns/dmarc_record.h"

#include <string.h>

#include "base/vec.h"
#include "dns/tag_list.h"
#include "zone/dname.h"

/* A reader answers NULL or what is wrong. */
typedef const char *(*tag_reader)(struct dmarc_record *r, struct slice value);

const char *dmarc_policy_name(enum dmarc_policy p)
{
	static const char *const names[] = { "none", "quarantine", "reject" };
	return names[p];
}

static bool read_policy(struct slice value, enum dmarc_policy *p)
{
	for (unsigned i = DMARC_NONE; i <= DMARC_REJECT; i++) {
		if (slice_eq_nocase(value, slice_str(dmarc_policy_name((enum dmarc_policy)i)))) {
			*p = (enum dmarc_policy)i;
			return true;
		}
	}
	return false;
}

static const char policy_wrong[] = "it must be none, quarantine or reject";

static const char *read_p(struct dmarc_record *r, struct slice value)
{
	r->has_p = read_policy(value, &r->p);
	return r->has_p ? NULL : policy_wrong;
}

static const char *read_sp(struct dmarc_record *r, struct slice value)
{
	return read_policy(value, &r->sp) ? NULL : policy_wrong;
}

static const char *read_np(struct dmarc_record *r, struct slice value)
{
	return read_policy(value, &r->np) ? NULL : policy_wrong;
}

/* A value of one letter, in lower case; else NUL. */
static char only_letter(struct slice value)
{
	char text[2] = "";
	if (value.len == 1)
		text[0] = value.ptr[0];
	str_lower(text);
	return text[0];
}

/* One of two letters. */
static bool read_letter(struct slice value, char yes, char no, bool *is_yes)
{
	char c = only_letter(value);
	*is_yes = c == yes;
	return c == yes || c == no;
}

static const char *read_adkim(struct dmarc_record *r, struct slice value)
{
	return read_letter(value, 's', 'r', &r->strict_dkim) ? NULL : "it must be r or s";
}

static const char *read_aspf(struct dmarc_record *r, struct slice value)
{
	return read_letter(value, 's', 'r', &r->strict_spf) ? NULL : "it must be r or s";
}

static const char *read_t(struct dmarc_record *r, struct slice value)
{
	return read_letter(value, 'y', 'n', &r->testing) ? NULL : "it must be y or n";
}

static const char *read_psd(struct dmarc_record *r, struct slice value)
{
	char c = only_letter(value);
	if (c != 'y' && c != 'n' && c != 'u')
		return "it must be y, n or u";
	r->psd = c;
	return NULL;
}

static const char *read_pct(struct dmarc_record *r, struct slice value)
{
	uint64_t n = 0;
	if (!slice_to_u64(value, &n) || n > 100)
		return "it must be a number from 0 to 100";
	r->pct = (unsigned)n;
	return NULL;
}

static const char *read_ri(struct dmarc_record *r, struct slice value)
{
	uint64_t n = 0;
	(void)r;
	return slice_to_u64(value, &n) && n <= UINT32_MAX ? NULL : "it must be a number of seconds";
}

static const char *read_fo(struct dmarc_record *r, struct slice value)
{
	(void)r;
	do {
		struct slice one = slice_trim(slice_until(&value, ':'));
		if (one.len != 1 || !str_has("01dDsS", one.ptr[0]))
			return "it must be 0, 1, d or s, with colons between several";
	} while (value.len > 0);
	return NULL;
}

/* "!10m" may follow a URI: a size limit. */
static bool is_size(struct slice s)
{
	uint64_t n = 0;
	if (s.len > 1 && str_has("kmgtKMGT", s.ptr[s.len - 1]))
		s.len--;
	return slice_to_u64(s, &n);
}

/* addr-spec as far as it matters: something, "@", something without blanks. */
static bool is_address(struct slice s)
{
	struct slice domain = s;
	struct slice local = slice_until(&domain, '@');
	return local.len > 0 && domain.len > 0 && memchr(s.ptr, ' ', s.len) == NULL &&
	       memchr(domain.ptr, '@', domain.len) == NULL;
}

/* One URI; addresses are kept. Another scheme than mailto is legal and used by nobody. */
static const char *read_uri(struct dmarc_record *r, struct slice uri)
{
	static const struct slice mailto = SLICE_LIT("mailto:");
	if (uri.len == 0)
		return "it is empty between two commas or at its end";
	if (!slice_starts_nocase(uri, mailto)) {
		struct slice rest = uri;
		struct slice scheme = slice_until(&rest, ':');
		return scheme.len < uri.len && memchr(scheme.ptr, '@', scheme.len) == NULL
			       ? NULL
			       : "an address needs \"mailto:\" before it";
	}
	struct slice size = { uri.ptr + mailto.len, uri.len - mailto.len };
	struct slice address = slice_until(&size, '!');
	if (address.len + mailto.len < uri.len && !is_size(size))
		return "behind \"!\" must stand a size, such as 10m";
	struct slice query = address;
	address = slice_until(&query, '?');
	if (!is_address(address))
		return "it has an address that is none";
	if (r->report_n < DMARC_REPORTS_MAX)
		r->reports[r->report_n++] = address;
	return NULL;
}

static const char *read_uris(struct dmarc_record *r, struct slice value)
{
	const char *why = NULL;
	do {
		const char *wrong = read_uri(r, slice_trim(slice_until(&value, ',')));
		why = why != NULL ? why : wrong;
	} while (value.len > 0);
	return why;
}

/* rf: afrf is the only format that was ever defined; RFC 9989 has none. */
static const char *read_rf(struct dmarc_record *r, struct slice value)
{
	(void)r;
	return value.len > 0 ? NULL : "it is empty";
}

static const struct {
	struct slice name;
	tag_reader read;
} tags[] = {
	{ SLICE_LIT("p"), read_p },       { SLICE_LIT("sp"), read_sp },
	{ SLICE_LIT("np"), read_np },     { SLICE_LIT("adkim"), read_adkim },
	{ SLICE_LIT("aspf"), read_aspf }, { SLICE_LIT("t"), read_t },
	{ SLICE_LIT("psd"), read_psd },   { SLICE_LIT("pct"), read_pct },
	{ SLICE_LIT("ri"), read_ri },     { SLICE_LIT("fo"), read_fo },
	{ SLICE_LIT("rua"), read_uris },  { SLICE_LIT("ruf"), read_uris },
	{ SLICE_LIT("rf"), read_rf },
};

enum { TAGS = sizeof(tags) / sizeof(tags[0]), TAG_SP = 1, TAG_NP = 2 };

static void add_mistake(struct dmarc_record *r, struct slice tag, const char *why)
{
	if (r->mistake_n < DMARC_MISTAKES_MAX)
		r->mistakes[r->mistake_n] = (struct dmarc_mistake){ tag, why };
	r->mistake_n++;
}

/* One tag behind the version; `seen` marks the tags that were there. */
static void read_tag(struct dmarc_record *r, const struct tag *tag, bool seen[TAGS])
{
	if (!tag->has_value) {
		add_mistake(r, tag->name, "it has no \"=\" and no value");
		return;
	}
	for (size_t i = 0; i < TAGS; i++) {
		if (!slice_eq_nocase(tag->name, tags[i].name))
			continue;
		const char *why = seen[i] ? "it stands there twice" : tags[i].read(r, tag->value);
		seen[i] = true;
		if (why != NULL)
			add_mistake(r, tag->name, why);
	}
}

bool dmarc_is_record(struct slice text)
{
	return tag_list_is(text, SLICE_LIT("v"), SLICE_LIT("DMARC1"));
}

bool dmarc_resembles(struct slice text)
{
	return tag_list_resembles(text, SLICE_LIT("v"), SLICE_LIT("DMARC"));
}

void dmarc_parse(struct slice text, struct dmarc_record *r)
{
	bool seen[TAGS] = { false };
	struct tag tag;
	*r = (struct dmarc_record){ .pct = 100, .psd = 'u' };
	struct slice rest = text;
	if (!tag_next(&rest, &tag)) /* the version */
		return;
	while (tag_next(&rest, &tag))
		read_tag(r, &tag, seen);
	/* RFC 9989: without p a record with report addresses counts as p=none. */
	if (!seen[0])
		add_mistake(r, SLICE_LIT("p"), "it is missing");
	if (!seen[TAG_SP])
		r->sp = r->p;
	if (!seen[TAG_NP])
		r->np = r->sp;
}

enum dmarc_policy dmarc_applied(const struct dmarc_record *r)
{
	return r->testing || r->pct == 0 ? DMARC_NONE : r->p;
}

struct domains {
	VEC(const char *) list;
};

static void add_domain(struct arena *a, struct domains *d, const char *name)
{
	for (size_t i = 0; i < d->list.n; i++) {
		if (dname_equal(d->list.at[i], name))
			return;
	}
	*vec_push(a, &d->list) = name;
}

size_t dmarc_external_domains(struct arena *a, const char *domain, struct slice text,
			      const char *const **domains_r)
{
	struct domains found = { 0 };
	struct dmarc_record r;
	dmarc_parse(text, &r);
	for (size_t i = 0; i < r.report_n; i++) {
		struct err e = { 0 };
		struct slice host = r.reports[i];
		(void)slice_until(&host, '@');
		const char *name = dname_canon(a, arena_slice(a, host), &e);
		if (name != NULL && !dname_is_within(name, domain) &&
		    !dname_is_within(domain, name))
			add_domain(a, &found, name);
	}
	*domains_r = found.list.at;
	return found.list.n;
}
