/*
 * Questions that another answer may spare: what a server denies altogether (NXDOMAIN) it need not
 * be asked for by type (RFC 2308 §2.1), and a name between others matters only when there is
 * something below it. They wait for that answer, but not long: from a slow server all must be
 * asked for in time.
 */
#include "dns/taking.h"
#include "zone/dname.h"

enum { HOLD_MS = 300 };

bool taking_is_crowd(const struct snapshot_job *j)
{
	return j->opts.cache != NULL;
}

/* All wait equally long, so the list is in order of time. */
void taking_hold(struct snapshot_job *j, struct hold *h)
{
	if (j->over)
		return;
	h->job = j;
	h->due_ms = dns_engine_mono_ms(j->en) + HOLD_MS;
	*vec_push(j->a, &j->holds) = h;
	j->held++;
}

static bool take(struct hold *h)
{
	if (h->job == NULL)
		return false;
	h->job->held--;
	h->job = NULL;
	return true;
}

void taking_spare(struct hold *h)
{
	(void)take(h);
}

void taking_let_go(struct hold *h)
{
	if (take(h))
		h->go(h);
}

/* The first that still waits; those before it are over. */
static struct hold *first(struct snapshot_job *j)
{
	while (j->hold_at < j->holds.n && j->holds.at[j->hold_at]->job == NULL)
		j->hold_at++;
	return j->hold_at < j->holds.n ? j->holds.at[j->hold_at] : NULL;
}

void taking_hold_tick(struct snapshot_job *j, int64_t now_ms)
{
	struct hold *h = first(j);
	for (; h != NULL && h->due_ms <= now_ms; h = first(j))
		taking_let_go(h);
}

int64_t taking_hold_due_ms(struct snapshot_job *j)
{
	const struct hold *h = j->held > 0 ? first(j) : NULL;
	return h != NULL ? h->due_ms : 0;
}
