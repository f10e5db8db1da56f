/*
 * A look-up takes the first row that fits; what a login or a look-up takes are variables of the
 * session.
 */
#include "registrars/rest/session.h"

#include "registrars/rest/listing.h"
#include "registrars/rest/signer.h"
#include "registrars/rest/totp.h"
#include "zone/dname.h"

enum { EARLY_MS = 60 * 1000 }; /* a token is made anew so long before it ends */

/* The answer's own time, so that a clock which is wrong here does no harm. */
static int ask_time(struct rest *r, struct arena *a, struct err *e)
{
	const struct body_scope scope = { .vars = { .up = &r->vars } };
	const struct exchange x = { .request = &r->desc->signer.time, .scope = &scope };
	struct answer answer;
	uint64_t now_s = 0;
	int rc = rest_exchange(r, a, &x, &answer, e);
	const char *text = rc == 0 ? body_text_at(a, answer.json, "") : NULL;
	if (rc == 0 &&
	    (text == NULL || !slice_to_u64(slice_str(text), &now_s) || now_s > UINT32_MAX))
		rc = err_set(e, ERR_WORLD, "%s did not tell its time in seconds", r->desc->title);
	if (rc == 0)
		r->ahead_s = (int64_t)now_s - clock_now_ms(r->host->clock) / 1000;
	answer_release(&answer);
	return rc;
}

static int begin_signing(struct rest *r, struct arena *a, struct err *e)
{
	const struct desc_signer *d = &r->desc->signer;
	if (d->kind == NULL)
		return 0;
	if (d->kind->needs_time && !r->ready && ask_time(r, a, e) != 0)
		return -1;
	const struct signing s = {
		.desc = d,
		.vars = &r->vars,
		.now_s = clock_now_ms(r->host->clock) / 1000 + r->ahead_s,
		.rng = r->host->rng,
	};
	return d->kind->begin != NULL ? d->kind->begin(&s, r->a, &r->vars, e) : 0;
}

/* What a login answers with opens the account as well as a password does. */
static void keep_tokens(struct rest *r, const struct desc_fields *take)
{
	for (size_t i = 0; i < take->n; i++) {
		const char *token = vars_get(&r->vars, take->at[i].name);
		if (token != NULL)
			vars_set(&r->vars, r->a, take->at[i].name,
				 rest_keep_secret(r, slice_str(token)));
	}
}

static int send_login(struct rest *r, struct arena *a, struct err *e)
{
	const struct desc_request *login = &r->desc->login;
	const struct body_scope scope = { .vars = { .up = &r->vars } };
	const struct exchange x = { .request = login, .scope = &scope };
	struct answer answer;
	int rc = rest_exchange(r, a, &x, &answer, e);
	if (rc == 0)
		rc = rest_take(r, &login->take, answer.json, e);
	if (rc == 0)
		keep_tokens(r, &login->take);
	answer_release_wiped(&answer);
	r->login_until_ms = clock_mono_ms(r->host->clock) + (int64_t)login->for_s * 1000 - EARLY_MS;
	return rc == 0 ? 0 : err_wrap(e, "logging in at %s", r->desc->title);
}

/* What was given instead of a login (a ready token) is used as long as it is good. */
static bool is_login_due(const struct rest *r)
{
	const struct desc_request *login = &r->desc->login;
	if (!r->logged_in)
		return !r->desc->has_login || login->unless == NULL ||
		       vars_get(&r->vars, login->unless) == NULL;
	return r->desc->has_login && login->for_s != 0 &&
	       clock_mono_ms(r->host->clock) >= r->login_until_ms;
}

static int login(struct rest *r, struct err *e)
{
	if (!is_login_due(r))
		return 0;
	struct arena *a = arena_new_wiped();
	int rc = begin_signing(r, a, e);
	if (rc == 0 && r->desc->has_login)
		rc = send_login(r, a, e);
	if (rc == 0)
		rc = totp_login(r, e);
	arena_free(a);
	r->logged_in |= rc == 0;
	return rc;
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
	const struct listing listing = {
		.list = &l->list, .scope = &scope, .may_miss = true, .each = look_at, .ctx = &k
	};
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
	if (login(r, e) != 0)
		return -1;
	for (size_t i = 0; !r->ready && i < r->desc->lookup_n; i++) {
		if (look_up(r, &r->desc->lookups[i], e) != 0)
			return -1;
	}
	r->ready = true;
	return 0;
}
