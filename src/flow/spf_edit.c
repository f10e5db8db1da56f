/*
 * Works on the joined text of the TXT record, term by term; the other TXT records of the
 * name (ownership tokens, site verifications) are part of the same RRset and must come
 * through unharmed.
 */
#include "flow/spf_edit.h"

#include "zone/dname.h"

enum { NEW_SPF_TTL = 3600 };

static bool is_spf(struct slice text)
{
	struct slice rest = text;
	return slice_eq_nocase(slice_until(&rest, ' '), SLICE_LIT("v=spf1"));
}

/* Number of SPF records; *rdata_r the last one seen. */
static size_t find_spf(struct arena *a, const struct rrset *txt, const char **rdata_r)
{
	size_t n = 0;
	for (size_t i = 0; txt != NULL && i < txt->n; i++)
		if (is_spf(txt_join(a, txt->rdata[i]))) {
			*rdata_r = txt->rdata[i];
			n++;
		}
	return n;
}

static bool is_all(struct slice term)
{
	bool qualified = term.len > 0 && (term.ptr[0] == '-' || term.ptr[0] == '~' ||
					  term.ptr[0] == '?' || term.ptr[0] == '+');
	if (qualified) {
		term.ptr++;
		term.len--;
	}
	return slice_eq_nocase(term, SLICE_LIT("all"));
}

/* "-all", "~all" end what is evaluated; "redirect=…" is its end wherever it stands (§6.1). */
static bool ends_evaluation(struct slice term)
{
	return is_all(term) || slice_starts_nocase(term, SLICE_LIT("redirect="));
}

/* "+include:x" and "include:x" are one (RFC 7208 §4.6.2: `+` is the default qualifier). */
static bool is_term(struct slice t, const char *term)
{
	if (t.len > 0 && t.ptr[0] == '+') {
		t.ptr++;
		t.len--;
	}
	return slice_eq_nocase(t, slice_str(term));
}

static bool text_has_term(struct slice text, const char *term)
{
	while (text.len > 0)
		if (is_term(slice_until(&text, ' '), term))
			return true;
	return false;
}

/* Where a receiver gets to it: not behind `all`. */
static bool has_live_term(struct slice text, const char *term)
{
	while (text.len > 0) {
		struct slice t = slice_until(&text, ' ');
		if (is_term(t, term))
			return true;
		if (is_all(t))
			return false;
	}
	return false;
}

/* Before `all`: what stands behind it is never evaluated (RFC 7208 §5.1), and goes. */
static const char *with_term(struct arena *a, struct slice text, const char *term)
{
	struct buf b;
	bool placed = false;
	buf_init(&b);
	while (text.len > 0) {
		struct slice t = slice_until(&text, ' ');
		if (t.len == 0 || is_term(t, term))
			continue;
		if (!placed && ends_evaluation(t)) {
			buf_addf(&b, "%s%s", b.len > 0 ? " " : "", term);
			placed = true;
		}
		buf_addf(&b, "%s%.*s", b.len > 0 ? " " : "", (int)t.len, t.ptr);
	}
	if (!placed)
		buf_addf(&b, " %s", term);
	const char *rdata = txt_quote(a, buf_slice(&b));
	buf_release(&b);
	return rdata;
}

static int refuse_many(struct arena *a, const char *domain, size_t n, struct err *e)
{
	err_set(e, ERR_REFUSED, "planning the SPF record of %s: there are %zu of them",
		dname_show(a, domain), n);
	return err_hint(e, "receivers ignore all of them (RFC 7208 §4.5): join them into "
			   "one TXT record, then plan again");
}

/* Without any record a soft one is made: `-all` would cut off senders that the domain has and
 * we do not know. */
int spf_add(struct arena *a, const char *domain, const struct rrset *before, const char *term,
	    const struct rrset **after_r, struct err *e)
{
	const char *old = NULL;
	size_t n = find_spf(a, before, &old);
	if (n > 1)
		return refuse_many(a, domain, n, e);
	*after_r = before;
	if (n == 1 && has_live_term(txt_join(a, old), term))
		return 0;
	const char *rdata;
	if (n == 1) {
		rdata = with_term(a, txt_join(a, old), term);
		before = rrset_without(a, before, old);
	} else {
		rdata = txt_quote(a, slice_str(arena_printf(a, "v=spf1 %s ~all", term)));
	}
	uint32_t ttl = *after_r != NULL ? (*after_r)->ttl : NEW_SPF_TTL;
	*after_r = before != NULL ? rrset_with(a, before, rdata, e)
				  : rrset_make(a, domain, RR_TXT, ttl, 1, &rdata, e);
	return *after_r != NULL ? 0 : -1;
}

static const char *without_term(struct arena *a, struct slice text, const char *term)
{
	struct buf b;
	buf_init(&b);
	while (text.len > 0) {
		struct slice t = slice_until(&text, ' ');
		if (t.len > 0 && !is_term(t, term))
			buf_addf(&b, "%s%.*s", b.len > 0 ? " " : "", (int)t.len, t.ptr);
	}
	const char *rdata = txt_quote(a, buf_slice(&b));
	buf_release(&b);
	return rdata;
}

int spf_remove(struct arena *a, const char *domain, const struct rrset *before, const char *term,
	       const struct rrset **after_r, struct err *e)
{
	const char *old = NULL;
	size_t n = find_spf(a, before, &old);
	*after_r = before;
	if (n > 1)
		return refuse_many(a, domain, n, e);
	if (n == 0 || !text_has_term(txt_join(a, old), term))
		return 0;
	const char *rdata = without_term(a, txt_join(a, old), term);
	const struct rrset *rest = rrset_without(a, before, old);
	*after_r = rest != NULL ? rrset_with(a, rest, rdata, e)
				: rrset_make(a, domain, RR_TXT, before->ttl, 1, &rdata, e);
	return *after_r != NULL ? 0 : -1;
}

bool spf_has(struct arena *a, const struct rrset *txt, const char *term)
{
	const char *rdata = NULL;
	return find_spf(a, txt, &rdata) == 1 && has_live_term(txt_join(a, rdata), term);
}
