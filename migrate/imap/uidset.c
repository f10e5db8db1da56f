/*
 * Runs are closed late: the last one stays open as two numbers until a gap or the end,
 * which keeps 100 000 rising UIDs as short as "1:100000".
 */
#include "migrate/imap/uidset.h"

void imap_uidset_init(struct imap_uidset *s)
{
	*s = (struct imap_uidset){ .count = 0 };
	buf_init(&s->text);
}

void imap_uidset_release(struct imap_uidset *s)
{
	buf_release(&s->text);
}

void imap_uidset_clear(struct imap_uidset *s)
{
	buf_clear(&s->text);
	s->first = s->last = 0;
	s->count = 0;
}

static void close_run(struct imap_uidset *s)
{
	if (s->first == 0)
		return;
	if (s->text.len > 0)
		buf_addc(&s->text, ',');
	buf_addf(&s->text, "%u", s->first);
	if (s->last > s->first)
		buf_addf(&s->text, ":%u", s->last);
	s->first = s->last = 0;
}

void imap_uidset_add(struct imap_uidset *s, uint32_t uid)
{
	s->count++;
	if (s->first != 0 && uid == s->last + 1) {
		s->last = uid;
		return;
	}
	close_run(s);
	s->first = s->last = uid;
}

struct slice imap_uidset_text(struct imap_uidset *s)
{
	close_run(s);
	return buf_slice(&s->text);
}

/* UIDs are never 0 (RFC 3501 §9, nz-number). */
static bool read_end(struct slice s, uint32_t *v_r)
{
	uint64_t v;
	if (slice_eq(s, SLICE_LIT("*"))) {
		*v_r = UINT32_MAX;
		return true;
	}
	if (!slice_to_u64(s, &v) || v == 0 || v > UINT32_MAX)
		return false;
	*v_r = (uint32_t)v;
	return true;
}

/* "4:2" is "2:4" (RFC 3501 §9, seq-range). */
bool imap_uidset_next(struct slice *rest, uint32_t *low_r, uint32_t *high_r)
{
	if (rest->len == 0)
		return false;
	struct slice high = slice_until(rest, ',');
	struct slice low = slice_until(&high, ':');
	uint32_t a;
	uint32_t b;
	if (!read_end(low, &a))
		return false;
	if (high.len == 0)
		b = a;
	else if (!read_end(high, &b))
		return false;
	*low_r = a < b ? a : b;
	*high_r = a < b ? b : a;
	return true;
}

uint64_t imap_uidset_size(struct slice set)
{
	uint32_t low;
	uint32_t high;
	uint64_t n = 0;
	while (imap_uidset_next(&set, &low, &high))
		n += (uint64_t)high - low + 1;
	return n;
}
