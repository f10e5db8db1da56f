/*
 * Four at a time: providers count logins by address and minute. A login alone proves little at
 * Exchange Online, which says "not connected" to the first command after it, so INBOX is opened
 * as well.
 */
#include "migrate/logins.h"

#include <pthread.h>
#include <string.h>

#include "migrate/quota.h"
#include "migrate/workers.h"

enum { AT_ONCE = 4, TIMEOUT_MS = 30000, DEAD_MAX = 32 };

/* A server that could not be reached, and why. */
struct dead {
	const char *url, *side; /* borrowed from the mailboxes; static */
	struct login_result why;
};

struct checker {
	const struct logins_opts *opts;
	struct migrate_opts migrate;
	const struct migrate_mailbox *boxes;
	struct login_check *checks;
	pthread_mutex_t mutex;
	struct dead dead[DEAD_MAX];
	size_t n_dead, done, failed;
};

/* About the server, not about the row. */
static bool is_about_host(enum login_class class)
{
	return class == LOGIN_HOST || class == LOGIN_CERTIFICATE;
}

/* For each side by itself, though both may be one server: the reason names the side. */
static bool known_dead(struct checker *c, const char *url, const char *side, struct login_result *r)
{
	bool found = false;
	(void)pthread_mutex_lock(&c->mutex);
	for (size_t i = 0; i < c->n_dead && !found; i++) {
		found = str_eq(c->dead[i].url, url) && str_eq(c->dead[i].side, side);
		if (found)
			*r = c->dead[i].why;
	}
	(void)pthread_mutex_unlock(&c->mutex);
	return found;
}

static void remember_dead(struct checker *c, const char *url, const char *side,
			  const struct login_result *r)
{
	(void)pthread_mutex_lock(&c->mutex);
	if (c->n_dead < DEAD_MAX)
		c->dead[c->n_dead++] = (struct dead){ url, side, *r };
	(void)pthread_mutex_unlock(&c->mutex);
}

static int open_inbox(struct session *s, struct err *e)
{
	struct session_folder ignored;
	if (session_selected(s, session_select(s, "INBOX", true), &ignored, e) == 0)
		return 0;
	if (e->kind == ERR_ITEM)
		e->kind = ERR_ACCOUNT;
	return err_wrap(e, "opening INBOX");
}

/* After the login: what the kind says is all there is. */
static enum login_class class_behind_login(enum err_kind kind)
{
	switch (kind) {
	case ERR_ACCOUNT: return LOGIN_NO_ACCESS;
	case ERR_WAIT:
	case ERR_RETRY: return LOGIN_THROTTLED;
	default: return LOGIN_OTHER;
	}
}

static void try_login(struct checker *c, const struct migrate_endpoint *ep, const char *side,
		      struct login_result *r)
{
	struct session *s = NULL;
	struct login_report login;
	struct err ignored; /* the login works, that was the question */
	const struct session_opts opts = {
		.endpoint = ep, .migrate = &c->migrate, .side = side, .login_r = &login
	};
	int rc = session_open(&opts, &s, &r->err);
	r->class = login.class;
	if (rc == 0)
		rc = open_inbox(s, &r->err);
	if (rc != 0 && r->class == LOGIN_FINE)
		r->class = class_behind_login(r->err.kind);
	if (rc == 0) {
		err_clear(&r->err);
		(void)quota_ask(s, &r->quota, &ignored);
	}
	session_free(s);
}

static void check_side(struct checker *c, const struct migrate_endpoint *ep, const char *side,
		       struct login_result *r)
{
	if (known_dead(c, ep->url, side, r))
		return;
	try_login(c, ep, side, r);
	if (is_about_host(r->class))
		remember_dead(c, ep->url, side, r);
}

static void check_one(void *ctx, size_t i)
{
	struct checker *c = ctx;
	struct login_check *check = &c->checks[i];
	check_side(c, &c->boxes[i].src, "source", &check->src);
	check_side(c, &c->boxes[i].dst, "target", &check->dst);
	(void)pthread_mutex_lock(&c->mutex);
	c->done++;
	c->failed += check->src.class != LOGIN_FINE || check->dst.class != LOGIN_FINE;
	if (c->opts->progress != NULL)
		c->opts->progress(c->opts->progress_ctx, c->done, c->failed);
	(void)pthread_mutex_unlock(&c->mutex);
}

static void untried(struct login_check *checks, size_t n)
{
	const struct migrate_quota untold = { -1, -1, -1, -1 };
	memset(checks, 0, n * sizeof(*checks));
	for (size_t i = 0; i < n; i++)
		checks[i].src.quota = checks[i].dst.quota = untold;
}

int logins_check(const struct logins_opts *opts, const struct migrate_mailbox *boxes, size_t n,
		 struct login_check *checks, struct err *e)
{
	struct checker c = {
		.opts = opts, .migrate = *opts->migrate, .boxes = boxes, .checks = checks
	};
	if (c.migrate.timeout_ms > TIMEOUT_MS)
		c.migrate.timeout_ms = TIMEOUT_MS;
	size_t at_once = c.migrate.mailboxes_at_once < AT_ONCE ? c.migrate.mailboxes_at_once
							       : AT_ONCE;
	untried(checks, n);
	(void)pthread_mutex_init(&c.mutex, NULL);
	const struct workers_job job = { check_one, &c, n, at_once, opts->migrate->cancel };
	int rc = workers_run(&job, e);
	(void)pthread_mutex_destroy(&c.mutex);
	return rc;
}
