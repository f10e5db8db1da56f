/*
 * Only what must be fetched is read here: the records of a name, and the names that they
 * pull in. Mechanisms that need a sender's address (a, mx, exists, ptr) are evaluated by
 * receivers, not by us; a term that cannot be read is passed over.
 */
#include "dns/spf_terms.h"

#include <string.h>

#include "base/vec.h"
#include "zone/dname.h"

/* RFC 7208 §4.5: the version is followed by a blank or the end; case does not count. */
static bool is_spf(struct slice text)
{
	static const struct slice version = SLICE_LIT("v=spf1");
	return slice_starts_nocase(text, version) &&
	       (text.len == version.len || text.ptr[version.len] == ' ');
}

size_t spf_records(struct arena *a, const struct rrset *txt, const char *const **texts_r)
{
	VEC(const char *) list = { 0 };
	for (size_t i = 0; txt != NULL && i < txt->n; i++) {
		struct slice text = txt_join(a, txt->rdata[i]);
		if (!is_spf(text))
			continue;
		char *shown = arena_slice(a, text);
		str_make_printable(shown);
		*vec_push(a, &list) = shown;
	}
	*texts_r = list.at;
	return list.n;
}

/* The domain behind "include:" or "redirect="; macros depend on a message. */
static const char *term_name(struct arena *a, struct slice value)
{
	struct err e = { 0 };
	if (value.len == 0 || memchr(value.ptr, '%', value.len) != NULL)
		return NULL;
	return dname_canon(a, arena_slice(a, value), &e);
}

/* A qualifier may stand before include (RFC 7208 §4.6.1). */
static bool read_term(struct arena *a, struct slice word, struct spf_term *term_r)
{
	static const struct slice include = SLICE_LIT("include:");
	static const struct slice redirect = SLICE_LIT("redirect=");
	if (word.len > 0 && strchr("+-~?", word.ptr[0]) != NULL)
		word = (struct slice){ word.ptr + 1, word.len - 1 };
	term_r->redirect = slice_starts_nocase(word, redirect);
	if (!term_r->redirect && !slice_starts_nocase(word, include))
		return false;
	size_t skip = term_r->redirect ? redirect.len : include.len;
	term_r->name = term_name(a, (struct slice){ word.ptr + skip, word.len - skip });
	return true;
}

size_t spf_terms(struct arena *a, const char *record, const struct spf_term **terms_r)
{
	VEC(struct spf_term) list = { 0 };
	struct slice rest = slice_str(record);
	while (rest.len > 0) {
		struct spf_term term;
		if (read_term(a, slice_until(&rest, ' '), &term))
			*vec_push(a, &list) = term;
	}
	*terms_r = list.at;
	return list.n;
}
