/*
 * A mailbox's turn: places at both hosts, and what to do with them while a server wants to
 * be left alone. A wait of more than a moment is done aside, so that others work on.
 */
#include "migrate/box.h"
#include "migrate/throttle.h"
#include "migrate/workers.h"

enum { ASIDE_FROM_MS = 2000 }; /* below it a new thread and two logins cost more */

static struct throttle_key key_of(const struct migrate_endpoint *ep)
{
	return (struct throttle_key){ ep->url != NULL ? ep->url : "",
				      ep->user != NULL ? ep->user : "" };
}

/* The second place only with the first: never one held while the other is waited for. */
static int64_t try_enter(struct box *b)
{
	const struct throttle_key src = key_of(&b->mailbox->src);
	const struct throttle_key dst = key_of(&b->mailbox->dst);
	int64_t again = throttle_enter(b->throttle, &src);
	if (again != 0)
		return again;
	again = throttle_enter(b->throttle, &dst);
	if (again != 0)
		throttle_leave(b->throttle, &src, false);
	return again;
}

static enum reach_go ask_host(struct box *b, const struct migrate_endpoint *ep,
			      struct reach_ticket *ticket_r, struct err *why_r)
{
	int64_t again = 0;
	const struct reach_ask ask = { key_of(ep).host, ticket_r, &again };
	enum reach_go go = reach_enter(b->reach, &ask, why_r);
	why_r->until_ms = again;
	return go;
}

/* Never one host's try held while the other's is waited for; one is enough where both are one. */
static enum reach_go ask_both(struct box *b, struct err *why_r)
{
	const struct migrate_endpoint *src = &b->mailbox->src;
	const struct migrate_endpoint *dst = &b->mailbox->dst;
	if (b->reach == NULL)
		return REACH_GO;
	enum reach_go go = ask_host(b, src, &b->src_ticket, why_r);
	if (go != REACH_GO || str_eq_nocase(key_of(src).host, key_of(dst).host))
		return go;
	go = ask_host(b, dst, &b->dst_ticket, why_r);
	if (go != REACH_GO)
		reach_dropped(b->reach, key_of(src).host, &b->src_ticket);
	return go;
}

/* 1: it may work; 0: at why_r->until_ms again; -1: one host is given up. */
static int try_both(struct box *b, struct err *why_r)
{
	err_set(why_r, ERR_WAIT, "a server bears no more mailboxes at once now");
	why_r->until_ms = try_enter(b);
	if (why_r->until_ms != 0)
		return 0;
	b->entered = true;
	enum reach_go go = ask_both(b, why_r);
	if (go == REACH_GO)
		return 1;
	box_leave(b, false);
	b->word = (struct reach_word){ .common = go == REACH_GIVEN_UP };
	return go == REACH_GIVEN_UP ? -1 : 0;
}

int box_enter(struct box *b, struct err *e)
{
	struct err why;
	int rc;
	if (b->throttle == NULL)
		return 0;
	while ((rc = try_both(b, &why)) == 0)
		if (box_sleep(b, &why, e) != 0)
			return -1;
	if (rc < 0)
		*e = why;
	return rc < 0 ? -1 : 0;
}

void box_reached(struct box *b, bool at_src, enum login_host host, const struct err *e)
{
	const char *name = key_of(at_src ? &b->mailbox->src : &b->mailbox->dst).host;
	struct reach_ticket *ticket = at_src ? &b->src_ticket : &b->dst_ticket;
	if (b->reach == NULL)
		return;
	if (e != NULL)
		b->word = (struct reach_word){ .common = false };
	if (host == LOGIN_HOST_THERE)
		reach_answered(b->reach, name, ticket);
	else if (host == LOGIN_HOST_MISSED)
		b->word = reach_missed(b->reach, name, ticket, e);
	else
		reach_dropped(b->reach, name, ticket);
	*(at_src ? &b->src_there : &b->dst_there) = host == LOGIN_HOST_THERE;
}

/* Whoever was greeted is no longer there. */
static void leave_hosts(struct box *b)
{
	if (b->src_there)
		reach_left(b->reach, key_of(&b->mailbox->src).host);
	if (b->dst_there)
		reach_left(b->reach, key_of(&b->mailbox->dst).host);
	b->src_there = b->dst_there = false;
}

void box_leave(struct box *b, bool well)
{
	const struct throttle_key src = key_of(&b->mailbox->src);
	const struct throttle_key dst = key_of(&b->mailbox->dst);
	if (!b->entered)
		return;
	b->entered = false;
	leave_hosts(b);
	throttle_leave(b->throttle, &src, well);
	throttle_leave(b->throttle, &dst, well);
}

static bool was_throttled(const struct session *s)
{
	return s != NULL && conn_was_throttled(s->conn);
}

void box_note_throttled(struct box *b)
{
	b->whole->src_throttled |= b->src_throttled || was_throttled(b->src);
	b->whole->dst_throttled |= b->dst_throttled || was_throttled(b->dst);
}

size_t box_lanes_allowed(struct box *b, size_t wanted)
{
	const struct throttle_key src = key_of(&b->mailbox->src);
	const struct throttle_key dst = key_of(&b->mailbox->dst);
	unsigned lanes = (unsigned)wanted;
	if (b->throttle == NULL)
		return wanted;
	lanes = throttle_lanes(b->throttle, &src, lanes, b->src->preset->lanes_max);
	return throttle_lanes(b->throttle, &dst, lanes, b->dst->preset->lanes_max);
}

/* Which side it was is known by its connection. When neither was, somebody else named the time
 * (a pause that a person asked for), or both are left alone. */
int64_t box_throttled(struct box *b, const struct err *why)
{
	const struct throttle_key src = key_of(&b->mailbox->src);
	const struct throttle_key dst = key_of(&b->mailbox->dst);
	bool at_src = b->src_throttled || was_throttled(b->src);
	bool at_dst = b->dst_throttled || was_throttled(b->dst);
	int64_t until = why->until_ms;
	b->src_throttled = b->dst_throttled = false;
	if (b->throttle == NULL || (!at_src && !at_dst && until != 0))
		return until;
	if (at_src || !at_dst)
		until = throttle_hit(b->throttle, &src, why->until_ms);
	if (at_dst || !at_src) {
		int64_t at = throttle_hit(b->throttle, &dst, why->until_ms);
		until = at > until ? at : until;
	}
	return until;
}

/* Whoever stepped aside must step back, also after a cancel. */
int box_sleep(struct box *b, const struct err *why, struct err *e)
{
	bool aside = why->until_ms - clock_now_ms(b->opts->clock) >= ASIDE_FROM_MS;
	if (aside)
		workers_step_aside(b->workers);
	int rc = box_wait(b, why, e);
	if (aside && workers_step_back(b->workers, e) != 0)
		rc = -1;
	return rc;
}
