/*
 * One entry a user (one for all where the token does not depend on the user), found by a walk:
 * there are as many as mailboxes that are copied at once or were, and a login costs round
 * trips. A refresh runs outside the lock, with the entry marked busy.
 */
#include "migrate/auth/tokens.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "migrate/auth/tokens_priv.h"

enum {
	EARLY_MS = 5 * 60 * 1000, /* a token must be good for this long, or a fifth of its life */
	REFUSED_FOR_MS = 60 * 1000,
};

struct entry {
	char *user; /* owned */
	struct secret *token;
	int64_t renew_ms;   /* wall clock: from then on a new one is made */
	struct err refused; /* for good, as far as one can tell */
	int64_t refused_until_ms;
	bool busy;
	struct entry *next;
};

struct token_source {
	struct token_opts opts;
	pthread_mutex_t mutex;
	pthread_cond_t idle; /* some entry is busy no more */
	struct entry *entries;
	struct secret *refresh; /* of the person who logged in; NULL */
	bool loaded;
};

struct token_source *token_source_new(const struct token_opts *opts)
{
	struct token_source *s = mem_alloc(sizeof(*s));
	s->opts = *opts;
	(void)pthread_mutex_init(&s->mutex, NULL);
	(void)pthread_cond_init(&s->idle, NULL);
	return s;
}

void token_source_free(struct token_source *s)
{
	if (s == NULL)
		return;
	while (s->entries != NULL) {
		struct entry *en = s->entries;
		s->entries = en->next;
		secret_free(en->token);
		free(en->user);
		free(en);
	}
	secret_free(s->refresh);
	(void)pthread_cond_destroy(&s->idle);
	(void)pthread_mutex_destroy(&s->mutex);
	free(s);
}

struct oauth_moment tokens_moment(const struct token_opts *o)
{
	return (struct oauth_moment){ clock_now_ms(o->clock), o->rng };
}

/* ---- the endpoint ---- */

/* 429 and 5xx are about now; a body that is no JSON then tells nothing more. */
static int not_now(const struct token_opts *o, const char *url, const struct token_reply *r,
		   struct err *e)
{
	if (r->retry_after_s > 0) {
		err_set(e, ERR_WAIT, "'%s' asks to wait %lld s (status %d)", url,
			(long long)r->retry_after_s, r->status);
		e->until_ms = clock_now_ms(o->clock) + r->retry_after_s * 1000;
		return -1;
	}
	return err_set(e, ERR_RETRY, "'%s' cannot give a token now (status %d)", url, r->status);
}

int tokens_post(const struct token_opts *o, const char *url, const struct buf *form,
		struct token_reply *reply_r, struct err *e)
{
	*reply_r = (struct token_reply){ 0 };
	if (o->post(o->ctx, url, buf_slice(form), reply_r, e) != 0)
		return -1;
	if (reply_r->status == 429 || reply_r->status >= 500) {
		(void)not_now(o, url, reply_r, e);
		oauth_form_wipe(&reply_r->body);
		return -1;
	}
	return 0;
}

int tokens_exchange(const struct token_opts *o, struct buf *form, struct oauth_answer *answer_r,
		    struct err *e)
{
	struct token_reply reply;
	int rc = tokens_post(o, o->app.token_url, form, &reply, e);
	if (rc == 0) {
		rc = oauth_answer_parse(buf_slice(&reply.body), answer_r, e);
		if (rc != 0)
			err_wrap(e, "asking '%s' for a token (status %d)", o->app.token_url,
				 reply.status);
		oauth_form_wipe(&reply.body);
	}
	return rc;
}

/* ---- making one ---- */

static int given(const struct token_opts *o, struct oauth_answer *answer_r, struct err *e)
{
	*answer_r = (struct oauth_answer){ .lifetime_s = 300 };
	return o->given(o->ctx, &answer_r->access, e);
}

static int by_machine(const struct token_opts *o, const char *user, struct oauth_answer *answer_r,
		      struct err *e)
{
	struct buf form;
	struct oauth_moment at = tokens_moment(o);
	oauth_form_init(&form);
	if (o->method == TOKEN_SERVICE_ACCOUNT)
		oauth_form_service_account(&o->app, user, &at, &form);
	else
		oauth_form_client(&o->app, &at, &form);
	int rc = tokens_exchange(o, &form, answer_r, e);
	oauth_form_wipe(&form);
	return rc;
}

static int by_refresh(struct token_source *s, struct oauth_answer *answer_r, struct err *e)
{
	struct buf form;
	struct oauth_moment at = tokens_moment(&s->opts);
	oauth_form_init(&form);
	oauth_form_refresh(&s->opts.app, s->refresh, &at, &form);
	int rc = tokens_exchange(&s->opts, &form, answer_r, e);
	oauth_form_wipe(&form);
	return rc;
}

/* A refresh token is used as long as it is good: a person is asked only when there is none, or
 * it is refused. A new one replaces the old (RFC 6749 §6). */
static int by_person(struct token_source *s, struct oauth_answer *answer_r, struct err *e)
{
	const struct token_opts *o = &s->opts;
	if (!s->loaded && o->load != NULL)
		s->refresh = o->load(o->ctx);
	s->loaded = true;
	if (s->refresh != NULL) {
		if (by_refresh(s, answer_r, e) != 0)
			return -1;
		if (answer_r->access != NULL)
			return 0;
		log_info(o->log, "the %s wants a new login (%s)", o->side, answer_r->error);
		secret_free(s->refresh);
		s->refresh = NULL;
	}
	return o->method == TOKEN_DEVICE_CODE ? tokens_device_login(o, answer_r, e)
					      : tokens_browser_login(o, answer_r, e);
}

/* There is one entry then, so nobody else touches s->refresh while it is busy. */
static void keep_refresh(struct token_source *s, struct oauth_answer *a)
{
	if (a->refresh == NULL)
		return;
	secret_free(s->refresh);
	s->refresh = a->refresh;
	a->refresh = NULL;
	if (s->opts.save != NULL)
		s->opts.save(s->opts.ctx, s->refresh);
}

static int make(struct token_source *s, const char *user, struct oauth_answer *a, struct err *e)
{
	int rc;
	switch (s->opts.method) {
	case TOKEN_GIVEN: rc = given(&s->opts, a, e); break;
	case TOKEN_DEVICE_CODE:
	case TOKEN_AUTHORIZATION_CODE: rc = by_person(s, a, e); break;
	default: rc = by_machine(&s->opts, user, a, e);
	}
	if (rc != 0)
		return -1;
	if (a->access == NULL) {
		(void)oauth_refusal(a, s->opts.app.token_url, e);
		/* Its words go into reports, and may repeat what it refuses. */
		secret_redact(s->opts.app.client_secret, e->text);
		secret_redact(s->refresh, e->text);
		return -1;
	}
	keep_refresh(s, a);
	return 0;
}

/* ---- the entries ---- */

static const char *key_of(const struct token_source *s, const char *user)
{
	return s->opts.method == TOKEN_SERVICE_ACCOUNT ? user : "";
}

static struct entry *entry_of(struct token_source *s, const char *user)
{
	for (struct entry *en = s->entries; en != NULL; en = en->next)
		if (str_eq(en->user, user))
			return en;
	struct entry *en = mem_alloc(sizeof(*en));
	en->user = mem_strdup(user);
	en->next = s->entries;
	s->entries = en;
	return en;
}

/* Before it ends, with time for a login in hand; the server's clock need not be ours. */
static int64_t renew_at(int64_t now_ms, int64_t lifetime_s)
{
	int64_t life_ms = lifetime_s * 1000;
	int64_t early = life_ms / 5 < EARLY_MS ? life_ms / 5 : EARLY_MS;
	return now_ms + life_ms - early;
}

static bool is_final(enum err_kind kind)
{
	return kind == ERR_ACCOUNT || kind == ERR_USAGE || kind == ERR_REFUSED;
}

static void take(struct token_source *s, struct entry *en, struct oauth_answer *a)
{
	secret_free(en->token);
	en->token = a->access;
	a->access = NULL;
	en->renew_ms = renew_at(clock_now_ms(s->opts.clock), a->lifetime_s);
	en->refused_until_ms = 0;
	log_debug(s->opts.log, "a new token for the %s, good for %lld s", s->opts.side,
		  (long long)a->lifetime_s);
}

static void remember_refusal(struct token_source *s, struct entry *en, const struct err *e)
{
	if (!is_final(e->kind))
		return;
	en->refused = *e;
	en->refused_until_ms = clock_now_ms(s->opts.clock) + REFUSED_FOR_MS;
}

/* With the lock held, which it lets go while it asks. */
static int renew(struct token_source *s, struct entry *en, const char *user, struct err *e)
{
	struct oauth_answer a = { 0 };
	en->busy = true;
	(void)pthread_mutex_unlock(&s->mutex);
	int rc = make(s, user, &a, e);
	(void)pthread_mutex_lock(&s->mutex);
	if (rc == 0)
		take(s, en, &a);
	else
		remember_refusal(s, en, e);
	oauth_answer_release(&a);
	en->busy = false;
	(void)pthread_cond_broadcast(&s->idle);
	return rc;
}

static int get(struct token_source *s, const char *user, struct secret **token_r, struct err *e)
{
	struct entry *en = entry_of(s, key_of(s, user));
	while (en->busy)
		(void)pthread_cond_wait(&s->idle, &s->mutex);
	int64_t now = clock_now_ms(s->opts.clock);
	if (now < en->refused_until_ms) {
		*e = en->refused;
		return -1;
	}
	if ((en->token == NULL || now >= en->renew_ms) && renew(s, en, user, e) != 0)
		return -1;
	*token_r = secret_new(secret_expose(en->token));
	return 0;
}

int token_source_get(struct token_source *s, const char *user, struct secret **token_r,
		     struct err *e)
{
	(void)pthread_mutex_lock(&s->mutex);
	int rc = get(s, user, token_r, e);
	(void)pthread_mutex_unlock(&s->mutex);
	return rc;
}

void token_source_refused(struct token_source *s, const char *user, const struct secret *token)
{
	(void)pthread_mutex_lock(&s->mutex);
	struct entry *en = entry_of(s, key_of(s, user));
	if (en->token != NULL && slice_eq(secret_expose(en->token), secret_expose(token)))
		en->renew_ms = 0;
	(void)pthread_mutex_unlock(&s->mutex);
}
