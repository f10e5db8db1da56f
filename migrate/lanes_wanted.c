/*
 * Three lanes keep two servers busy that are near: more would only share the same processors.
 * On a long way each folder costs three round trips in which its lane waits, so five lanes are
 * worth their log-ins there, at servers that are known to bear them.
 */
#include "migrate/lanes_wanted.h"

enum {
	LANES_NEAR = 3,
	LANES_FAR = 5,
	FAR_MS = 20,
	LANES_MAX = 16,
	LANES_IN_ALL = 64, /* of all mailboxes that are copied at once */
	/* Logging in once more pays for any of these: */
	LANE_MESSAGES = 400,
	LANE_BYTES = 32 * 1024 * 1024,
	LANE_FOLDERS = 60,
};

static size_t smaller(uint64_t a, size_t b)
{
	return a < b ? (size_t)a : b;
}

/* The user's own programs want connections of that account, too: where nobody knows how many
 * there may be, few are taken. */
static size_t best(const struct lanes_facts *f)
{
	bool far = f->src_ms >= FAR_MS || f->dst_ms >= FAR_MS;
	return far && f->src_known && f->dst_known ? LANES_FAR : LANES_NEAR;
}

size_t lanes_wanted(const struct lanes_facts *f)
{
	uint64_t useful = 1 + f->messages / LANE_MESSAGES + f->bytes / LANE_BYTES +
			  f->folders / LANE_FOLDERS;
	size_t share = LANES_IN_ALL / (f->mailboxes_at_once > 0 ? f->mailboxes_at_once : 1);
	size_t lanes = smaller(f->wished > 0 ? f->wished : best(f), LANES_MAX);
	lanes = smaller(useful, smaller(f->folders, smaller(share, lanes)));
	return lanes > 0 ? lanes : 1;
}
