/*
 * Only what must be fetched is read here: the records of a name, and the names that they
 * lead to. A term that cannot be read is passed over; that it is wrong is a check's to say.
 */
#include "dns/spf_terms.h"

#include "base/vec.h"
#include "dns/spf_record.h"
#include "zone/dname.h"

/* A record may have thousands of terms; a receiver gives up after ten. */
enum { QUESTIONS_MAX = 64 };

/* A NUL would end the text for all who read it later. */
static const char *shown(struct arena *a, struct slice text)
{
	char *s = arena_slice(a, text);
	for (size_t i = 0; i < text.len; i++) {
		if (s[i] == '\0')
			s[i] = '?';
	}
	str_make_printable(s);
	return s;
}

size_t spf_records(struct arena *a, const struct rrset *txt, const char *const **texts_r)
{
	VEC(const char *) list = { 0 };
	for (size_t i = 0; txt != NULL && i < txt->n; i++) {
		struct slice text = txt_join(a, txt->rdata[i]);
		if (spf_is_record(text))
			*vec_push(a, &list) = shown(a, text);
	}
	*texts_r = list.at;
	return list.n;
}

size_t spf_terms(struct arena *a, const char *record, const struct spf_term **terms_r)
{
	const struct spf_record *r = spf_parse(a, slice_str(record));
	VEC(struct spf_term) list = { 0 };
	for (size_t i = 0; i < r->n; i++) {
		const struct spf_directive *d = &r->directives[i];
		if (d->kind == SPF_INCLUDE || d->kind == SPF_REDIRECT)
			*vec_push(a, &list) = (struct spf_term){ d->kind == SPF_REDIRECT, d->name };
	}
	*terms_r = list.at;
	return list.n;
}

struct questions {
	struct arena *a;
	VEC(struct dns_question) list;
};

static void add_question(struct questions *q, const char *name, uint16_t type)
{
	for (size_t i = 0; i < q->list.n; i++) {
		if (q->list.at[i].type == type && dname_equal(q->list.at[i].name, name))
			return;
	}
	if (q->list.n < QUESTIONS_MAX)
		*vec_push(q->a, &q->list) = (struct dns_question){ name, type };
}

size_t spf_questions(struct arena *a, const char *domain, const char *record,
		     const struct dns_question **questions_r)
{
	const struct spf_record *r = spf_parse(a, slice_str(record));
	struct questions q = { .a = a };
	for (size_t i = 0; i < r->n && q.list.n < QUESTIONS_MAX; i++) {
		const struct spf_directive *d = &r->directives[i];
		const char *name = spf_directive_name(d, domain);
		if (name == NULL || !spf_is_live(r, i))
			continue;
		if (d->kind == SPF_A || d->kind == SPF_EXISTS)
			add_question(&q, name, RR_A);
		if (d->kind == SPF_A)
			add_question(&q, name, RR_AAAA);
		if (d->kind == SPF_MX)
			add_question(&q, name, RR_MX);
	}
	*questions_r = q.list.at;
	return q.list.n;
}
