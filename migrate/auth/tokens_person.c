/*
 * Logins that need a person: device code (RFC 8628), for which any browser does, and
 * authorization code with PKCE (RFC 7636) on a loopback redirect (RFC 8252 §7.3), where device
 * codes are blocked. Both wait for the person, with an end to it.
 */
#include "base/arena.h"
#include "io/loopback.h"
#include "io/wait.h"
#include "migrate/auth/tokens_priv.h"

enum { BROWSER_WAIT_MS = 10 * 60 * 1000 };

static int nobody_there(const struct token_opts *o, struct err *e)
{
	err_set(e, ERR_ACCOUNT, "logging in at the %s needs a person", o->side);
	return err_hint(
		e, "run `cutover copy --check-logins` on a terminal once; the refresh token is "
		   "kept when auth.cache is not none");
}

/* ---- device code ---- */

static int device_begin(const struct token_opts *o, struct oauth_device *d, struct err *e)
{
	struct buf form;
	struct token_reply reply;
	oauth_form_init(&form);
	oauth_form_device(&o->app, &form);
	int rc = tokens_post(o, o->app.device_url, &form, &reply, e);
	if (rc == 0) {
		rc = oauth_device_parse(buf_slice(&reply.body), o->app.device_url, d, e);
		oauth_form_wipe(&reply.body);
	}
	oauth_form_wipe(&form);
	return rc;
}

static int device_poll(const struct token_opts *o, const struct oauth_device *d,
		       struct oauth_answer *answer_r, struct err *e)
{
	struct buf form;
	struct oauth_moment at = tokens_moment(o);
	oauth_form_init(&form);
	oauth_form_device_poll(&o->app, d->code, &at, &form);
	int rc = tokens_exchange(o, &form, answer_r, e);
	oauth_form_wipe(&form);
	return rc;
}

/* A lost connection counts as "not yet" (RFC 8628 §3.5: and slower from then on). */
static void lost_answer(struct oauth_answer *a)
{
	*a = (struct oauth_answer){ 0 };
	str_copy(a->error, sizeof(a->error), "slow_down");
}

static int device_wait(const struct token_opts *o, const struct oauth_device *d,
		       struct oauth_answer *answer_r, struct err *e)
{
	struct oauth_poll poll;
	enum oauth_poll_step step = OAUTH_POLL_AGAIN;
	oauth_poll_begin(&poll, d, clock_now_ms(o->clock));
	o->ask(o->ctx, &(struct token_ask){ d->url, d->user_code, poll.ends_ms });
	while (step == OAUTH_POLL_AGAIN) {
		if (wait_until(o->clock, poll.next_ms, o->cancel, e) != 0)
			return -1;
		if (device_poll(o, d, answer_r, e) != 0) {
			if (e->kind != ERR_RETRY && e->kind != ERR_WAIT)
				return -1;
			lost_answer(answer_r);
		}
		step = oauth_poll_take(&poll, answer_r, clock_now_ms(o->clock));
	}
	return 0;
}

int tokens_device_login(const struct token_opts *o, struct oauth_answer *answer_r, struct err *e)
{
	struct oauth_device d;
	if (o->ask == NULL)
		return nobody_there(o, e);
	if (device_begin(o, &d, e) != 0)
		return err_wrap(e, "asking for a device code");
	int rc = device_wait(o, &d, answer_r, e);
	oauth_device_release(&d);
	return rc;
}

/* ---- authorization code ---- */

struct browser {
	const struct token_opts *opts;
	struct loopback *loopback;
	struct oauth_pkce pkce;
	const char *redirect;
	struct buf target; /* wiped */
};

/* Until the browser brings what belongs to this login; a favicon is sent away. */
static int await_code(struct browser *b, int64_t mono_deadline_ms, struct secret **code_r,
		      struct err *e)
{
	const struct loopback_wait w = { b->opts->clock, mono_deadline_ms, b->opts->cancel };
	for (;;) {
		int rc = loopback_take(b->loopback, &w, &b->target, e);
		if (rc < 0)
			return -1;
		if (rc == 0) {
			err_set(e, ERR_ACCOUNT, "nobody logged in within %d minutes",
				BROWSER_WAIT_MS / 60000);
			return err_hint(e, "run the command again");
		}
		rc = oauth_redirect_parse(buf_slice(&b->target), &b->pkce, code_r, e);
		bool ours = rc == 0 || e->kind != ERR_ITEM;
		loopback_answer(b->loopback, ours ? 200 : 404,
				rc == 0 ? "You are logged in. This page may be closed.\n"
				: ours  ? "The login failed; the terminal says why.\n"
					: "Nothing is here.\n");
		if (ours)
			return rc;
	}
}

static int exchange_code(const struct browser *b, const struct secret *code,
			 struct oauth_answer *answer_r, struct err *e)
{
	struct buf form;
	struct oauth_moment at = tokens_moment(b->opts);
	const struct oauth_code what = { code, &b->pkce, b->redirect };
	oauth_form_init(&form);
	oauth_form_code(&b->opts->app, &what, &at, &form);
	int rc = tokens_exchange(b->opts, &form, answer_r, e);
	oauth_form_wipe(&form);
	return rc;
}

static int by_browser(struct browser *b, struct oauth_answer *answer_r, struct err *e)
{
	const struct token_opts *o = b->opts;
	struct secret *code = NULL;
	struct buf url;
	buf_init(&url);
	oauth_authorize_url(&o->app, &b->pkce, b->redirect, &url);
	o->ask(o->ctx,
	       &(struct token_ask){ url.at, NULL, clock_now_ms(o->clock) + BROWSER_WAIT_MS });
	buf_release(&url);
	int rc = await_code(b, clock_mono_ms(o->clock) + BROWSER_WAIT_MS, &code, e);
	if (rc == 0)
		rc = exchange_code(b, code, answer_r, e);
	secret_free(code);
	return rc;
}

/* "localhost" and not the address: that is what Entra lets vary its port (RFC 8252 §8.3 has the
 * other view). */
int tokens_browser_login(const struct token_opts *o, struct oauth_answer *answer_r, struct err *e)
{
	struct browser b = { .opts = o };
	if (o->ask == NULL)
		return nobody_there(o, e);
	if (loopback_open(o->redirect_port, &b.loopback, e) != 0)
		return -1;
	struct arena *a = arena_new();
	b.redirect = arena_printf(a, "http://localhost:%u/", loopback_port(b.loopback));
	oauth_pkce_make(o->rng, &b.pkce);
	oauth_form_init(&b.target);
	int rc = by_browser(&b, answer_r, e);
	oauth_form_wipe(&b.target);
	secret_wipe(&b.pkce, sizeof(b.pkce));
	loopback_close(b.loopback);
	arena_free(a);
	return rc;
}
