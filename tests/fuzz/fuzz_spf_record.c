/*
 * SPF records: whatever bytes come, each term is either a directive or a mistake, what a
 * directive was written as is read as the same again, and the questions stay within their
 * limit.
 */
#include <stdint.h>
#include <stdlib.h>

#include "dns/spf_record.h"
#include "dns/spf_terms.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void require(bool ok)
{
	if (!ok)
		abort();
}

static size_t terms(struct slice text)
{
	size_t n = 0;
	(void)slice_until(&text, ' ');
	while (text.len > 0)
		n += slice_until(&text, ' ').len > 0;
	return n;
}

static void again(struct arena *a, const struct spf_directive *d)
{
	const char *text = arena_printf(a, "v=spf1 %s", arena_slice(a, d->text));
	const struct spf_record *r = spf_parse(a, slice_str(text));
	require(r->n == 1 && r->mistake_n == 0 && r->directives[0].kind == d->kind &&
		r->directives[0].qualifier == d->qualifier && r->directives[0].cidr4 == d->cidr4 &&
		r->directives[0].cidr6 == d->cidr6 && slice_eq(r->directives[0].value, d->value));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct arena *a = arena_new();
	struct slice text = { (const char *)data, size };
	const struct dns_question *questions = NULL;
	const struct spf_term *names = NULL;
	const struct spf_record *r = spf_parse(a, text);
	require(r->n + r->mistake_n == terms(text));
	for (size_t i = 0; i < r->n && i < 64; i++)
		again(a, &r->directives[i]);
	for (size_t i = 0; i < r->mistake_n && i < SPF_MISTAKES_MAX; i++)
		require(r->mistakes[i].at + r->mistakes[i].term.len <= size);
	require(spf_questions(a, "x.net.", arena_slice(a, text), &questions) <= 64);
	(void)spf_terms(a, arena_slice(a, text), &names);
	arena_free(a);
	return 0;
}
