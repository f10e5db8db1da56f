/*
 * DNS messages as a server might send them. What is parsed must print to records that
 * can be read again and then are the same; and our own reader must say what ldns says.
 */
#include "zone/wire_priv.h"

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

static void must(bool ok)
{
	if (!ok)
		abort();
}

static void same_sets(const struct rrset *const *x, const struct rrset *const *y, size_t n)
{
	for (size_t i = 0; i < n; i++)
		must(rrset_same(x[i], y[i]));
}

static void same_answer(const struct dns_answer *x, const struct dns_answer *y)
{
	must(x->id == y->id && x->opcode == y->opcode && x->rcode == y->rcode);
	must(x->qr == y->qr && x->aa == y->aa && x->tc == y->tc && x->rd == y->rd);
	must(x->ra == y->ra && x->ad == y->ad && x->has_opt == y->has_opt);
	must(x->has_ede == y->has_ede && x->ede == y->ede && str_eq(x->ede_text, y->ede_text));
	must(x->ttl_lowest == y->ttl_lowest && (x->ttl_mixed == NULL) == (y->ttl_mixed == NULL));
	must(x->ttl_mixed == NULL || rrset_same(x->ttl_mixed, y->ttl_mixed));
	must(str_eq(x->question.name, y->question.name) && x->question.type == y->question.type);
	must(x->answer_n == y->answer_n && x->authority_n == y->authority_n);
	must(x->additional_n == y->additional_n);
	same_sets(x->answer, y->answer, x->answer_n);
	same_sets(x->authority, y->authority, x->authority_n);
	same_sets(x->additional, y->additional, x->additional_n);
}

/* Whatever our own reader takes, ldns takes, too, for the same. */
static void compare_readers(struct arena *a, struct slice wire)
{
	struct err e = { 0 };
	const struct dns_answer *by_ldns = wire_read_ldns(a, wire, &e);
	const struct dns_answer *own = dns_answer_parse(a, wire, &e);
	must((by_ldns == NULL) == (own == NULL));
	if (own != NULL)
		same_answer(own, by_ldns);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct arena *a = arena_new();
	struct err e = { 0 };
	struct slice wire = { (const char *)data, size };
	compare_readers(a, wire);
	const struct dns_answer *ans = dns_answer_parse(a, wire, &e);
	for (size_t i = 0; ans != NULL && i < ans->answer_n; i++)
		reread(a, ans->answer[i]);
	for (size_t i = 0; ans != NULL && i < ans->authority_n; i++)
		reread(a, ans->authority[i]);
	for (size_t i = 0; ans != NULL && i < ans->additional_n; i++)
		reread(a, ans->additional[i]);
	arena_free(a);
	return 0;
}
