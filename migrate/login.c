/*
 * The form that worked last is tried first: at one provider all names have the same form, and
 * three hundred mailboxes must not each begin with a refusal.
 */
#include "migrate/login.h"

#include <stdatomic.h>
#include <stdlib.h>

#include "base/arena.h"
#include "migrate/auth/tokens.h"
#include "migrate/refusal.h"

/* A server may be silent for minutes over a large message, but not over a login: who waits there
 * has the wrong port more often than a slow server, and each mailbox would wait anew. */
enum { LOGIN_MS_MAX = 60 * 1000 };

struct login_forms {
	atomic_size_t last; /* 0: `user`, n: other_users[n - 1] */
};

struct logging_in {
	const struct migrate_endpoint *ep;
	const struct migrate_opts *migrate;
	struct dial_seen seen;
	enum login_class class;
};

static const struct {
	const char *name, *words;
} classes[LOGIN_CLASSES] = {
	[LOGIN_FINE] = { "ok", "logs in" },
	[LOGIN_HOST] = { "host", "server not reached" },
	[LOGIN_CERTIFICATE] = { "certificate", "certificate or encryption" },
	[LOGIN_PASSWORD] = { "wrong-password", "wrong password" },
	[LOGIN_PASSWORD_OFF] = { "password-login-off", "login by password is switched off" },
	[LOGIN_NO_TOKEN] = { "no-token", "the provider gave no token" },
	[LOGIN_TOKEN] = { "token-refused", "the mail server refused the token" },
	[LOGIN_TOKEN_OFF] = { "token-login-off", "the mail server takes no tokens" },
	[LOGIN_NO_ACCESS] = { "no-access", "mailbox not open: licence, IMAP or rights" },
	[LOGIN_THROTTLED] = { "throttled", "not now: too many, or busy" },
	[LOGIN_OTHER] = { "other", "other reasons" },
};

const char *login_class_name(enum login_class class)
{
	return classes[class].name;
}

const char *login_class_words(enum login_class class)
{
	return classes[class].words;
}

struct login_forms *login_forms_new(void)
{
	struct login_forms *f = mem_alloc(sizeof(*f));
	atomic_init(&f->last, 0);
	return f;
}

void login_forms_free(struct login_forms *f)
{
	free(f);
}

static enum login_class class_of(enum dial_trouble trouble)
{
	static const enum login_class table[] = {
		[DIAL_FINE] = LOGIN_FINE,
		[DIAL_NO_HOST] = LOGIN_HOST,
		[DIAL_CERTIFICATE] = LOGIN_CERTIFICATE,
		[DIAL_PASSWORD] = LOGIN_PASSWORD,
		[DIAL_PASSWORD_OFF] = LOGIN_PASSWORD_OFF,
		[DIAL_TOKEN] = LOGIN_TOKEN,
		[DIAL_TOKEN_OFF] = LOGIN_TOKEN_OFF,
		[DIAL_NO_ACCESS] = LOGIN_NO_ACCESS,
		[DIAL_THROTTLED] = LOGIN_THROTTLED,
		[DIAL_OTHER] = LOGIN_OTHER,
	};
	return table[trouble];
}

/* What was refused before anything was tried has no class of its own. */
static enum login_class judge(const struct logging_in *l, const struct err *e)
{
	if (e->kind == ERR_WAIT)
		return LOGIN_THROTTLED;
	return l->seen.trouble == DIAL_FINE ? LOGIN_OTHER : class_of(l->seen.trouble);
}

/* A login can be refused for other reasons than the password: those are told by the server's
 * last line. */
static int dial(struct logging_in *l, const char *user, const struct secret *token,
		struct stream **stream_r, struct err *e)
{
	const struct migrate_endpoint *ep = l->ep;
	const struct migrate_opts *m = l->migrate;
	const struct dial_opts opts = {
		.url = ep->url,
		.connect_to = ep->connect_to,
		.user = user,
		.password = ep->password,
		.token = token,
		.authzid = ep->authzid,
		.ca_file = m->ca_file,
		.tls = ep->allow_plaintext ? DIAL_TLS_NONE : DIAL_TLS_REQUIRED,
		.timeout_ms = m->timeout_ms < LOGIN_MS_MAX ? m->timeout_ms : LOGIN_MS_MAX,
		.seen = &l->seen,
		.cancel = m->cancel,
		.clock = m->clock,
		.log = m->log,
	};
	l->seen = (struct dial_seen){ .trouble = DIAL_FINE };
	int rc = m->dial != NULL ? m->dial(m->dial_ctx, &opts, stream_r, e)
				 : dial_open(&opts, stream_r, e);
	if (rc != 0)
		refusal_of_login(l->seen.last_line, m->clock, e);
	l->class = rc == 0 ? LOGIN_FINE : judge(l, e);
	return rc;
}

/* A connection that is cut behind the greeting may be about this account. */
enum login_host login_host_of(const struct login_report *login, const struct err *e)
{
	bool greeted = login->seen.greeting[0] != '\0';
	if (login->class == LOGIN_FINE)
		return LOGIN_HOST_THERE;
	if (e->kind == ERR_CANCELLED || e->kind == ERR_USAGE)
		return LOGIN_HOST_UNKNOWN;
	if (login->seen.trouble == DIAL_CERTIFICATE ||
	    (login->seen.trouble == DIAL_NO_HOST && (!greeted || e->kind == ERR_WORLD)))
		return LOGIN_HOST_MISSED;
	return greeted ? LOGIN_HOST_THERE : LOGIN_HOST_UNKNOWN;
}

/* ---- by password ---- */

static const char *form(const struct migrate_endpoint *ep, size_t i)
{
	return i == 0 ? ep->user : ep->other_users[i - 1];
}

static size_t forms_of(const struct migrate_endpoint *ep)
{
	size_t n = 1;
	while (ep->other_users != NULL && ep->other_users[n - 1] != NULL)
		n++;
	return n;
}

static int by_password(struct logging_in *l, struct stream **stream_r, struct err *e)
{
	const struct migrate_endpoint *ep = l->ep;
	size_t n = forms_of(ep);
	size_t first = ep->forms != NULL ? atomic_load(&ep->forms->last) % n : 0;
	struct err first_err = { 0 };
	for (size_t i = 0; i < n; i++) {
		size_t at = i == 0 ? first : i <= first ? i - 1 : i;
		if (dial(l, form(ep, at), NULL, stream_r, e) == 0) {
			if (ep->forms != NULL)
				atomic_store(&ep->forms->last, at);
			return 0;
		}
		if (l->class != LOGIN_PASSWORD)
			return -1;
		if (i == 0)
			first_err = *e;
	}
	*e = first_err; /* in the words about the name that the person knows */
	return -1;
}

/* ---- by token ---- */

static enum login_class no_token_class(enum err_kind kind)
{
	switch (kind) {
	case ERR_WAIT: return LOGIN_THROTTLED;
	case ERR_REFUSED: return LOGIN_CERTIFICATE;
	case ERR_CANCELLED: return LOGIN_OTHER;
	default: return LOGIN_NO_TOKEN;
	}
}

static int get_token(struct logging_in *l, struct secret **token_r, struct err *e)
{
	*token_r = NULL;
	if (token_source_get(l->ep->tokens, l->ep->user, token_r, e) == 0)
		return 0;
	l->class = no_token_class(e->kind);
	return -1;
}

/* A refused token may have died since it was made, or been withdrawn: once more with a new one. */
static int again(struct logging_in *l, const struct secret *old, struct stream **stream_r,
		 struct err *e)
{
	struct secret *token = NULL;
	token_source_refused(l->ep->tokens, l->ep->user, old);
	if (get_token(l, &token, e) != 0)
		return -1;
	int rc = dial(l, l->ep->user, token, stream_r, e);
	secret_free(token);
	return rc;
}

static int by_token(struct logging_in *l, struct stream **stream_r, struct err *e)
{
	struct secret *token = NULL;
	if (get_token(l, &token, e) != 0)
		return -1;
	int rc = dial(l, l->ep->user, token, stream_r, e);
	if (rc != 0 && l->class == LOGIN_TOKEN)
		rc = again(l, token, stream_r, e);
	secret_free(token);
	return rc;
}

int login_open(const struct migrate_endpoint *ep, const struct migrate_opts *m,
	       struct stream **stream_r, struct login_report *report_r, struct err *e)
{
	struct logging_in l = { .ep = ep, .migrate = m, .class = LOGIN_OTHER };
	int rc = ep->tokens != NULL ? by_token(&l, stream_r, e) : by_password(&l, stream_r, e);
	*report_r = (struct login_report){ l.class, l.seen };
	return rc;
}
