/*
 * What became of the ownership record. An answer that could not be read counts neither way.
 */
#include <string.h>

#include "dns/check/ownership.h"
#include "zone/dname.h"

bool ownership_is_wanted(const struct checking *c)
{
	return c->in->ownership_name != NULL && c->in->ownership_txt != NULL &&
	       c->in->phase != PHASE_POST;
}

bool ownership_has_token(const struct checking *c, const struct rrset *set)
{
	for (size_t i = 0; set != NULL && i < set->n; i++) {
		if (slice_eq(txt_join(c->a, set->rdata[i]), slice_str(c->in->ownership_txt)))
			return true;
	}
	return false;
}

/* Only servers that are OK: a lame one's answer is not the zone's. NULL: nothing certain. */
static const struct seen *answer_of(const struct checking *c, size_t server)
{
	const struct server_view *v = &c->s->servers[server];
	const struct seen *seen = server_seen(v, c->in->ownership_name, RR_TXT);
	return v->state == SERVER_OK && check_is_readable(seen) ? seen : NULL;
}

bool ownership_lags(const struct checking *c, const struct seen *seen)
{
	bool any = false;
	if (!ownership_is_wanted(c) || seen->question.type != RR_TXT ||
	    !dname_equal(seen->question.name, c->in->ownership_name))
		return false;
	for (size_t i = 0; i < c->s->server_n; i++) {
		const struct seen *own = answer_of(c, i);
		if (own != NULL && !ownership_has_token(c, own->rrset))
			return false;
		any = any || own != NULL;
	}
	return any && check_is_readable(seen) && !ownership_has_token(c, seen->rrset);
}

/* Lower case, and no blanks: what is left is what a person meant to type. */
static const char *essence(struct arena *a, const char *text)
{
	char *copy = arena_strdup(a, text);
	char *to = copy;
	for (const char *p = copy; *p != '\0'; p++) {
		if (*p != ' ' && *p != '\t')
			*to++ = *p;
	}
	*to = '\0';
	str_lower(copy);
	return copy;
}

/* Two letters' worth of mistakes, of which a swap counts as one; in a short token they would be
 * the half of it. */
bool ownership_is_near(struct arena *a, const char *want, const char *have)
{
	size_t allowed = strlen(want) >= 10 ? 2 : 1;
	return str_eq(essence(a, want), essence(a, have)) || str_distance(want, have) <= allowed;
}

/* "MS=", "google-site-verification=": up to the first sign that ends a key. "" when the token has
 * none. */
static struct slice key_of(const char *token)
{
	size_t n = strcspn(token, "=:");
	return (struct slice){ token, token[n] != '\0' ? n + 1 : 0 };
}

/* Everything that is at the name at any server, as printable text. */
static const char *find_text(struct checking *c, bool (*fits)(struct checking *, const char *))
{
	for (size_t i = 0; i < c->s->server_n; i++) {
		const struct seen *seen = answer_of(c, i);
		for (size_t k = 0; seen != NULL && seen->rrset != NULL && k < seen->rrset->n; k++) {
			char *text = arena_slice(c->a, txt_join(c->a, seen->rrset->rdata[k]));
			str_make_printable(text);
			if (fits(c, text))
				return text;
		}
	}
	return NULL;
}

static bool fits_quoted(struct checking *c, const char *text)
{
	struct slice s = slice_str(text);
	bool quoted = s.len > 0 && (s.ptr[0] == '"' || s.ptr[s.len - 1] == '"');
	while (s.len > 0 && s.ptr[0] == '"')
		s = (struct slice){ s.ptr + 1, s.len - 1 };
	while (s.len > 0 && s.ptr[s.len - 1] == '"')
		s.len--;
	return quoted && slice_eq(slice_trim(s), slice_str(c->in->ownership_txt));
}

static bool fits_near(struct checking *c, const char *text)
{
	return ownership_is_near(c->a, c->in->ownership_txt, text);
}

static bool fits_key(struct checking *c, const char *text)
{
	struct slice key = key_of(c->in->ownership_txt);
	return key.len > 1 && slice_starts_nocase(slice_str(text), key);
}

/* Readable servers of which none has it. */
static bool is_absent(const struct checking *c)
{
	bool any = false;
	for (size_t i = 0; i < c->s->server_n; i++) {
		const struct seen *seen = answer_of(c, i);
		if (seen != NULL && ownership_has_token(c, seen->rrset))
			return false;
		any = any || seen != NULL;
	}
	return any;
}

/* An alias at the zone's own top hides more than this record, and has a check of its own. */
static const char *alias_target(const struct checking *c)
{
	for (size_t i = 0; i < c->s->server_n; i++) {
		const struct seen *seen = answer_of(c, i);
		if (seen != NULL && seen->alias != NULL)
			return seen->alias;
	}
	return NULL;
}

/* Where people put it by mistake was looked up; whatever other name has the exact token counts,
 * the domain itself as well. A wildcard's probe comes last: it would answer for all. */
static bool find_elsewhere(const struct checking *c, struct ownership_case *oc)
{
	const struct rrset *own = NULL;
	for (size_t i = 0; i < c->s->lookup_n; i++) {
		const struct lookup *l = &c->s->lookups[i];
		if (l->seen.question.type != RR_TXT || l->seen.state != SEEN_DATA ||
		    dname_equal(l->seen.question.name, c->in->ownership_name) ||
		    !ownership_has_token(c, l->seen.rrset))
			continue;
		oc->lookup = l;
		oc->name = l->seen.question.name;
		return true;
	}
	if (dname_equal(c->in->ownership_name, c->s->domain) ||
	    !snapshot_rrset(c->s, c->s->domain, RR_TXT, &own, NULL) || !ownership_has_token(c, own))
		return false;
	oc->name = c->s->domain;
	return true;
}

struct ownership_case ownership_judge(struct checking *c)
{
	struct ownership_case oc = { .fault = OWNERSHIP_FINE };
	if (!ownership_is_wanted(c) || !is_absent(c))
		return oc;
	if ((oc.value = alias_target(c)) != NULL)
		oc.fault = OWNERSHIP_ALIAS;
	else if ((oc.value = find_text(c, fits_quoted)) != NULL)
		oc.fault = OWNERSHIP_QUOTED;
	else if ((oc.value = find_text(c, fits_near)) != NULL)
		oc.fault = OWNERSHIP_MISTYPED;
	else if (find_elsewhere(c, &oc))
		oc.fault = OWNERSHIP_ELSEWHERE;
	else if ((oc.value = find_text(c, fits_key)) != NULL)
		oc.fault = OWNERSHIP_OTHER;
	else
		oc.fault = OWNERSHIP_ABSENT;
	return oc;
}

/* Where two texts part. */
static size_t common_start(const char *a, const char *b)
{
	size_t n = 0;
	while (a[n] != '\0' && a[n] == b[n])
		n++;
	return n;
}

static bool is_swapped_at(const char *want, const char *have, size_t at)
{
	return want[at] != '\0' && want[at + 1] != '\0' && want[at] == have[at + 1] &&
	       want[at + 1] == have[at] && str_eq(want + at + 2, have + at + 2);
}

const char *ownership_difference(struct arena *a, const char *want, const char *have)
{
	size_t at = common_start(want, have);
	if (str_eq_nocase(want, have))
		return "only upper and lower case differ";
	if (str_eq(essence(a, want), essence(a, have)))
		return "it has blanks that do not belong there, or lacks one";
	if (is_swapped_at(want, have, at))
		return arena_printf(a, "characters %zu and %zu are swapped (\"%.2s\" for \"%.2s\")",
				    at + 1, at + 2, have + at, want + at);
	if (have[at] == '\0')
		return arena_printf(a, "the end is missing (\"%s\")", want + at);
	return arena_printf(a, "from character %zu on it reads \"%.24s\", not \"%.24s\"", at + 1,
			    have + at, want + at);
}
