/*
 * Order: a time that the server names is a throttle whatever else it says; then the words,
 * which are more special than the codes (Gmail says OVERQUOTA of a day's bandwidth, others
 * of a full mailbox; Yahoo says UNAVAILABLE of one rotten message); then the codes.
 */
#include "migrate/refusal.h"

#include <string.h>

#include "base/arena.h"

/* Longer than any that was ever reported (50 minutes): a mistyped number must not park a
 * mailbox for a year. */
enum { WAIT_MOST_MS = 24 * 3600 * 1000 };

static const struct {
	const char *words;
	enum refusal what;
} phrases[] = {
	/* One message that the server cannot read itself (Yahoo): the others are well. */
	{ "Server error while fetching messages", REFUSAL_ITEM },
	{ "Account exceeded command or bandwidth limits", REFUSAL_DAY_QUOTA },
	{ "Account exceeded bandwidth limits", REFUSAL_DAY_QUOTA },
	{ "Request is throttled", REFUSAL_THROTTLED },
	{ "Too many simultaneous connections", REFUSAL_THROTTLED },
	{ "Maximum number of connections", REFUSAL_THROTTLED },
	{ "Too many connections", REFUSAL_THROTTLED },
	{ "Connection limit exceeded", REFUSAL_THROTTLED },
	{ "Rate limit", REFUSAL_THROTTLED },
	{ "Server Unavailable. 15", REFUSAL_THROTTLED },
	{ "Server Unavailable", REFUSAL_BUSY },
	{ "AccessTokenExpired", REFUSAL_SESSION },
	{ "Session invalidated", REFUSAL_SESSION },
	{ "Session expired", REFUSAL_SESSION },
	{ "Session has expired", REFUSAL_SESSION },
	{ "token expired", REFUSAL_SESSION },
	{ "token has expired", REFUSAL_SESSION },
	{ "token is expired", REFUSAL_SESSION },
	/* To somebody who did log in: what was a session is none any more. */
	{ "received in Invalid state", REFUSAL_SESSION },
	{ "Not authenticated", REFUSAL_SESSION },
	{ "Not logged in", REFUSAL_SESSION },
	{ "Please login first", REFUSAL_SESSION },
	{ "authenticated but not connected", REFUSAL_PERMISSION },
	{ "not enabled for IMAP", REFUSAL_PERMISSION },
	{ "IMAP access is disabled", REFUSAL_PERMISSION },
	{ "IMAP is disabled", REFUSAL_PERMISSION },
	{ "Unsafe Login", REFUSAL_PERMISSION },
	/* Cyrus, by a BYE to who was logged in when he was denied. */
	{ "Access to this service has been blocked", REFUSAL_PERMISSION },
	/* Servers that do not know RFC 5530: Cyrus, Courier. */
	{ "Over quota", REFUSAL_FULL },
	{ "exceeded your mail quota", REFUSAL_FULL },
	{ "out of disk space", REFUSAL_FULL },
};

static const struct {
	enum imap_code code;
	enum refusal what;
} by_code[] = {
	{ IMAP_CODE_THROTTLED, REFUSAL_THROTTLED },
	{ IMAP_CODE_UNAVAILABLE, REFUSAL_BUSY },
	{ IMAP_CODE_INUSE, REFUSAL_BUSY },
	{ IMAP_CODE_TRYCREATE, REFUSAL_BUSY },
	{ IMAP_CODE_OVERQUOTA, REFUSAL_FULL },
	{ IMAP_CODE_AUTHENTICATIONFAILED, REFUSAL_SESSION },
	{ IMAP_CODE_EXPIRED, REFUSAL_SESSION },
	{ IMAP_CODE_AUTHORIZATIONFAILED, REFUSAL_PERMISSION },
};

static bool contains_nocase(const char *text, const char *words)
{
	for (struct slice s = slice_str(text); s.len > 0; s.ptr++, s.len--)
		if (slice_starts_nocase(s, slice_str(words)))
			return true;
	return false;
}

/* "Suggested Backoff Time: 299961 milliseconds" (Exchange Online); 0 when not told. */
static int64_t told_wait_ms(const char *text)
{
	static const char words[] = "Backoff Time: ";
	const char *at = strstr(text, words);
	uint64_t ms;
	if (at == NULL)
		return 0;
	struct slice rest = slice_str(at + sizeof(words) - 1);
	if (!slice_to_u64(slice_until(&rest, ' '), &ms) || ms == 0)
		return 0;
	return ms > WAIT_MOST_MS ? WAIT_MOST_MS : (int64_t)ms;
}

/* A BYE without a known reason is always passing: the next login tells more. */
enum refusal refusal_of(const struct conn_answer *a, int64_t *wait_ms_r)
{
	*wait_ms_r = told_wait_ms(a->text);
	if (*wait_ms_r > 0)
		return REFUSAL_THROTTLED;
	for (size_t i = 0; i < sizeof(phrases) / sizeof(phrases[0]); i++)
		if (contains_nocase(a->text, phrases[i].words))
			return phrases[i].what;
	for (size_t i = 0; i < sizeof(by_code) / sizeof(by_code[0]); i++)
		if (a->code == by_code[i].code)
			return by_code[i].what;
	return a->cond == IMAP_BYE ? REFUSAL_BUSY : REFUSAL_ITEM;
}

/* Dovecot's words when it cannot write; RFC 5530 §3 has the code for it. */
bool refusal_is_servers_own(const struct conn_answer *a)
{
	return a->code == IMAP_CODE_SERVERBUG || contains_nocase(a->text, "internal error") ||
	       contains_nocase(a->text, "internal server error");
}

/* The kind and, where somebody must act, what to do. */
static const struct {
	enum err_kind kind;
	const char *what; /* behind the server's name */
	const char *hint; /* NULL: none */
} outcomes[] = {
	[REFUSAL_ITEM] = { ERR_ITEM, "", NULL },
	[REFUSAL_BUSY] = { ERR_RETRY, "", NULL },
	[REFUSAL_THROTTLED] = { ERR_WAIT, " asks to wait", NULL },
	[REFUSAL_DAY_QUOTA] = { ERR_WAIT, " lets no more through today", NULL },
	[REFUSAL_FULL] = { ERR_MAILBOX, ": the mailbox is full",
			   "give the mailbox more room, then run the copy again" },
	[REFUSAL_PERMISSION] = { ERR_ACCOUNT, "",
				 "the mailbox is missing, has no licence, or IMAP is switched off "
				 "for it; or whoever logs in lacks the right to open it" },
	/* The next login gets a new token, or is refused: then it is the password. */
	[REFUSAL_SESSION] = { ERR_RETRY, " ended the session", NULL },
};

/* When a day's bytes begin anew nobody says: providers count a sliding day, so an hour later
 * some of it may be free again. */
enum { DAY_QUOTA_WAIT_MS = 3600 * 1000 };

static int64_t until(enum refusal what, int64_t wait_ms, const struct clock *clock)
{
	if (what == REFUSAL_DAY_QUOTA && wait_ms == 0)
		wait_ms = DAY_QUOTA_WAIT_MS;
	return wait_ms > 0 ? clock_now_ms(clock) + wait_ms : 0;
}

bool refusal_says_exists(const struct conn_answer *a)
{
	return a->code == IMAP_CODE_ALREADYEXISTS || strstr(a->text, "already exists") != NULL;
}

int refusal_err(const char *name, const struct clock *clock, const struct conn_answer *a,
		struct err *e)
{
	int64_t wait_ms;
	enum refusal what = refusal_of(a, &wait_ms);
	err_set(e, outcomes[what].kind, "%s%s: %s", name, outcomes[what].what, a->text);
	if (what == REFUSAL_THROTTLED || what == REFUSAL_DAY_QUOTA)
		e->until_ms = until(what, wait_ms, clock);
	return outcomes[what].hint != NULL ? err_hint(e, "%s", outcomes[what].hint) : -1;
}

/* "A002 NO [OVERQUOTA] words" as an answer; false when it is none. */
static bool answer_of_line(const char *line, struct conn_answer *answer_r)
{
	struct imap_parser *p = imap_parser_new();
	struct imap_event ev;
	struct err ignored;
	struct buf text;
	buf_init(&text);
	buf_addf(&text, "%s\r\n", line);
	struct slice in = buf_slice(&text);
	bool ok = imap_parser_next(p, &in, &ev, &ignored) == 1 && ev.kind == IMAP_EV_STATUS;
	if (ok)
		conn_answer_of(&ev.status, answer_r);
	imap_parser_free(p);
	buf_release(&text);
	return ok;
}

/* What says nothing special stays what the dialler made of it. */
void refusal_of_login(const char *line, const struct clock *clock, struct err *e)
{
	struct conn_answer a;
	int64_t wait_ms;
	if ((e->kind != ERR_ACCOUNT && e->kind != ERR_RETRY) || !answer_of_line(line, &a))
		return;
	enum refusal what = refusal_of(&a, &wait_ms);
	if (what == REFUSAL_THROTTLED || what == REFUSAL_DAY_QUOTA) {
		e->kind = ERR_WAIT;
		e->until_ms = until(what, wait_ms, clock);
	} else if (what == REFUSAL_PERMISSION) {
		e->kind = ERR_ACCOUNT;
		(void)err_hint(e, "%s", outcomes[what].hint);
	}
}
