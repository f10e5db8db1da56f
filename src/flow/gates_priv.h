/* gates_priv.h - what the gates' families share. */
#ifndef FLOW_GATES_PRIV_H
#define FLOW_GATES_PRIV_H

#include "flow/gates.h"

/* The four verdicts, each with its evidence in words, made printable and copied into the
 * arena: what a server said may stand in it. */

/* It may pass: the evidence says what was proved. */
void gate_open(struct arena *a, struct gate *g, const char *fmt, ...) ERR_PRINTF(3, 4);
/* The answer is no, and `remedy` (borrowed, to live as long as the gate) is what to do about
 * it. */
void gate_close(struct arena *a, struct gate *g, const char *remedy, const char *fmt, ...)
	ERR_PRINTF(4, 5);
/* The evidence is missing or proves nothing. Not the same as no: a person may know better, and
 * accepts it by name. */
void gate_unknown(struct arena *a, struct gate *g, const char *remedy, const char *fmt, ...)
	ERR_PRINTF(4, 5);
/* Nobody has to do anything: time alone opens it at `until_ms` (wall clock). */
void gate_wait(struct arena *a, struct gate *g, int64_t until_ms, const char *fmt, ...)
	ERR_PRINTF(4, 5);

/* Says what an acceptance would be for, beside the verdict: faults with "; " between them, each in
 * words that do not change by themselves (no times or counts), else an acceptance would be void at
 * the next look. It stands for as long as no fault is there that it was not for. Copied. */
void gate_about(struct arena *a, struct gate *g, const char *faults);

/* What is wrong, one by one: people are shown the first few, an acceptance is for all of them. */
struct gate_list {
	struct buf text;
	struct buf names; /* for the acceptance */
	size_t n;
	/* Borrowed, for each that is added from then on: what else tells its fault from another,
	 * for the acceptance; and what else people are shown beside the name. "" at first. */
	const char *kind, *beside;
};
/* Begins an empty one; gate_list_end releases it. */
void gate_list_init(struct gate_list *l);
/* "name: why"; why may change by itself (times, counts), name and kind may not. Both are copied. */
void gate_list_add(struct gate_list *l, const char *name, const char *why);
/* The text, in the arena; the names become what the gate is about. The list is released. */
const char *gate_list_end(struct arena *a, struct gate_list *l, struct gate *g);

/* One gate's decision: fills verdict, evidence and remedy. Pure; asks nobody. */
typedef void gate_fn(struct arena *a, const struct gate_evidence *ev, struct gate *g);

/* ---- gates_dns.c: the zone ---- */

/* Closed by every blocker of the audit, except those that have a gate of their own here. */
gate_fn gate_no_blocking_finding;
/* Open when every authoritative address shows every staged record, and the delegation holds
 * each name server that the panel names: else a zone was edited that nobody asks. */
gate_fn gate_zone_edited_is_zone_served;
/* Open when every authoritative address serves the ownership token, to the byte. */
gate_fn gate_ownership_verified;
/* Closed when a planned record is neither as planned from nor as the journal left it. */
gate_fn gate_no_drift;

/* The first finding of these checks (NULL-terminated) that is at least that bad, or NULL. One that
 * is ignored in the report counts as well: a gate is accepted by its own name. */
const struct finding *gate_finding(const struct gate_evidence *ev, const char *const *checks,
				   enum severity least);
/* The gate is about all findings that gate_finding chooses from: one more voids an acceptance. */
void gate_about_findings(struct arena *a, struct gate *g, const struct gate_evidence *ev,
			 const char *const *checks, enum severity least);

/* ---- gates_clocks.c: how long a cache may hold the old MX ---- */

/* Open when the highest MX TTL that any server shows is within policy.max_mx_ttl. */
gate_fn gate_mx_ttl_low;
/* Waits until the TTL that the MX had before has passed since the last server lowered it;
 * cannot tell when nobody knows that older TTL. */
gate_fn gate_old_ttl_drained;

/* ---- gates_spf.c: who may send ---- */

/* Open when a receiver who follows the domain's SPF record passes at target.spf (RFC 7208 §4.6.4,
 * §5.2), or the planned switch puts it there; cannot tell where what it includes could not be read.
 */
gate_fn gate_spf_covers_target;

/* ---- gates_mailpolicy.c: signatures, and what senders hold a mail host against ---- */

/* Closed while a validating resolver would refuse the zone, or soon will. */
gate_fn gate_dnssec_valid;
/* Closed when the MTA-STS policy (RFC 8461) in force forbids a planned MX host. */
gate_fn gate_mta_sts_covers_new_mx;
/* Closed when a TLSA record of a planned MX host (RFC 7672) cannot match anything. One of a host
 * that the switch leaves holds nothing up: it is the audit's to tell. */
gate_fn gate_tlsa_consistent;

/* ---- gates_window.c: the hours that people agreed upon ---- */

/* Waits until window.opens, closed from window.ends on; open when the project gives none, and
 * behind the switch. */
gate_fn gate_window_open;

/* ---- gates_mail.c: the mailboxes ---- */

/* No list, no mailbox: nothing can be said of them. True when the gate was closed for it. */
bool gate_without_mailboxes(struct arena *a, const struct gate_evidence *ev, struct gate *g);

/* Open when the target acknowledged every message of every listed mailbox; those that it
 * refused for good count against policy.max_skipped. */
gate_fn gate_mailboxes_complete;
/* Open when each mailbox's last pass began within policy.max_age_of_last_pass; cannot tell when one
 * began later than now, by this machine's clock. */
gate_fn gate_mailboxes_fresh;
/* Open when both sides were read again and compared, and that still stands for what is at
 * the target now (copy_is_verified). */
gate_fn gate_mailboxes_verified;
/* Open when STATUS, EXISTS, SEARCH and FETCH of the source told one number per folder: a
 * server that shows a part of the mail contradicts itself. */
gate_fn gate_counts_agree;

/* ---- gates_mx.c: the new mail exchanger ---- */

/* Open when the new MX takes each address and rejects a random one; where it takes that too, or
 * says "not yet" to it, its yes proves nothing and the gate cannot tell. */
gate_fn gate_recipients_accepted;
/* Open when each planned MX host answers with STARTTLS and a certificate that verifies. */
gate_fn gate_new_mx_healthy;

#endif
