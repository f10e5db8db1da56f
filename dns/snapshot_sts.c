/*
 * The MTA-STS policy (RFC 8461 §3.3), fetched when a server shows a record for
 * it and the policy host has an address, from that address.
 */
#include <string.h>

#include "dns/taking.h"
#include "zone/dname.h"

enum {
	POLICY_MAX = 64 * 1024,
	ADDRESSES_MAX = 8,
};

static bool has_record(struct arena *a, const struct rrset *txt)
{
	for (size_t i = 0; i < txt->n; i++) {
		if (slice_starts_nocase(txt_join(a, txt->rdata[i]), SLICE_LIT("v=STSv1")))
			return true;
	}
	return false;
}

/* A stranger's bytes, as text: lines stay lines, and nothing controls a terminal. */
static const char *body_text(struct arena *a, struct slice body)
{
	char *text = arena_slice(a, body);
	for (size_t i = 0; i < body.len; i++) {
		unsigned char c = (unsigned char)text[i];
		bool blank = c == '\r' || c == '\n' || c == '\t';
		if (!blank && (c < 0x20 || c > 0x7e))
			text[i] = '?';
	}
	return text;
}

/* Redirects must not be followed (RFC 8461 §3.3); any other status is no policy. */
static const char *failure(struct arena *a, const struct http_answer *ans)
{
	if (ans->status == 0)
		return ans->note != NULL ? ans->note : "no answer";
	if (ans->cut)
		return "it is longer than 64 KiB";
	if (ans->location != NULL || (ans->status >= 300 && ans->status < 400))
		return arena_printf(a, "a redirect (HTTP %d)", ans->status);
	return ans->status == 200 ? NULL : arena_printf(a, "HTTP %d", ans->status);
}

static void fetched(void *ctx, struct http_get *get)
{
	struct snapshot_job *j = ctx;
	const struct http_answer *ans = &get->answer;
	const char *note = failure(j->a, ans);
	j->policy = NULL;
	j->s->sts = (struct sts_view){
		.fetch = note == NULL ? STS_FETCHED : STS_FAILED,
		.status = ans->status,
		.content_type = ans->content_type != NULL ? ans->content_type : "",
		.note = note,
		.body = body_text(j->a, ans->body),
		.at_ms = dns_engine_now_ms(j->en),
	};
}

static void fail(struct snapshot_job *j, const char *note)
{
	j->s->sts = (struct sts_view){ .fetch = STS_FAILED,
				       .content_type = "",
				       .body = "",
				       .note = note,
				       .at_ms = dns_engine_now_ms(j->en) };
}

static void fetch(struct snapshot_job *j, const struct walk_task *host)
{
	struct host_view h = walk_host_view(j->a, host);
	const char **addresses = ARENA_ARRAY(j->a, ADDRESSES_MAX + 1, const char *);
	for (size_t i = 0; i < h.n && i < ADDRESSES_MAX; i++)
		addresses[i] = h.addresses[i];
	j->policy = ARENA_NEW(j->a, struct http_get);
	*j->policy = (struct http_get){ .host = dname_show(j->a, host->name),
					.path = "/.well-known/mta-sts.txt",
					.addresses = addresses,
					.body_max = POLICY_MAX,
					.done = fetched,
					.ctx = j };
	http_submit(j->opts.http, j->a, j->policy);
}

static void host_done(void *ctx, struct walk_task *t)
{
	struct snapshot_job *j = ctx;
	struct host_view h = walk_host_view(j->a, t);
	if (h.n > 0 && !j->over)
		fetch(j, t);
	else if (h.n > 0)
		fail(j, j->late);
	else if (h.state == SEEN_UNREADABLE)
		fail(j, "the addresses of its host could not be found out");
	else
		fail(j, "its host has no address");
}

/* A name may hold any octet: '@', '/' or '#' would lead elsewhere, as a part of a URL. */
static bool is_web_host(const char *name)
{
	for (const char *p = name; *p != '\0'; p++) {
		bool letter = (*p >= 'a' && *p <= 'z') || (*p >= 'A' && *p <= 'Z');
		bool digit = *p >= '0' && *p <= '9';
		if (!letter && !digit && *p != '-' && *p != '.')
			return false;
	}
	return true;
}

/* Its addresses first; then it is fetched. */
static void look_up_host(struct snapshot_job *j, const char *host)
{
	walk_done_fn *fn = j->opts.http != NULL ? host_done : NULL;
	(void)taking_lookup(j, host, RR_CAA);
	if (taking_host(j, host, fn, j) == NULL && !j->over && fn != NULL)
		fail(j, "too many hosts to look up");
}

void taking_sts_heard(struct snapshot_job *j, const struct seen *seen)
{
	if (seen->state != SEEN_DATA || seen->question.type != RR_TXT || j->sts_wanted ||
	    j->sts_name == NULL || !dname_equal(seen->question.name, j->sts_name) ||
	    !has_record(j->a, seen->rrset))
		return;
	const char *host = taking_below(j, "mta-sts");
	j->sts_wanted = true;
	if (host != NULL && is_web_host(host))
		look_up_host(j, host);
	else if (j->opts.http != NULL)
		fail(j, host == NULL ? "the name of its host would be too long"
				     : "the name of its host is none that a web server can have");
}

bool taking_sts_open(const struct snapshot_job *j)
{
	return j->policy != NULL;
}

void taking_sts_give_up(struct snapshot_job *j, const char *note)
{
	if (j->policy == NULL)
		return;
	http_abandon(j->opts.http, j->policy);
	j->policy = NULL;
	fail(j, note);
}
