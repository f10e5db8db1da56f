/*
 * Words between blanks; each is looked up in the table of mechanisms and modifiers, whose row
 * says what may stand behind the name.
 *
 * Glued terms come first: "include:a.netinclude:b.net" is a well-formed domain-spec of the
 * grammar, so that no other rule would find it.
 */
#include "dns/spf_record.h"

#include "base/vec.h"
#include "dns/spf_domain.h"
#include "zone/dname.h"

enum argument { ARG_NONE, ARG_DOMAIN, ARG_MAYBE_DOMAIN, ARG_HOSTS, ARG_NETWORK, ARG_MACROS };

static const struct word {
	struct slice name;
	enum spf_kind kind;
	enum argument argument;
} words[] = {
	{ SLICE_LIT("all"), SPF_ALL, ARG_NONE },
	{ SLICE_LIT("include"), SPF_INCLUDE, ARG_DOMAIN },
	{ SLICE_LIT("a"), SPF_A, ARG_HOSTS },
	{ SLICE_LIT("mx"), SPF_MX, ARG_HOSTS },
	{ SLICE_LIT("ptr"), SPF_PTR, ARG_MAYBE_DOMAIN },
	{ SLICE_LIT("ip4"), SPF_IP4, ARG_NETWORK },
	{ SLICE_LIT("ip6"), SPF_IP6, ARG_NETWORK },
	{ SLICE_LIT("exists"), SPF_EXISTS, ARG_DOMAIN },
	{ SLICE_LIT("redirect"), SPF_REDIRECT, ARG_DOMAIN },
	{ SLICE_LIT("exp"), SPF_EXP, ARG_DOMAIN },
};

enum { WORDS = sizeof(words) / sizeof(words[0]) };

static const struct slice version = SLICE_LIT("v=spf1");

bool spf_is_record(struct slice text)
{
	return slice_starts_nocase(text, version) &&
	       (text.len == version.len || text.ptr[version.len] == ' ');
}

static bool is_qualifier(char c)
{
	return c == '+' || c == '-' || c == '~' || c == '?';
}

/* name = ALPHA *( ALPHA / DIGIT / "-" / "_" / "." ); 0 when there is none. */
static size_t name_len(struct slice s)
{
	size_t i = 0;
	while (i < s.len) {
		char c = s.ptr[i];
		bool alpha = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
		bool other = (c >= '0' && c <= '9') || c == '-' || c == '_' || c == '.';
		if (!alpha && (i == 0 || !other))
			break;
		i++;
	}
	return i;
}

static bool ends_nocase(struct slice s, struct slice end)
{
	return s.len >= end.len &&
	       slice_eq_nocase((struct slice){ s.ptr + s.len - end.len, end.len }, end);
}

/* "…-all": no top-level name looks like that. */
static bool ends_in_all(struct slice term)
{
	static const struct slice all = SLICE_LIT("all");
	return term.len > all.len + 1 && ends_nocase(term, all) &&
	       is_qualifier(term.ptr[term.len - all.len - 1]);
}

/* A separator at `at` ends a mechanism's or modifier's name that begins inside another term. */
static bool begins_inside(struct slice term, size_t at)
{
	struct slice before = { term.ptr, at };
	bool v6 = slice_starts_nocase(term, SLICE_LIT("ip6:"));
	for (size_t i = 0; i < WORDS; i++) {
		bool modifier = words[i].kind >= SPF_REDIRECT;
		if (words[i].argument == ARG_NONE || modifier != (term.ptr[at] == '=') ||
		    before.len <= words[i].name.len || !ends_nocase(before, words[i].name))
			continue;
		/* In an IPv6 address "a:" is two of its digits. */
		if (!v6 || words[i].kind != SPF_A)
			return true;
	}
	return false;
}

/* `term` without qualifier. In "mxinclude:x" the first separator counts already. */
static bool is_glued(struct slice term)
{
	size_t first = name_len(term);
	bool known = false;
	for (size_t i = 0; i < WORDS; i++)
		known = known || slice_eq_nocase((struct slice){ term.ptr, first }, words[i].name);
	if (!known && first < term.len && term.ptr[first] == '=')
		return false; /* the value of an unknown modifier is free */
	if (ends_in_all(term))
		return true;
	for (size_t i = known ? first + 1 : first; i < term.len; i++) {
		/* The name "a" ends too many words that are just misspelt. */
		if ((term.ptr[i] == ':' || term.ptr[i] == '=') && begins_inside(term, i) &&
		    (i > first || !ends_nocase((struct slice){ term.ptr, i }, SLICE_LIT("a"))))
			return true;
	}
	return false;
}

static const char *canon(struct arena *a, struct slice name)
{
	struct err e = { 0 };
	return dname_canon(a, arena_slice(a, name), &e);
}

/* "a", "a:x", "a/24", "a:x/24//64" */
static const char *read_hosts(struct spf_directive *d, char separator)
{
	if (separator == '/') /* the value shall begin with it */
		d->value = (struct slice){ d->value.ptr - 1, d->value.len + 1 };
	if (!spf_cut_cidr(&d->value, &d->cidr4, &d->cidr6))
		return "the prefix length must be 0 to 32 (\"/\"), 0 to 128 (\"//\")";
	if (separator == '/')
		return d->value.len > 0 ? "the prefix length is no number" : NULL;
	return separator == ':' ? spf_domain_wrong(d->value, &d->has_macros) : NULL;
}

/* What stands behind the name; `separator` is '\0' when nothing does. */
static const char *read_value(struct spf_directive *d, enum argument argument, char separator)
{
	if (argument != ARG_HOSTS && separator == '/')
		return "a prefix length has no place here";
	switch (argument) {
	case ARG_NONE: return separator != '\0' ? "nothing may follow \"all\"" : NULL;
	case ARG_HOSTS: return read_hosts(d, separator);
	case ARG_NETWORK:
		return spf_network_wrong(d->value, d->kind == SPF_IP6,
					 d->kind == SPF_IP6 ? &d->cidr6 : &d->cidr4);
	case ARG_MACROS: return spf_macros_wrong(d->value, &d->has_macros);
	case ARG_MAYBE_DOMAIN:
		if (separator == '\0')
			return NULL;
		break;
	case ARG_DOMAIN: break;
	}
	return spf_domain_wrong(d->value, &d->has_macros);
}

/* The row of a name; a modifier that is not in the table gets one that says so. */
static const struct word *find_word(struct slice name, bool modifier)
{
	static const struct word other = { { NULL, 0 }, SPF_OTHER, ARG_MACROS };
	for (size_t i = 0; i < WORDS; i++) {
		if (slice_eq_nocase(words[i].name, name) &&
		    modifier == (words[i].kind >= SPF_REDIRECT))
			return &words[i];
	}
	return modifier ? &other : NULL;
}

/* One term; NULL, or what is wrong. */
static const char *read_term(struct arena *a, struct slice term, struct spf_directive *d)
{
	*d = (struct spf_directive){ .qualifier = '+', .text = term, .cidr4 = 32, .cidr6 = 128 };
	bool qualified = is_qualifier(term.ptr[0]);
	if (qualified) {
		d->qualifier = term.ptr[0];
		term = (struct slice){ term.ptr + 1, term.len - 1 };
	}
	size_t len = name_len(term);
	char separator = '\0';
	if (len < term.len)
		separator = term.ptr[len];
	if (len == 0 || (len < term.len && !str_has(":/=", separator)))
		return "it is neither a mechanism nor a modifier";
	bool modifier = separator == '=';
	const struct word *w = find_word((struct slice){ term.ptr, len }, modifier);
	if (w == NULL)
		return "there is no such mechanism";
	if (modifier && qualified)
		return "a modifier takes no sign before its name";
	d->kind = w->kind;
	if (len < term.len)
		d->value = (struct slice){ term.ptr + len + 1, term.len - len - 1 };
	const char *why = read_value(d, w->argument, separator);
	bool has_domain = w->argument == ARG_DOMAIN || w->argument == ARG_HOSTS ||
			  w->argument == ARG_MAYBE_DOMAIN;
	if (why == NULL && has_domain && d->value.len > 0 && !d->has_macros) {
		d->name = canon(a, d->value);
		why = d->name == NULL ? "that is no domain name" : NULL;
	}
	return why;
}

static void add_mistake(struct spf_record *r, struct spf_mistake m)
{
	if (r->mistake_n < SPF_MISTAKES_MAX)
		r->mistakes[r->mistake_n] = m;
	r->mistake_n++;
}

/* §6: redirect and exp at most once. */
static const char *read_once(struct arena *a, struct slice term, struct spf_directive *d,
			     bool seen[2])
{
	const char *why = read_term(a, term, d);
	if (why != NULL || (d->kind != SPF_REDIRECT && d->kind != SPF_EXP))
		return why;
	bool *before = &seen[d->kind == SPF_EXP];
	why = *before ? "it stands there twice" : NULL;
	*before = true;
	return why;
}

const struct spf_record *spf_parse(struct arena *a, struct slice text)
{
	struct spf_record *r = ARENA_NEW(a, struct spf_record);
	VEC(struct spf_directive) list = { 0 };
	bool seen[2] = { false, false };
	struct slice rest = text;
	(void)slice_until(&rest, ' '); /* the version */
	while (rest.len > 0) {
		struct spf_directive d;
		struct slice term = slice_until(&rest, ' ');
		if (term.len == 0)
			continue;
		size_t sign = is_qualifier(term.ptr[0]);
		bool glued = is_glued((struct slice){ term.ptr + sign, term.len - sign });
		const char *why = glued ? "two terms are joined without a blank"
					: read_once(a, term, &d, seen);
		if (why != NULL)
			add_mistake(r, (struct spf_mistake){ (size_t)(term.ptr - text.ptr), term,
							     why, glued });
		else
			*vec_push(a, &list) = d;
	}
	r->directives = list.at;
	r->n = list.n;
	while (r->all_at < r->n && list.at[r->all_at].kind != SPF_ALL)
		r->all_at++;
	return r;
}

bool spf_is_live(const struct spf_record *r, size_t i)
{
	if (r->directives[i].kind == SPF_REDIRECT)
		return r->all_at == r->n;
	return i <= r->all_at || r->directives[i].kind > SPF_REDIRECT;
}

const char *spf_directive_name(const struct spf_directive *d, const char *domain)
{
	if (d->has_macros || d->name != NULL)
		return d->name;
	bool own = d->kind == SPF_A || d->kind == SPF_MX || d->kind == SPF_PTR;
	return own ? domain : NULL;
}
