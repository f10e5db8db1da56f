/*
 * Whether a server gives the whole zone away, and which names below the domain take mail then.
 * Each transfer streams by itself beside everything else; its end is waited for, but not for
 * long. Not in a bulk audit: to ask ten thousand times for whole zones is an attack.
 */
#include "dns/axfr.h"
#include "dns/taking.h"
#include "dns/transfer.h"
#include "zone/dname.h"

enum {
	RR_AXFR = 252, /* RFC 5936 */
	TRANSFER_MS = 3000,
};

/* Once each; servers of one zone give the same names. */
static bool has_name(const struct snapshot_job *j, const char *name)
{
	for (size_t i = 0; i < j->axfr_mx.n; i++) {
		if (dname_equal(j->axfr_mx.at[i], name))
			return true;
	}
	return false;
}

/* The MX of each is asked for as every other one's is: a transfer is only where names are from. */
static void take_name(struct snapshot_job *j, const char *name)
{
	if (has_name(j, name))
		return;
	if (j->axfr_mx.n >= AXFR_NAMES_MAX) {
		j->s->axfr_cut = true;
		return;
	}
	*vec_push(j->a, &j->axfr_mx) = name;
	if (taking_lookup(j, name, RR_MX) == NULL)
		j->s->axfr_cut = true;
}

static bool message(void *ctx, struct slice wire)
{
	struct server_work *w = ctx;
	size_t known = w->axfr->names.n;
	bool more = axfr_take(w->axfr, wire);
	for (size_t i = known; axfr_is_open(w->axfr) && i < w->axfr->names.n; i++)
		take_name(w->job, w->axfr->names.at[i]);
	return more;
}

static void ended(void *ctx)
{
	struct server_work *w = ctx;
	bool open = axfr_is_open(w->axfr);
	w->transfer = NULL;
	w->job->transfers--;
	w->view.habits.axfr = open ? PROBE_YES : PROBE_NO;
	if (axfr_is_cut(w->axfr))
		w->job->s->axfr_cut = true;
}

void taking_axfr_begin(struct server_work *w)
{
	struct snapshot_job *j = w->job;
	struct err e = { 0 };
	if (j->opts.cache != NULL || j->over)
		return;
	w->axfr = ARENA_NEW(j->a, struct axfr);
	*w->axfr = (struct axfr){ .a = j->a, .zone = taking_apex(j), .domain = j->opts.domain };
	w->transfer = dns_transfer_begin(
		j->en,
		&(struct dns_transfer_opts){ .address = w->view.address,
					     .question = { w->axfr->zone, RR_AXFR },
					     .limit_ms = TRANSFER_MS,
					     .message = message,
					     .ended = ended,
					     .ctx = w },
		&e);
	j->transfers += w->transfer != NULL ? 1 : 0;
}

void taking_axfr_give_up(struct snapshot_job *j)
{
	for (size_t i = 0; i < j->servers.n && j->transfers > 0; i++) {
		struct server_work *w = j->servers.at[i];
		if (w->transfer == NULL)
			continue;
		dns_transfer_abandon(w->transfer);
		ended(w);
	}
}
