/*
 * Reading is one request for the whole zone, so what was read just now serves the next question
 * too. All edits go out with the serial of the very reading that was compared with the plan: the
 * server refuses them when the zone has moved on meanwhile.
 */
#include "registrars/cpanel/cpanel.h"

#include <stdlib.h>
#include <string.h>

#include "registrars/cpanel/edits.h"
#include "registrars/cpanel/uapi.h"
#include "registrars/form.h"
#include "zone/dname.h"

/* A foreign edit within that time is seen by the serial, before anything is written. */
enum { FRESH_MS = 3000 };

static const struct registrar_option options[] = {
	{ .name = "base_url",
	  .required = true,
	  .help = "where cPanel is: https://HOST:2083, the port included" },
	{ .name = "user", .required = true, .help = "name of the cPanel account" },
	{ .name = "token",
	  .secret = true,
	  .required = true,
	  .help = "an API token of that account: Security > Manage API Tokens" },
	{ .name = NULL },
};

static const char *const notes[] = {
	"cPanel goes on delivering mail for the domain to its own mailboxes, whatever the MX says, "
	"until Email > Email Routing is set to \"Remote Mail Exchanger\"",
	"the zone is served only where the domain's name servers are those of this cPanel server",
	NULL,
};

struct session {
	const struct registrar_host *host; /* borrowed */
	struct arena *arena;               /* owned */
	const char *zone, *base_url, *user;
	struct secret *token;   /* owned */
	struct arena *lines_in; /* owned: where `lines` is; NULL: nothing was read, or it is old */
	struct lines lines;
	int64_t read_ms; /* monotonic */
};

static void forget(struct session *s)
{
	arena_free(s->lines_in);
	s->lines_in = NULL;
}

static void cpanel_close(void *session)
{
	struct session *s = session;
	forget(s);
	secret_free(s->token);
	arena_free(s->arena);
	free(s);
}

/* Without the slash that a person may have written. */
static const char *base_of(struct arena *a, const char *url)
{
	struct slice s = slice_str(url);
	while (s.len > 0 && s.ptr[s.len - 1] == '/')
		s.len--;
	return arena_slice(a, s);
}

static int check_values(const struct session *s, struct err *e)
{
	if (!str_starts(s->base_url, "https://")) {
		(void)err_set(e, ERR_USAGE, "option \"base_url\" is no https address");
		return err_hint(e, "write https://HOST:2083, as the cPanel login page has it");
	}
	if (secret_is_empty(s->token) || s->user[0] == '\0')
		return err_set(e, ERR_USAGE, "option \"user\" or the token is empty");
	return 0;
}

static int cpanel_open(const struct registrar *self, const struct registrar_host *host,
		       const struct registrar_config *config, void **session_r, struct err *e)
{
	(void)self;
	struct session *s = mem_alloc(sizeof(*s));
	s->host = host;
	s->arena = arena_new();
	s->base_url = base_of(s->arena, registrar_text(config, "base_url", ""));
	s->user = arena_strdup(s->arena, registrar_text(config, "user", ""));
	s->token = secret_new(secret_expose(registrar_secret(config, "token")));
	s->zone = dname_canon(s->arena, config->zone, e);
	if (s->zone == NULL || check_values(s, e) != 0) {
		cpanel_close(s);
		return -1;
	}
	*session_r = s;
	return 0;
}

/* -- exchanges -- */

/* Shared servers have limits of their own before cPanel; four tries are a few minutes at most. */
enum { TRIES_MAX = 4, EARLY_MS = 5000, LONGEST_WAIT_S = 60 };

/* How long the server, or a proxy before it, wants to be left alone: nothing was done then; -1: it
 * does not say so. */
static int64_t early_ms(const struct registrar_reply *reply)
{
	const char *after = registrar_reply_header(reply, "retry-after");
	uint64_t seconds = EARLY_MS / 1000;
	if (reply->status != 429 && (reply->status != 503 || after == NULL))
		return -1;
	if (after != NULL && !slice_to_u64(slice_str(after), &seconds))
		seconds = EARLY_MS / 1000;
	return (int64_t)(seconds < LONGEST_WAIT_S ? seconds : LONGEST_WAIT_S) * 1000;
}

/* "cpanel USER:TOKEN" is in no other memory than this buffer, which is wiped. */
static int send_once(const struct session *s, struct arena *a, const char *url, struct slice form,
		     struct registrar_reply *reply_r, struct err *e)
{
	struct buf auth;
	struct slice token = secret_expose(s->token);
	buf_init(&auth);
	buf_addf(&auth, "cpanel %s:", s->user);
	buf_add(&auth, token.ptr, token.len);
	const struct registrar_field headers[] = {
		{ "Authorization", auth.at },
		{ "Accept", "application/json" },
		{ "Content-Type", FORM_TYPE },
	};
	bool writes = form.len > 0;
	const struct registrar_http request = {
		.method = writes ? "POST" : "GET",
		.url = url,
		.headers = headers,
		.header_n = writes ? 3 : 2,
		.body = form,
		.writes = writes,
	};
	int rc = s->host->http(s->host->ctx, a, &request, reply_r, e);
	secret_wipe(auth.at, auth.len);
	buf_release(&auth);
	return rc;
}

static int send_request(const struct session *s, struct arena *a, const char *url,
			struct slice form, struct registrar_reply *reply_r, struct err *e)
{
	for (unsigned tries = 1;; tries++) {
		if (send_once(s, a, url, form, reply_r, e) != 0)
			return -1;
		int64_t ms = early_ms(reply_r);
		if (ms < 0 || tries == TRIES_MAX)
			return 0;
		if (s->host->wait(s->host->ctx, ms, "cPanel wants fewer requests", e) != 0)
			return -1;
	}
}

static int fetch(struct session *s, struct err *e)
{
	struct registrar_reply reply = { .status = 0 };
	struct uapi_answer answer;
	struct arena *a = arena_new();
	struct buf url;
	buf_init(&url);
	forget(s);
	buf_addf(&url, "%s/execute/DNS/parse_zone?zone=", s->base_url);
	form_encode(&url, slice_str(dname_show(a, s->zone)));
	int rc = send_request(s, a, url.at, (struct slice){ NULL, 0 }, &reply, e);
	if (rc == 0) {
		uapi_judge(&reply, &answer, e);
		rc = answer.verdict == UAPI_OK ? lines_parse(a, s->zone, answer.data, &s->lines, e)
					       : -1;
		uapi_release(&answer);
	}
	buf_release(&url);
	if (rc != 0) {
		arena_free(a);
		return err_wrap(e, "reading the zone %s at %s", s->zone, s->base_url);
	}
	s->lines_in = a;
	s->read_ms = clock_mono_ms(s->host->clock);
	return 0;
}

static int need_lines(struct session *s, struct err *e)
{
	bool fresh = s->lines_in != NULL && clock_mono_ms(s->host->clock) - s->read_ms < FRESH_MS;
	return fresh ? 0 : fetch(s, e);
}

static int cpanel_read(void *session, struct arena *a, const char *name, uint16_t type,
		       const struct rrset **rrset_r, struct err *e)
{
	struct session *s = session;
	*rrset_r = NULL;
	if (need_lines(s, e) != 0)
		return -1;
	return lines_rrset(a, &s->lines, name, type, rrset_r, e);
}

static int cpanel_list(void *session, struct arena *a, const struct zone **zone_r, struct err *e)
{
	struct session *s = session;
	if (need_lines(s, e) != 0)
		return -1;
	return lines_zone(a, &s->lines, zone_r, e);
}

/* -- writing -- */

enum where { AT_BEFORE, AT_AFTER, AT_OTHER };

/* Where the planned RRsets stand in the last reading: all before, all after, or neither. */
static int where_is(const struct session *s, const struct change_set *cs, enum where *where_r,
		    struct err *e)
{
	struct arena *a = arena_new();
	size_t before = 0;
	size_t after = 0;
	int rc = 0;
	for (size_t i = 0; rc == 0 && i < cs->n; i++) {
		const struct change *c = &cs->changes[i];
		const struct rrset *live = NULL;
		rc = lines_rrset(a, &s->lines, c->name, c->type, &live, e);
		before += rrset_same(live, c->before) ? 1 : 0;
		after += rrset_same(live, c->after) ? 1 : 0;
	}
	arena_free(a);
	*where_r = before == cs->n ? AT_BEFORE : after == cs->n ? AT_AFTER : AT_OTHER;
	return rc;
}

static const char *show(struct arena *a, const struct rrset *set)
{
	const char *text = set != NULL ? "" : "nothing";
	for (size_t i = 0; set != NULL && i < set->n; i++)
		text = arena_printf(a, "%s%s%.200s", text, i > 0 ? ", " : "", set->rdata[i]);
	return set != NULL ? arena_printf(a, "%s (TTL %u)", text, (unsigned)set->ttl) : text;
}

/* Names the first RRset that moved, and both values. */
static int refuse_drift(const struct session *s, const struct change_set *cs, struct err *e)
{
	struct arena *a = arena_new();
	(void)err_set(e, ERR_REFUSED, "the zone is not what the plan was made from any more");
	for (size_t i = 0; i < cs->n; i++) {
		const struct change *c = &cs->changes[i];
		const struct rrset *live = NULL;
		if (lines_rrset(a, &s->lines, c->name, c->type, &live, e) != 0 ||
		    rrset_same(live, c->before))
			continue;
		(void)err_set(e, ERR_REFUSED,
			      "%s %s is not what the plan was made from any more: planned from %s, "
			      "found %s",
			      c->name, rr_type_name(a, c->type), show(a, c->before), show(a, live));
		break;
	}
	arena_free(a);
	return err_hint(e, "somebody edited it since; nothing was written; run `cutover plan` "
			   "again");
}

/* One request with the serial of the last reading. */
static int send_edits(struct session *s, const struct change_set *cs, enum uapi_verdict *verdict_r,
		      struct err *e)
{
	struct registrar_reply reply = { .status = 0 };
	struct uapi_answer answer;
	struct arena *a = arena_new();
	struct buf form;
	buf_init(&form);
	*verdict_r = UAPI_NO_USE;
	int rc = edits_form(a, &s->lines, cs, &form, e);
	if (rc == 0) {
		const char *url = arena_printf(a, "%s/execute/DNS/mass_edit_zone", s->base_url);
		rc = send_request(s, a, url, buf_slice(&form), &reply, e);
		forget(s);
		if (rc != 0 && e->kind == ERR_RETRY)
			*verdict_r = UAPI_UNKNOWN;
	}
	if (rc == 0) {
		uapi_judge(&reply, &answer, e);
		*verdict_r = answer.verdict;
		uapi_release(&answer);
	}
	buf_release(&form);
	arena_free(a);
	return *verdict_r == UAPI_OK ? 0 : -1;
}

/* The words of a refusal are in the account's language, so what it was about is read: a serial that
 * moved while the planned RRsets did not was somebody else's edit beside them. 1: try again. */
static int after_refusal(struct session *s, const struct change_set *cs, uint32_t serial,
			 enum registrar_applied *applied_r, struct err *e)
{
	struct err why = *e;
	enum where where = AT_OTHER;
	if (fetch(s, e) != 0 || where_is(s, cs, &where, e) != 0) {
		*applied_r = APPLIED_UNKNOWN;
		return -1;
	}
	if (where == AT_AFTER) {
		*applied_r = APPLIED_ALL;
		return 0;
	}
	*applied_r = APPLIED_NONE;
	if (where != AT_BEFORE)
		return refuse_drift(s, cs, e);
	if (s->lines.serial != serial)
		return 1;
	*e = why;
	return -1;
}

/* One try from the reading that the before-images were compared with: if it is old by now, its
 * serial is too, and the server says so. 1: the zone moved beside the plan; nothing was done. */
static int try_once(struct session *s, const struct change_set *cs,
		    enum registrar_applied *applied_r, struct err *e)
{
	enum where where = AT_OTHER;
	enum uapi_verdict verdict;
	*applied_r = APPLIED_NONE;
	if (need_lines(s, e) != 0 || where_is(s, cs, &where, e) != 0)
		return -1;
	if (where != AT_BEFORE)
		return refuse_drift(s, cs, e);
	uint32_t serial = s->lines.serial;
	if (send_edits(s, cs, &verdict, e) == 0) {
		*applied_r = APPLIED_ALL;
		return 0;
	}
	if (verdict == UAPI_UNKNOWN)
		*applied_r = APPLIED_UNKNOWN;
	return verdict == UAPI_FAILED ? after_refusal(s, cs, serial, applied_r, e) : -1;
}

/* The second try goes from the reading that showed that only the serial has moved: it is the same
 * compare-and-set with the new serial, not a blind repetition. A third would be against somebody
 * who writes all the time. */
static int cpanel_apply(void *session, const struct change_set *changes,
			enum registrar_applied *applied_r, struct err *e)
{
	struct session *s = session;
	int rc = try_once(s, changes, applied_r, e);
	if (rc == 1)
		rc = try_once(s, changes, applied_r, e);
	if (rc != 1)
		return rc;
	(void)err_set(e, ERR_REFUSED,
		      "somebody else is editing the zone right now: its serial moved "
		      "twice");
	return err_hint(e, "nothing was written; run the same command again in a minute");
}

static uint32_t cpanel_ttl(const struct registrar *self, uint32_t wanted)
{
	(void)self;
	return wanted > 0 ? wanted : 1;
}

const struct registrar registrar_cpanel = {
	.abi = REGISTRAR_ABI,
	.name = "cpanel",
	.title = "cPanel (UAPI)",
	.capabilities = REGISTRAR_LIST | REGISTRAR_ATOMIC | REGISTRAR_COMPARE_AND_SET,
	.options = options,
	.notes = notes,
	.verified = "2026-11",
	.open = cpanel_open,
	.close = cpanel_close,
	.read = cpanel_read,
	.list = cpanel_list,
	.apply = cpanel_apply,
	.ttl = cpanel_ttl,
};
