/*
 * DNS messages as a server might send them. What is parsed must print to records that
 * can be read again and then are the same.
 */
#include "zone/wire.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void reread(struct arena *a, const struct rrset *s)
{
	struct err e = { 0 };
	const struct rrset *again = rrset_make(a, s->name, s->type, s->ttl, s->n, s->rdata, &e);
	if (again == NULL || !rrset_same(s, again)) {
		struct buf b;
		buf_init(&b);
		rrset_print(s, &b);
		(void)fprintf(stderr, "%s%s\n", b.at, e.text);
		buf_release(&b);
		abort();
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct arena *a = arena_new();
	struct err e = { 0 };
	const struct dns_answer *ans = dns_answer_parse(
		a, (struct slice){ (const char *)data, size }, &e);
	for (size_t i = 0; ans != NULL && i < ans->answer_n; i++)
		reread(a, ans->answer[i]);
	for (size_t i = 0; ans != NULL && i < ans->authority_n; i++)
		reread(a, ans->authority[i]);
	for (size_t i = 0; ans != NULL && i < ans->additional_n; i++)
		reread(a, ans->additional[i]);
	arena_free(a);
	return 0;
}
