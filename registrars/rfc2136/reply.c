/*
 * Servers refuse with different codes for the same reason (no key: REFUSED by BIND and
 * PowerDNS, NOTAUTH by Knot), so the remedies name all that may be meant.
 */
#include "registrars/rfc2136/reply.h"

/* Both clocks in words: which of them is wrong, the person sees at once. */
static int explain_time(const struct tsig_verdict *v, const struct tsig_state *s, struct err *e)
{
	char here[TIME_TEXT_MAX];
	char there[TIME_TEXT_MAX];
	bool sane = v->server_s > 0 && v->server_s < INT64_C(253402300800); /* year 10000 */
	(void)err_set(e, ERR_WORLD,
		      "the server's clock differs (BADTIME): here it is %s, there it is %s",
		      time_format(clock_now_ms(s->clock), here),
		      sane ? time_format(v->server_s * 1000, there) : "unknown");
	return err_hint(e, "set both clocks by NTP; TSIG allows five minutes");
}

/* A refusal without a signature is told as what it may be; it proves nothing. */
static int check_signature(const struct reply_ask *ask, struct slice wire, const struct message *m,
			   struct err *e)
{
	struct tsig_verdict v;
	if (ask->tsig == NULL)
		return 0;
	if (tsig_verify(ask->tsig, wire, m, &v, e) != 0) {
		/* PowerDNS refuses a bad secret without any signature. */
		if (e->kind == ERR_WORLD && m->rcode != RCODE_NOERROR)
			return err_wrap(e, "the server said rcode %u", (unsigned)m->rcode);
		return -1;
	}
	return v.error != 0 ? explain_time(&v, ask->tsig, e) : 0;
}

const struct message *reply_check(struct arena *a, const struct reply_ask *ask, struct slice wire,
				  struct err *e)
{
	const struct message *m = message_parse(a, wire, e);
	if (m == NULL) {
		e->kind = ERR_WORLD;
		return NULL;
	}
	if (m->id != ask->id || !m->qr || m->opcode != ask->opcode) {
		(void)err_set(e, ERR_WORLD, "the server answered something else than was asked");
		return NULL;
	}
	return check_signature(ask, wire, m, e) == 0 ? m : NULL;
}

struct meaning {
	uint8_t rcode;
	enum err_kind kind;
	const char *name, *means, *remedy;
};

static const struct meaning meanings[] = {
	{ 1, ERR_WORLD, "FORMERR", "the server did not understand the message",
	  "is it a DNS server that takes updates (RFC 2136)?" },
	{ 2, ERR_WORLD, "SERVFAIL", "the server failed", "its log says why" },
	{ 4, ERR_REFUSED, "NOTIMP", "the server does not do this at all",
	  "use another provider for this zone, or \"manual\"" },
	{ 5, ERR_ACCOUNT, "REFUSED", "the server does not allow it",
	  "allow the key at the zone (BIND: update-policy and allow-transfer, Knot: acl with "
	  "action [update, transfer], PowerDNS: TSIG-ALLOW-DNSUPDATE), and give key_name and "
	  "secret" },
	{ 6, ERR_REFUSED, "YXDOMAIN", "a name that should be free is in use",
	  "somebody changed the zone since the plan was made, nothing was written; run `cutover "
	  "plan` again" },
	{ 7, ERR_REFUSED, "YXRRSET", "a record that should not be there is there",
	  "somebody changed the zone since the plan was made, nothing was written; run `cutover "
	  "plan` again" },
	{ 8, ERR_REFUSED, "NXRRSET", "a record is not as it was when the plan was made",
	  "somebody changed the zone since, nothing was written; run `cutover plan` again" },
	{ 9, ERR_ACCOUNT, "NOTAUTH", "the server does not have the zone, or not for this key",
	  "is this the zone's primary, is \"zone\" the zone's apex, and may the key change it?" },
	{ 10, ERR_REFUSED, "NOTZONE", "a name is not in this zone",
	  "is \"zone\" the zone's apex at this server?" },
};

int reply_explain(const struct message *m, const char *zone, struct err *e)
{
	for (size_t i = 0; i < sizeof(meanings) / sizeof(meanings[0]); i++) {
		const struct meaning *k = &meanings[i];
		if (k->rcode != m->rcode)
			continue;
		(void)err_set(e, k->kind, "zone %s: %s (%s)", zone, k->means, k->name);
		return err_hint(e, "%s", k->remedy);
	}
	return err_set(e, ERR_WORLD, "zone %s: the server answered rcode %u", zone,
		       (unsigned)m->rcode);
}
