/*
 * Of the credentials only a hash is kept, and only in this process: it tells whether the row
 * was corrected. A licence or a permission that was missing is mended elsewhere, so
 * parking ends by itself, too.
 */
#include "flow/copy_parked.h"

#include <stdlib.h>
#include <string.h>

#include "base/digest.h"
#include "base/vec.h"

#define PARKED_MS (INT64_C(6) * 3600 * 1000)

struct parked {
	const char *address;
	unsigned char login[SHA256_LEN];
	int64_t since_ms; /* 0: let go */
	struct err why;
};

struct copy_parked {
	struct arena *arena; /* owned */
	VEC(struct parked) list;
};

struct copy_parked *copy_parked_new(void)
{
	struct copy_parked *p = mem_alloc(sizeof(*p));
	p->arena = arena_new();
	return p;
}

void copy_parked_free(struct copy_parked *p)
{
	if (p == NULL)
		return;
	for (size_t i = 0; i < p->list.n; i++)
		secret_wipe(p->list.at[i].login, SHA256_LEN);
	arena_free(p->arena);
	free(p);
}

static void add_login(struct sha256 *h, const struct migrate_endpoint *ep)
{
	struct slice password = ep->password != NULL ? secret_expose(ep->password) : slice_str("");
	const char *user = ep->user != NULL ? ep->user : "";
	sha256_add(h, user, strlen(user) + 1);
	sha256_add(h, password.ptr, password.len);
	sha256_add(h, "", 1);
}

static void login_of(const struct migrate_mailbox *m, unsigned char sha[SHA256_LEN])
{
	struct sha256 *h = sha256_new();
	add_login(h, &m->src);
	add_login(h, &m->dst);
	sha256_finish(h, sha);
	sha256_free(h);
}

static struct parked *find(const struct copy_parked *p, const char *address)
{
	for (size_t i = 0; i < p->list.n; i++)
		if (str_eq(p->list.at[i].address, address))
			return &p->list.at[i];
	return NULL;
}

void copy_parked_note(struct copy_parked *p, const struct migrate_mailbox *m, const struct err *why,
		      int64_t now_ms, struct log *log)
{
	struct parked *known = find(p, m->address);
	if (why->kind != ERR_ACCOUNT) {
		if (known != NULL)
			known->since_ms = 0;
		return;
	}
	if (known == NULL) {
		known = vec_push(p->arena, &p->list);
		known->address = arena_strdup(p->arena, m->address);
	}
	login_of(m, known->login);
	known->since_ms = now_ms;
	known->why = *why;
	if (log != NULL)
		log_warn(log, "%s (row %zu of the CSV) is left alone until its row changes: %s",
			 m->address, m->row, why->text);
}

const struct err *copy_parked_reason(const struct copy_parked *p, const struct migrate_mailbox *m,
				     const struct word *word, int64_t now_ms)
{
	unsigned char login[SHA256_LEN];
	const struct parked *known = find(p, m->address);
	if (known == NULL || known->since_ms == 0 || now_ms - known->since_ms >= PARKED_MS)
		return NULL;
	if (word != NULL && word->verb == WORD_START && word->at_ms >= known->since_ms)
		return NULL;
	login_of(m, login);
	return digest_equal(login, known->login, SHA256_LEN) ? &known->why : NULL;
}
