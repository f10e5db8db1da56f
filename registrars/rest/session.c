/*
 * A look-up takes the first row that fits; what a login or a look-up takes are variables of the
 * session.
 */
#include "registrars/rest/session.h"

#include "registrars/rest/listing.h"
#include "registrars/rest/totp.h"
#include "zone/dname.h"

static int login(struct rest *r, struct err *e)
{
	const struct body_scope scope = { .vars = { .up = &r->vars } };
	const struct exchange x = { .request = &r->desc->login, .scope = &scope };
	struct answer answer;
	struct arena *a = arena_new();
	if (!r->desc->has_login) {
		arena_free(a);
		return 0;
	}
	int rc = rest_exchange(r, a, &x, &answer, e);
	if (rc == 0)
		rc = rest_take(r, &r->desc->login.take, answer.json, e);
	answer_release(&answer);
	arena_free(a);
	return rc == 0 ? 0 : err_wrap(e, "logging in at %s", r->desc->title);
}

struct looking {
	struct rest *r;
	const struct desc_lookup *l;
	bool found;
};

static bool row_matches(const struct looking *k, const struct js *item, struct arena *a,
			struct err *e)
{
	for (size_t i = 0; i < k->l->where.n; i++) {
		const struct desc_field *f = &k->l->where.at[i];
		const char *want = vars_text(&k->r->vars, a, f->text, e);
		const char *text = body_text_at(a, item, f->name);
		if (want == NULL || text == NULL || !str_eq_nocase(text, want))
			return false;
	}
	return true;
}

/* 1 ends the look-up: the first that fits is taken. */
static int look_at(void *ctx, const struct js *item, struct err *e)
{
	struct looking *k = ctx;
	struct arena *a = arena_new();
	k->found = row_matches(k, item, a, e);
	arena_free(a);
	if (!k->found)
		return 0;
	return rest_take(k->r, &k->l->take, item, e) == 0 ? 1 : -1;
}

static int look_up(struct rest *r, const struct desc_lookup *l, struct err *e)
{
	const struct body_scope scope = { .vars = { .up = &r->vars } };
	struct looking k = { r, l, false };
	const struct listing listing = { &l->list, &scope, true, look_at, &k };
	if (l->unless != NULL && vars_get(&r->vars, l->unless) != NULL)
		return 0;
	if (listing_run(r, &listing, e) != 0)
		return err_wrap(e, "looking for %s at %s", r->zone, r->desc->title);
	if (k.found)
		return 0;
	(void)err_set(e, ERR_REFUSED, "%s does not have the zone %s in this account",
		      r->desc->title, dname_show(r->a, r->zone));
	return err_hint(e, "%s",
			l->missing != NULL ? l->missing
					   : "is it the right account, and the right key?");
}

int session_ready(struct rest *r, struct err *e)
{
	if (r->ready)
		return 0;
	if (login(r, e) != 0 || totp_login(r, e) != 0)
		return -1;
	for (size_t i = 0; i < r->desc->lookup_n; i++) {
		if (look_up(r, &r->desc->lookups[i], e) != 0)
			return -1;
	}
	r->ready = true;
	return 0;
}
