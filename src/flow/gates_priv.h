/* gates_priv.h - what the gates' families share. */
#ifndef FLOW_GATES_PRIV_H
#define FLOW_GATES_PRIV_H

#include "flow/gates.h"

/* Verdicts with their evidence in words. */
void gate_open(struct arena *a, struct gate *g, const char *fmt, ...) ERR_PRINTF(3, 4);
void gate_close(struct arena *a, struct gate *g, const char *remedy, const char *fmt, ...)
	ERR_PRINTF(4, 5);
void gate_unknown(struct arena *a, struct gate *g, const char *remedy, const char *fmt, ...)
	ERR_PRINTF(4, 5);
void gate_wait(struct arena *a, struct gate *g, int64_t until_ms, const char *fmt, ...)
	ERR_PRINTF(4, 5);

/* Says what an acceptance would be for, beside the verdict. */
void gate_about(struct arena *a, struct gate *g, const char *names);

typedef void gate_fn(struct arena *a, const struct gate_evidence *ev, struct gate *g);

/* gates_dns.c */
gate_fn gate_no_blocking_finding, gate_zone_edited_is_zone_served, gate_ownership_verified,
	gate_mx_ttl_low, gate_old_ttl_drained, gate_spf_covers_target, gate_no_drift;
/* gates_mail.c */
gate_fn gate_mailboxes_complete, gate_mailboxes_fresh, gate_mailboxes_verified, gate_counts_agree,
	gate_recipients_accepted, gate_new_mx_healthy;

#endif
