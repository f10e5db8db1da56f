/*
 * Time is taken when a wait looks, not for each event: a step is only noted, and dated then.
 */
#include "migrate/headway.h"

enum { MESSAGE_OCTETS = 64, MESSAGES_MORE = 100, OCTETS_A_NUMBER = 16 };

static void step(struct headway *h)
{
	h->stepped = true;
	h->octets = 0;
}

void headway_begin(struct headway *h, int64_t now_ms)
{
	h->since_ms = now_ms;
	step(h);
}

void headway_got(struct headway *h, uint64_t octets)
{
	h->octets += octets;
	if (h->octets >= HEADWAY_STEP)
		step(h);
}

/* What EXISTS said before a result was not made up on the way to it. */
static void take_result(struct headway *h)
{
	step(h);
	h->low_uid = h->high_uid = 0;
	h->messages = h->lines = 0;
	h->exists = h->told;
}

void headway_saw(struct headway *h, const struct imap_event *ev)
{
	if (ev->kind == IMAP_EV_STATUS && ev->status.tag != 0)
		take_result(h);
	else if (ev->kind == IMAP_EV_CONTINUE)
		step(h);
	else if (ev->kind == IMAP_EV_EXISTS)
		h->told = ev->number;
}

/* A UID that was not told yet; without one it cannot be known. */
static bool is_new(const struct headway *h, uint32_t uid)
{
	if (h->messages > 2 * (uint64_t)h->exists + MESSAGES_MORE)
		return false;
	return uid == 0 || h->high_uid == 0 || uid > h->high_uid || uid < h->low_uid;
}

static void take_message(struct headway *h, uint32_t uid)
{
	if (!is_new(h, uid))
		return;
	h->messages++;
	headway_got(h, MESSAGE_OCTETS);
	if (uid == 0)
		return;
	if (h->high_uid == 0 || uid > h->high_uid)
		h->high_uid = uid;
	if (h->low_uid == 0 || uid < h->low_uid)
		h->low_uid = uid;
}

static void take_lines(struct headway *h, uint64_t octets)
{
	h->lines += octets;
	if (h->lines <= HEADWAY_LINES + OCTETS_A_NUMBER * (uint64_t)h->exists)
		headway_got(h, octets);
}

void headway_took(struct headway *h, const struct imap_event *ev)
{
	switch (ev->kind) {
	case IMAP_EV_LITERAL_BEGIN: h->body_counts = is_new(h, ev->fetch.uid); return;
	case IMAP_EV_LITERAL_DATA:
		if (h->body_counts)
			headway_got(h, ev->data.len);
		return;
	case IMAP_EV_FETCH: take_message(h, ev->fetch.uid); return;
	case IMAP_EV_SEARCH: take_lines(h, ev->numbers.len); return;
	case IMAP_EV_LIST:
	case IMAP_EV_LSUB: take_lines(h, MESSAGE_OCTETS + ev->list.name.len); return;
	case IMAP_EV_FOLDER_STATUS: take_lines(h, MESSAGE_OCTETS + ev->folder.name.len); return;
	default: return;
	}
}

bool headway_judge(struct headway *h, int64_t now_ms, int silence_ms)
{
	if (h->stepped)
		h->since_ms = now_ms;
	h->stepped = false;
	return now_ms - h->since_ms < (int64_t)HEADWAY_SILENCES * silence_ms;
}
