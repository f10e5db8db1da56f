/*
 * Commands wait in a queue for their replies, which come in the order of the commands.
 * With PIPELINING a whole transaction is queued at once, else one command at a time; the
 * handling of the replies is the same. A refused MAIL makes the following RCPTs fail with
 * "503 bad sequence": they get MAIL's answer, which says why.
 */
#include "migrate/smtp/probe.h"

#include <assert.h>
#include <stdlib.h>

enum verb { GREETING, EHLO, HELO, MAIL, RCPT, RSET, QUIT };

struct command {
	enum verb verb;
	size_t which; /* RCPT: index of the answer */
};

enum { QUEUE_MAX = SMTP_PROBE_BATCH + 4, REPLY_TEXT_MAX = 300 };

struct smtp_probe {
	struct arena *arena;         /* borrowed */
	struct smtp_probe_opts opts; /* strings borrowed */
	struct smtp_answer *answers; /* borrowed */
	size_t n;
	struct command queue[QUEUE_MAX]; /* sent, or about to be: replies are awaited */
	size_t queued;
	size_t batch_next, batch_end; /* RCPTs of this transaction not sent yet */
	struct smtp_parser parser;
	struct buf out;
	const char *mail_refused; /* MAIL's reply when it was no; the arena's */
	const char *last;
	size_t replies;
	bool pipelining, done;
};

bool smtp_address_sendable(const char *address)
{
	enum { PATH_MAX_LEN = 254 }; /* RFC 5321 §4.5.3.1.3, without the brackets */
	size_t at = 0;
	size_t len = 0;
	for (const char *p = address; *p != '\0'; p++, len++) {
		if (*p <= ' ' || *p > '~' || *p == '<' || *p == '>')
			return false;
		if (*p == '@')
			at = len;
	}
	return at > 0 && at + 1 < len && len <= PATH_MAX_LEN;
}

static const char *reply_line(struct smtp_probe *p)
{
	const struct smtp_reply *r = &p->parser.reply;
	char *line = arena_printf(p->arena, "%d %.*s", r->code, REPLY_TEXT_MAX, r->text.at);
	for (char *c = line; *c != '\0'; c++)
		if (*c == '\n')
			*c = ' ';
	str_make_printable(line);
	return line;
}

static void answer(struct smtp_answer *to, enum smtp_verdict verdict, const char *reply)
{
	to->answered = true;
	to->verdict = verdict;
	to->reply = reply;
}

/* The queue cannot run over: a transaction is MAIL, a batch of RCPTs and RSET. */
static struct command *queue(struct smtp_probe *p, enum verb verb)
{
	assert(p->queued < QUEUE_MAX);
	struct command *c = &p->queue[p->queued++];
	*c = (struct command){ .verb = verb };
	return c;
}

static struct command unqueue(struct smtp_probe *p)
{
	struct command first = p->queue[0];
	p->queued--;
	for (size_t i = 0; i < p->queued; i++)
		p->queue[i] = p->queue[i + 1];
	return first;
}

static void say_name(struct smtp_probe *p, enum verb verb)
{
	queue(p, verb);
	buf_addf(&p->out, "%s %s\r\n", verb == EHLO ? "EHLO" : "HELO", p->opts.helo);
}

static void say_quit(struct smtp_probe *p)
{
	queue(p, QUIT);
	buf_adds(&p->out, "QUIT\r\n");
}

/* The next recipient of the transaction that has no answer, or RSET behind the last. */
static void say_rcpt_or_reset(struct smtp_probe *p)
{
	while (p->batch_next < p->batch_end) {
		size_t i = p->batch_next++;
		if (p->answers[i].answered)
			continue;
		queue(p, RCPT)->which = i;
		buf_addf(&p->out, "RCPT TO:<%s>\r\n", p->answers[i].address);
		return;
	}
	queue(p, RSET);
	buf_adds(&p->out, "RSET\r\n");
}

/* A transaction over the first answers that are missing; QUIT when there are none. */
static void begin_transaction(struct smtp_probe *p)
{
	size_t i = 0;
	size_t in_batch = 0;
	while (i < p->n && p->answers[i].answered)
		i++;
	if (i == p->n) {
		say_quit(p);
		return;
	}
	p->batch_next = i;
	for (; i < p->n && in_batch < SMTP_PROBE_BATCH; i++)
		in_batch += p->answers[i].answered ? 0 : 1;
	p->batch_end = i;
	p->mail_refused = NULL;
	queue(p, MAIL);
	buf_addf(&p->out, "MAIL FROM:<%s>\r\n", p->opts.mail_from);
	while (p->pipelining && p->queue[p->queued - 1].verb != RSET)
		say_rcpt_or_reset(p);
}

/* Without pipelining: the reply to the last command makes room for the next one. */
static void go_on(struct smtp_probe *p)
{
	if (p->queued == 0)
		say_rcpt_or_reset(p);
}

/* Up to the batch's end, not only from its begin: what stands before is answered already. */
static void refuse_batch(struct smtp_probe *p)
{
	for (size_t i = 0; i < p->batch_end; i++)
		if (!p->answers[i].answered)
			answer(&p->answers[i], SMTP_INCONCLUSIVE, p->mail_refused);
}

static bool is_yes(const struct smtp_probe *p)
{
	return p->parser.reply.code / 100 == 2;
}

/* Without EHLO there is no PIPELINING, whatever a HELO's reply may say. */
static void on_name(struct smtp_probe *p, enum verb verb)
{
	if (is_yes(p)) {
		p->pipelining = verb == EHLO && smtp_reply_offers(&p->parser.reply, "PIPELINING");
		begin_transaction(p);
	} else if (verb == EHLO) {
		say_name(p, HELO); /* an old server (RFC 5321 §3.2) */
	} else {
		say_quit(p);
	}
}

static void on_mail(struct smtp_probe *p)
{
	if (!is_yes(p)) {
		p->mail_refused = p->last;
		refuse_batch(p);
	}
	go_on(p);
}

/* A RCPT behind a refused MAIL has its answer; its 503 adds nothing. */
static void on_rcpt(struct smtp_probe *p, size_t which)
{
	if (!p->answers[which].answered)
		answer(&p->answers[which], smtp_verdict_of(&p->parser.reply), p->last);
	go_on(p);
}

/* Replies come in the order of the commands (RFC 2920): the oldest one gets it. */
static void on_reply(struct smtp_probe *p)
{
	enum { CLOSING = 421 }; /* may come instead of any reply (RFC 5321 §3.8) */
	struct command c = unqueue(p);
	p->replies++;
	p->last = reply_line(p);
	if (p->parser.reply.code == CLOSING || c.verb == QUIT) {
		p->done = true;
		return;
	}
	switch (c.verb) {
	case GREETING:
		if (is_yes(p))
			say_name(p, EHLO);
		else
			say_quit(p);
		break;
	case EHLO:
	case HELO: on_name(p, c.verb); break;
	case MAIL: on_mail(p); break;
	case RCPT: on_rcpt(p, c.which); break;
	default: begin_transaction(p); break; /* RSET: whatever it said, go on */
	}
}

/* A greeting is a reply to nothing: it is queued like one, so that all replies go one way. */
struct smtp_probe *smtp_probe_new(struct arena *a, const struct smtp_probe_opts *opts,
				  struct smtp_answer *answers, size_t n)
{
	struct smtp_probe *p = mem_alloc(sizeof(*p));
	p->arena = a;
	p->opts = *opts;
	p->answers = answers;
	p->n = n;
	p->last = "";
	buf_init(&p->out);
	smtp_parser_init(&p->parser);
	for (size_t i = 0; i < n; i++)
		if (!answers[i].answered && !smtp_address_sendable(answers[i].address))
			answer(&answers[i], SMTP_INCONCLUSIVE,
			       "not asked: the address cannot be written in a plain SMTP command");
	if (opts->greeted)
		say_name(p, EHLO);
	else
		queue(p, GREETING);
	return p;
}

void smtp_probe_free(struct smtp_probe *p)
{
	if (p == NULL)
		return;
	buf_release(&p->out);
	smtp_parser_release(&p->parser);
	free(p);
}

/* A reply more than commands: the two sides are out of step, and which answer belongs to whom
 * is not known any more. */
int smtp_probe_feed(struct smtp_probe *p, struct slice bytes, struct err *e)
{
	while (bytes.len > 0 && !p->done) {
		int rc = smtp_parser_feed(&p->parser, &bytes, e);
		if (rc < 0)
			p->done = true;
		if (rc <= 0)
			return rc;
		if (p->queued == 0) {
			p->done = true;
			return err_set(e, ERR_WORLD, "the server answers what was not asked: %s",
				       reply_line(p));
		}
		on_reply(p);
	}
	return 0;
}

struct slice smtp_probe_pending(const struct smtp_probe *p)
{
	return buf_slice(&p->out);
}

void smtp_probe_sent(struct smtp_probe *p, size_t len)
{
	buf_consume(&p->out, len);
}

bool smtp_probe_done(const struct smtp_probe *p)
{
	return p->done;
}

size_t smtp_probe_replies(const struct smtp_probe *p)
{
	return p->replies;
}

const char *smtp_probe_last(const struct smtp_probe *p)
{
	return p->last;
}
