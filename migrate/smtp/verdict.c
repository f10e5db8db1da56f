/*
 * A permanent "no" to RCPT is about the recipient, unless it shows itself to be about the
 * client that asks: by the enhanced code X.7.x (RFC 3463 §3.8: security or policy) or, from
 * servers without such codes, by its words. The exception of the exception is a refusal to
 * relay, which comes with 5.7.1 too and means that this server does not know the domain.
 */
#include "migrate/smtp/verdict.h"

static bool says(struct slice text, const char *word)
{
	for (; text.len > 0; text.ptr++, text.len--)
		if (slice_starts_nocase(text, slice_str(word)))
			return true;
	return false;
}

static bool says_any(const struct smtp_reply *r, const char *const *words)
{
	for (size_t i = 0; words[i] != NULL; i++)
		if (says(buf_slice(&r->text), words[i]))
			return true;
	return false;
}

static bool refuses_to_relay(const struct smtp_reply *r)
{
	static const char *const words[] = { "relay access denied",
					     "relaying denied",
					     "unable to relay",
					     "relay not permitted",
					     "not permitted to relay",
					     "relaying not allowed",
					     "not relay",
					     NULL };
	return says_any(r, words);
}

static bool is_about_us(const struct smtp_reply *r)
{
	static const char *const words[] = { "spamhaus",
					     "blacklist",
					     "blocklist",
					     "dnsbl",
					     "reputation",
					     "greylist",
					     "ptr record",
					     "reverse dns",
					     "client host",
					     "sender",
					     "policy",
					     "your ip",
					     "authentication required",
					     NULL };
	return says_any(r, words);
}

/* 5.5.x: it did not like our command (RFC 3463 §3.6); so do 500..504 and 530..535. */
static bool is_about_the_command(int code)
{
	return (code >= 500 && code <= 504) || (code >= 530 && code <= 539);
}

static enum smtp_verdict of_permanent(const struct smtp_reply *r)
{
	enum { ADDRESS = 1, MAILBOX = 2, ROUTING = 4, PROTOCOL = 5, POLICY = 7 };
	unsigned status[3];
	if (is_about_the_command(r->code))
		return SMTP_INCONCLUSIVE;
	if (refuses_to_relay(r))
		return SMTP_REJECTED;
	if (!smtp_reply_status(r, status))
		return is_about_us(r) ? SMTP_INCONCLUSIVE : SMTP_REJECTED;
	switch (status[1]) {
	case ADDRESS: /* 5.1.7 and 5.1.8 are about the sender's address */
		return status[2] == 7 || status[2] == 8 ? SMTP_INCONCLUSIVE : SMTP_REJECTED;
	case MAILBOX:
	case ROUTING: return SMTP_REJECTED; /* 550 5.4.1: Exchange's unknown recipient */
	case PROTOCOL:
	case POLICY: return SMTP_INCONCLUSIVE;
	default: return is_about_us(r) ? SMTP_INCONCLUSIVE : SMTP_REJECTED;
	}
}

enum smtp_verdict smtp_verdict_of(const struct smtp_reply *rcpt_reply)
{
	switch (rcpt_reply->code / 100) {
	case 2: /* 252: "cannot tell, but will try" (RFC 5321 §3.5.3) */
		return rcpt_reply->code == 252 ? SMTP_INCONCLUSIVE : SMTP_ACCEPTED;
	case 5: return of_permanent(rcpt_reply);
	default: return SMTP_INCONCLUSIVE;
	}
}
