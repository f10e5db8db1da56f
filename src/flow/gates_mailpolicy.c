/*
 * The gates that stand on what the audit says of a signed zone and of the policies that
 * senders hold a mail host against. The checks judge; here their findings become verdicts with
 * a name that can be accepted.
 */
#include "dns/sts_record.h"
#include "flow/gates_priv.h"
#include "zone/dname.h"
#include "zone/record.h"

static bool is_one_of(const struct finding *f, const char *const *checks, enum severity least)
{
	for (size_t k = 0; checks[k] != NULL; k++)
		if (f->severity >= least && str_eq(f->check, checks[k]))
			return true;
	return false;
}

const struct finding *gate_finding(const struct gate_evidence *ev, const char *const *checks,
				   enum severity least)
{
	const struct audit *au = ev->audit;
	for (size_t i = 0; i < au->findings.list.n; i++)
		if (is_one_of(&au->findings.list.at[i], checks, least))
			return &au->findings.list.at[i];
	for (size_t i = 0; i < au->ignored_n; i++)
		if (is_one_of(&au->ignored[i].finding, checks, least))
			return &au->ignored[i].finding;
	return NULL;
}

void gate_about_findings(struct arena *a, struct gate *g, const struct gate_evidence *ev,
			 const char *const *checks, enum severity least)
{
	const struct audit *au = ev->audit;
	struct buf names;
	buf_init(&names);
	for (size_t i = 0; i < au->findings.list.n + au->ignored_n; i++) {
		const struct finding *f = i < au->findings.list.n
						  ? &au->findings.list.at[i]
						  : &au->ignored[i - au->findings.list.n].finding;
		if (is_one_of(f, checks, least))
			buf_addf(&names, "%s %s; ", f->check, f->subject);
	}
	gate_about(a, g, names.at);
	buf_release(&names);
}

/* What is wrong: the first finding is shown, all are what an acceptance is for. */
static void close_for(struct arena *a, struct gate *g, const struct finding *f)
{
	gate_close(a, g, f->remedy, "%s: %s: %s", f->check, f->subject, f->message);
}

static void unknown_for(struct arena *a, struct gate *g, const struct finding *f)
{
	gate_unknown(a, g, f->remedy, "%s: %s", f->check, f->message);
}

/* Without an anchor nobody who asks these root servers can validate, so nothing can fail for
 * that reason: a closed world. */
void gate_dnssec_valid(struct arena *a, const struct gate_evidence *ev, struct gate *g)
{
	static const char *const checks[] = {
		"dnssec-bogus",
		"dnssec-rrsig-expired",
		"dnssec-rrsig-expiring",
		"dnssec-ds-orphan",
		"dnssec-ds-mismatch",
		"dnssec-rrset-unsigned",
		"dnssec-new-host-unsigned",
		NULL,
	};
	const struct dnssec_view *v = ev->audit->dnssec;
	const struct finding *f = gate_finding(ev, checks, SEVERITY_WARNING);
	gate_about_findings(a, g, ev, checks, SEVERITY_WARNING);
	if (f != NULL)
		close_for(a, g, f);
	else if (v == NULL || !v->anchored)
		gate_open(a, g, "these root servers have no trust anchor, so nobody validates");
	else if (v->zone.state == SECURE_YES)
		gate_open(a, g, "the zone validates from the root down, at every server");
	else if (v->zone.state == SECURE_INSECURE)
		gate_open(a, g,
			  v->zone.unproven ? "no DS is published for the zone"
					   : "the zone is outside of DNSSEC, provably");
	else
		gate_unknown(a, g, "look at what could not be read: `cutover audit -v`",
			     "whether the zone validates could not be told%s%s",
			     v->zone.detail != NULL ? ": " : "",
			     v->zone.detail != NULL ? v->zone.detail : "");
}

static bool has_sts_record(struct arena *a, const struct seen *seen)
{
	for (size_t i = 0; seen->state == SEEN_DATA && i < seen->rrset->n; i++)
		if (sts_is_record(txt_join(a, seen->rrset->rdata[i])))
			return true;
	return false;
}

/* No policy was read, and nothing says that there is none: one server that announces it is
 * enough, and servers that could not be read say nothing. */
static bool may_have_policy(struct arena *a, const struct snapshot *snap)
{
	const char *name = arena_printf(a, "_mta-sts.%s", snap->domain);
	bool asked = false;
	bool told = false;
	for (size_t i = 0; i < snap->server_n; i++) {
		const struct seen *seen = snapshot_follow(
			snap, server_seen(&snap->servers[i], name, RR_TXT));
		if (seen == NULL)
			continue;
		if (has_sts_record(a, seen))
			return true;
		asked = true;
		told = told || seen->state <= SEEN_NXDOMAIN;
	}
	return asked && !told;
}

static void unread_policy(struct arena *a, struct gate *g)
{
	gate_unknown(a, g, "look at what could not be read: `cutover audit -v`",
		     "whether an MTA-STS policy forbids the planned MX hosts could not be told");
	gate_about(a, g, "mta-sts-policy unread");
}

/* The policy lists the new hosts now; a sender that has the one before does not know it. */
static void unsettled_policy(struct arena *a, struct gate *g, const struct settling *s)
{
	char since[TIME_TEXT_MAX];
	char until[TIME_TEXT_MAX];
	if (s->state == SETTLING_STUCK)
		gate_close(
			a, g,
			"plan again (`cutover plan`): it writes a new id; then `cutover stage`. "
			"Where a service has the record, have it change the id",
			"the MTA-STS policy lists the planned MX hosts, but its id is that of the "
			"policy before: senders do not fetch the new one");
	else
		gate_wait(a, g, s->until_ms,
			  "the MTA-STS policy has its new id since %s; until %s a sender may keep "
			  "the one before it (max_age %u s), which does not list the planned MX",
			  time_format(s->since_ms, since), time_format(s->until_ms, until),
			  (unsigned)s->ttl_s);
	gate_about(a, g, "mta-sts-policy cached");
}

/* Senders hold a cached policy against the new MX even when the policy host is down. */
void gate_mta_sts_covers_new_mx(struct arena *a, const struct gate_evidence *ev, struct gate *g)
{
	static const char *const stale[] = { "mta-sts-policy-stale", NULL };
	static const char *const unreadable[] = { "mta-sts-policy-unreachable",
						  "mta-sts-record-invalid", NULL };
	const struct finding *f = gate_finding(ev, stale, SEVERITY_BLOCKER);
	gate_about_findings(a, g, ev, stale, SEVERITY_BLOCKER);
	if (f != NULL) {
		close_for(a, g, f);
		return;
	}
	f = gate_finding(ev, unreadable, SEVERITY_WARNING);
	gate_about_findings(a, g, ev, unreadable, SEVERITY_WARNING);
	if (f != NULL)
		unknown_for(a, g, f);
	else if (ev->sts.state != SETTLED)
		unsettled_policy(a, g, &ev->sts);
	else if (ev->audit->snap->sts.fetch == STS_FETCHED)
		gate_open(a, g, "the MTA-STS policy stands against none of the planned MX hosts");
	else if (may_have_policy(a, ev->audit->snap))
		unread_policy(a, g);
	else
		gate_open(a, g, "the domain publishes no MTA-STS policy");
}

/* Senders do not look for TLSA at a host whose zone is outside of DNSSEC (RFC 7672 §2.1.3). */
static bool is_insecure(const struct dnssec_view *v, const char *host)
{
	for (size_t i = 0; v != NULL && i < v->zone_n; i++)
		if (v->zones[i].secure.state == SECURE_INSECURE &&
		    dname_is_within(host, v->zones[i].zone))
			return true;
	return false;
}

/* It was asked for, and nothing usable came: perhaps there is a record, and it is wrong. */
static bool is_tlsa_unread(struct arena *a, const struct audit *au, const char *host)
{
	struct err e = { 0 };
	const char *name = dname_in_zone(a, "_25._tcp", host, &e);
	const struct seen *seen = name != NULL ? snapshot_lookup(au->snap, name, RR_TLSA) : NULL;
	return seen != NULL && seen->state > SEEN_NXDOMAIN && !is_insecure(au->dnssec, host);
}

/* The planned MX hosts of which that is so, for a person; "" when there is none. */
static const char *unread_hosts(struct arena *a, const struct gate_evidence *ev)
{
	const struct rrset *planned = ev->project->target_mx;
	const char *list = "";
	struct mx mx;
	for (size_t i = 0; planned != NULL && i < planned->n; i++)
		if (mx_parse(a, planned->rdata[i], &mx) && is_tlsa_unread(a, ev->audit, mx.host))
			list = arena_printf(a, "%s%s%s", list, list[0] != '\0' ? "; " : "",
					    dname_show(a, mx.host));
	return list;
}

static void unsettled_tlsa(struct arena *a, struct gate *g, const struct settling *s)
{
	char since[TIME_TEXT_MAX];
	char until[TIME_TEXT_MAX];
	if (s->state == SETTLING_STUCK)
		gate_close(a, g, "run `cutover stage`, or look at the server that does not have it",
			   "%s is not at every authoritative server as target.tlsa wants it",
			   s->what);
	else
		gate_wait(
			a, g, s->until_ms,
			"every server has %s since %s; until %s a resolver may hold what was there "
			"before (twice the TTL, %u s)",
			s->what, time_format(s->since_ms, since), time_format(s->until_ms, until),
			(unsigned)s->ttl_s);
	gate_about(a, g, arena_printf(a, "tlsa cached %s", s->what));
}

/* The finding is about the TLSA records of a host that the switch leads mail to. */
static bool is_of_planned_host(struct arena *a, const struct gate_evidence *ev,
			       const struct finding *f)
{
	const struct rrset *planned = ev->project->target_mx;
	struct mx mx;
	for (size_t i = 0; planned != NULL && i < planned->n; i++)
		if (mx_parse(a, planned->rdata[i], &mx) &&
		    str_eq_nocase(f->subject,
				  arena_printf(a, "_25._tcp.%s TLSA", dname_show(a, mx.host))))
			return true;
	return false;
}

/* What is malformed, of the hosts that the switch leads to and of those that it leaves. A wrong
 * record of an old host keeps no mail from the new one: who is shut out by it is shut out today,
 * and let in by the switch. */
struct malformed {
	const struct finding *first; /* of a planned host; NULL: none */
	const struct finding *left;  /* of another one; NULL: none */
	struct buf faults;           /* the planned hosts', for the acceptance */
};

static void add_malformed(struct arena *a, const struct gate_evidence *ev, struct malformed *m,
			  const struct finding *f)
{
	static const char *const checks[] = { "dane-tlsa-malformed", NULL };
	if (!is_one_of(f, checks, SEVERITY_WARNING))
		return;
	if (!is_of_planned_host(a, ev, f)) {
		m->left = m->left != NULL ? m->left : f;
		return;
	}
	m->first = m->first != NULL ? m->first : f;
	buf_addf(&m->faults, "%s %s; ", f->check, f->subject);
}

static void tlsa_is_settled(struct arena *a, const struct gate_evidence *ev, struct gate *g,
			    const struct finding *left)
{
	if (ev->tlsa.state != SETTLED)
		unsettled_tlsa(a, g, &ev->tlsa);
	else if (left != NULL)
		gate_open(a, g,
			  "no TLSA record of the new MX hosts stands in the way; the malformed one "
			  "at %s is of a host that the switch leaves, and keeps no mail from the "
			  "new ones",
			  left->subject);
	else
		gate_open(a, g, "no TLSA record of a mail host stands in the way");
}

/* That there is none at the new MX is a warning of the audit's; a wrong one loses mail. */
void gate_tlsa_consistent(struct arena *a, const struct gate_evidence *ev, struct gate *g)
{
	const struct audit *au = ev->audit;
	const char *unread = unread_hosts(a, ev);
	struct malformed m = { 0 };
	buf_init(&m.faults);
	for (size_t i = 0; i < au->findings.list.n; i++)
		add_malformed(a, ev, &m, &au->findings.list.at[i]);
	for (size_t i = 0; i < au->ignored_n; i++)
		add_malformed(a, ev, &m, &au->ignored[i].finding);
	gate_about(a, g, m.faults.at);
	buf_release(&m.faults);
	if (m.first != NULL) {
		close_for(a, g, m.first);
	} else if (unread[0] != '\0') {
		gate_unknown(a, g, "look at what could not be read: `cutover audit -v`",
			     "the TLSA records of %s could not be read", unread);
		gate_about(a, g, unread);
	} else {
		tlsa_is_settled(a, ev, g, m.left);
	}
}
