/*
 * libcurl opens the connection and does STARTTLS; its own EHLO is followed by ours, which
 * may come again at any time (RFC 5321 §4.1.4). The control address is asked first, so
 * that what "accepted" is worth is known even when the server ends the talk early.
 *
 * A certificate that cannot be verified is common at mail exchangers and not our question
 * here: the probe then goes on without TLS, as delivering servers do, and the report says
 * so. Nothing secret is ever sent.
 *
 * Time is kept by whole replies, for a server may send an octet a second for ever (some do so on
 * purpose, to whom they take for a spammer): each has the timeout, and all of them, over all
 * connections, four of it and a tenth more for each address.
 */
#include "migrate/rcpt.h"

#include <string.h>

#include "io/dial.h"
#include "io/wait.h"
#include "migrate/smtp/probe.h"

enum { DIALOGUE_TIMEOUTS = 4, ADDRESSES_A_TIMEOUT = 10 };

struct talk {
	struct arena *arena;
	const struct rcpt_opts *opts;
	struct rcpt_report *report;
	struct smtp_answer *answers; /* the control address, then the probes */
	size_t n;
	int64_t limit_ms;    /* of the dialogue, all connections */
	int64_t until_ms;    /* its end, monotonic */
	bool tls_unverified; /* learned by the first connection */
};

static int dial_once(struct talk *t, enum dial_tls tls, struct stream **stream_r, struct err *e)
{
	const struct rcpt_opts *o = t->opts;
	struct dial_seen seen = { .tls = false };
	const struct dial_opts dial = {
		.url = arena_printf(t->arena, "smtp://%s:%u", o->host, o->port),
		.connect_to = o->connect_to,
		.ca_file = o->ca_file,
		.tls = tls,
		.timeout_ms = o->timeout_ms,
		.helo = o->helo,
		.seen = &seen,
		.cancel = o->cancel,
		.clock = o->clock,
		.log = o->log,
	};
	int rc = dial_open(&dial, stream_r, e);
	if (seen.greeting[0] != '\0' && t->report->banner == NULL)
		t->report->banner = arena_strdup(t->arena, seen.greeting);
	t->report->connected |= seen.greeting[0] != '\0';
	t->report->tls |= seen.tls;
	t->report->tls_verified |= seen.tls && rc == 0;
	return rc;
}

/* Without TLS only after TLS itself failed to verify: the second connection is for the
 * answers, the report already has its verdict. */
static int connect_to_server(struct talk *t, struct stream **stream_r, struct err *e)
{
	int rc = -1;
	if (!t->tls_unverified)
		rc = dial_once(t, DIAL_TLS_TRY, stream_r, e);
	if (rc != 0 && !t->tls_unverified && t->report->tls && e->kind == ERR_REFUSED) {
		log_warn(t->opts->log, "%s; its recipients are asked without TLS", e->text);
		t->tls_unverified = true;
	}
	return t->tls_unverified ? dial_once(t, DIAL_TLS_NONE, stream_r, e) : rc;
}

/* One step: sends what is pending, takes what has come. 1 go on, 0 the server closed. */
static int exchange(struct smtp_probe *p, struct stream *s, struct err *e)
{
	char bytes[4096];
	struct slice out = smtp_probe_pending(p);
	ssize_t n = out.len > 0 ? stream_send(s, out.ptr, out.len, e) : 0;
	if (n == STREAM_FAILED)
		return -1;
	if (n > 0)
		smtp_probe_sent(p, (size_t)n);
	n = stream_recv(s, bytes, sizeof(bytes), e);
	if (n == STREAM_FAILED)
		return -1;
	if (n == STREAM_END)
		return 0;
	if (n > 0 && smtp_probe_feed(p, (struct slice){ bytes, (size_t)n }, e) != 0)
		return -1;
	return 1;
}

static bool is_over(const struct talk *t)
{
	return clock_mono_ms(t->opts->clock) >= t->until_ms;
}

/* The next reply is whole by then. */
static int64_t reply_until(const struct talk *t)
{
	int64_t until = clock_mono_ms(t->opts->clock) + t->opts->timeout_ms;
	return until < t->until_ms ? until : t->until_ms;
}

static int too_late(const struct talk *t, const struct stream *s, struct err *e)
{
	if (is_over(t))
		return err_set(e, ERR_RETRY, "'%s': its answers took more than %lld s together",
			       stream_name(s), (long long)(t->limit_ms / 1000));
	return err_set(e, ERR_RETRY, "'%s': no whole answer within %d s", stream_name(s),
		       t->opts->timeout_ms / 1000);
}

static int wait_for_server(const struct talk *t, const struct smtp_probe *p, const struct stream *s,
			   int64_t until_ms, struct err *e)
{
	struct wait_item item = { .stream = s,
				  .want_read = true,
				  .want_write = smtp_probe_pending(p).len > 0 };
	int rc = wait_streams(&item, 1, t->opts->clock, until_ms, t->opts->cancel, e);
	if (rc == 0)
		return too_late(t, s, e);
	return rc < 0 ? -1 : 0;
}

/* 0: the conversation ended in order, or the server ended it. What has come is read before the
 * time is looked at: we may be the slow ones. */
static int converse(const struct talk *t, struct smtp_probe *p, struct stream *s, struct err *e)
{
	int64_t until_ms = reply_until(t);
	size_t heard = 0;
	while (!smtp_probe_done(p)) {
		if (wait_for_server(t, p, s, until_ms, e) != 0)
			return -1;
		int rc = exchange(p, s, e);
		if (rc <= 0)
			return rc;
		if (smtp_probe_replies(p) > heard)
			until_ms = reply_until(t);
		heard = smtp_probe_replies(p);
		if (!smtp_probe_done(p) && clock_mono_ms(t->opts->clock) >= until_ms)
			return too_late(t, s, e);
	}
	return 0;
}

static size_t unanswered(const struct talk *t)
{
	size_t n = 0;
	for (size_t i = 0; i < t->n; i++)
		n += t->answers[i].answered ? 0 : 1;
	return n;
}

/* What nobody answered, and why: of the connection, or of the server's last words. */
static void give_up(struct talk *t, const char *why)
{
	for (size_t i = 0; i < t->n; i++) {
		if (t->answers[i].answered)
			continue;
		t->answers[i].answered = true;
		t->answers[i].verdict = SMTP_INCONCLUSIVE;
		t->answers[i].reply = why;
	}
}

/* Its last refusal, such as a 421; a "250 Ok" explains nothing. */
static const char *last_words(const struct smtp_probe *p)
{
	const char *last = smtp_probe_last(p);
	bool refusal = last[0] == '4' || last[0] == '5';
	return refusal ? last : "the server closed the connection";
}

/* One connection. *why_r: what ended it, in the arena. */
static int ask_once(struct talk *t, const char **why_r, struct err *e)
{
	struct stream *s = NULL;
	if (connect_to_server(t, &s, e) != 0)
		return -1;
	const struct smtp_probe_opts probe_opts = { .helo = t->opts->helo,
						    .mail_from = t->opts->mail_from,
						    .greeted = true };
	struct smtp_probe *p = smtp_probe_new(t->arena, &probe_opts, t->answers, t->n);
	int rc = converse(t, p, s, e);
	*why_r = arena_printf(t->arena, "no answer: %s", rc != 0 ? e->text : last_words(p));
	smtp_probe_free(p);
	stream_free(s);
	return rc != 0 && e->kind == ERR_CANCELLED ? -1 : 0;
}

/* Connection after connection, as long as each brings answers and there is time. One there is
 * always: also of a host that nobody is asked about it is to be known that it answers, and how. */
static int ask_all(struct talk *t, struct err *e)
{
	const char *why = "";
	size_t left = unanswered(t);
	bool talked = false;
	do {
		if (ask_once(t, &why, e) != 0) {
			if (!talked || e->kind == ERR_CANCELLED)
				return -1;
			why = arena_strdup(t->arena, e->text);
		}
		talked = true;
		size_t now = unanswered(t);
		if (now == left || is_over(t))
			give_up(t, why);
		left = unanswered(t);
	} while (left > 0);
	return 0;
}

/* A local part that nobody has: 64 random bits. */
static const char *control_address(struct arena *a, const struct rng *rng, const char *like)
{
	const char *at = strrchr(like, '@');
	return arena_printf(a, "no-such-user-%016llx%s", (unsigned long long)rng_u64(rng),
			    at != NULL ? at : "");
}

/* For good, or "4.1.1", which is about the mailbox as well (Postfix says so of whom it could not
 * verify): not yet is what greylisting says to everybody who is new. */
static bool is_refused(const struct smtp_answer *control)
{
	const char *reply = control->reply;
	return control->verdict == SMTP_REJECTED ||
	       (reply[0] == '4' && strlen(reply) > 4 && str_starts(reply + 4, "4.1.1"));
}

static void take_answers(struct talk *t, struct rcpt_probe *probes)
{
	static const enum rcpt_verdict verdicts[] = {
		[SMTP_ACCEPTED] = RCPT_ACCEPTED,
		[SMTP_REJECTED] = RCPT_REJECTED,
		[SMTP_INCONCLUSIVE] = RCPT_INCONCLUSIVE,
	};
	const struct smtp_answer *control = &t->answers[0];
	t->report->accepts_random = control->answered && control->verdict == SMTP_ACCEPTED;
	t->report->rejects_random = control->answered && is_refused(control);
	t->report->control_reply = control->answered ? control->reply : "";
	for (size_t i = 1; i < t->n; i++) {
		const struct smtp_answer *from = &t->answers[i];
		probes[i - 1].verdict = verdicts[from->verdict];
		probes[i - 1].reply = from->reply;
	}
}

static int could_not_connect(const struct rcpt_opts *o, struct err *e)
{
	if (e->kind == ERR_CANCELLED)
		return -1;
	e->kind = ERR_WORLD;
	return err_wrap(e, "asking the mail exchanger '%s' about recipients", o->host);
}

/* All verdicts are filled in also when nobody could be reached: inconclusive, not asked. */
int rcpt_probe(struct arena *a, const struct rcpt_opts *opts, struct rcpt_probe *probes, size_t n,
	       struct rcpt_report *report_r, struct err *e)
{
	struct talk t = { .arena = a, .opts = opts, .report = report_r, .n = n > 0 ? n + 1 : 0 };
	*report_r = (struct rcpt_report){ .at_ms = clock_now_ms(opts->clock) };
	t.limit_ms = (int64_t)opts->timeout_ms * DIALOGUE_TIMEOUTS +
		     (int64_t)opts->timeout_ms * (int64_t)t.n / ADDRESSES_A_TIMEOUT;
	t.until_ms = clock_mono_ms(opts->clock) + t.limit_ms;
	t.answers = ARENA_ARRAY(a, n + 1, struct smtp_answer);
	report_r->control = control_address(a, opts->rng, n > 0 ? probes[0].address : "");
	t.answers[0].address = report_r->control;
	for (size_t i = 0; i < n; i++)
		t.answers[i + 1].address = probes[i].address;
	int rc = ask_all(&t, e);
	if (rc != 0)
		give_up(&t, "not asked");
	take_answers(&t, probes);
	if (report_r->banner == NULL)
		report_r->banner = "";
	return rc != 0 ? could_not_connect(opts, e) : 0;
}
