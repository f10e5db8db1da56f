/*
 * All kinds of notes come from the ledger alone, so a dry run is enough for them.
 */
#include "flow/copy_notes.h"

#include <inttypes.h>
#include <stdlib.h>

#include "base/size.h"
#include "base/vec.h"
#include "flow/copy_room.h"
#include "flow/flow_priv.h"

enum {
	PEERS_MIN = 3,
	SMALL_PART = 20, /* a twentieth of the median */
	NAMED_MAX = 5,
};
#define YOUNG_MS (INT64_C(90) * 24 * 3600 * 1000)

const char *copy_small_reason(struct arena *a, const struct migrate_shape *s, uint64_t median_bytes,
			      int64_t now_ms)
{
	char has[SIZE_TEXT_MAX];
	char peers[SIZE_TEXT_MAX];
	char text[TIME_TEXT_MAX];
	bool small = median_bytes > 0 && s->bytes < median_bytes / SMALL_PART;
	bool young = s->oldest_ms != 0 && s->oldest_ms > now_ms - YOUNG_MS;
	if (s->messages == 0)
		return "it is empty";
	if ((s->sent == 0) + small + young < 2)
		return NULL;
	const char *sizes = small ? arena_printf(a, "%s where its peers have %s",
						 size_format(s->bytes, has),
						 size_format(median_bytes, peers))
				  : NULL;
	const char *age = young ? arena_printf(a, "nothing older than %s",
					       time_format(s->oldest_ms, text))
				: NULL;
	return arena_printf(a, "%s%s%s%s%s", s->sent == 0 ? "no sent mail" : "",
			    s->sent == 0 && (age != NULL || sizes != NULL) ? ", " : "",
			    age != NULL ? age : "", age != NULL && sizes != NULL ? ", " : "",
			    sizes != NULL ? sizes : "");
}

/* FACTS of the providers: Exchange Online receives 36 MB unless an administrator raised it; Gmail
 * says 35 651 584 itself. */
uint64_t copy_target_limit(const struct project *p, uint64_t told, const char **who_r)
{
	enum { EXCHANGE_ONLINE = 36 * 1024 * 1024, GMAIL = 35651584 };
	*who_r = "the project file";
	if (p->copy.target_limit != 0)
		return p->copy.target_limit;
	*who_r = "the target itself";
	if (told != 0)
		return told;
	*who_r = "the provider's default";
	if (str_eq(p->target_provider, "microsoft365"))
		return EXCHANGE_ONLINE;
	return str_eq(p->target_provider, "google") ? GMAIL : 0;
}

static const char *raise_limit(struct arena *a, const struct project *p, const char *address)
{
	if (str_eq(p->target_provider, "microsoft365"))
		return arena_printf(
			a,
			"raise it before the copy (Exchange takes up to 150 MB): Set-Mailbox %s "
			"-MaxReceiveSize 150MB -MaxSendSize 150MB; then write copy.target_limit",
			address);
	return "raise the target's limit, or keep these messages by hand: they will stay behind";
}

/* "3 messages … : INBOX UID 7 (41 MB), …" */
static int note_oversize(struct flow *f, struct arena *a, const char *address,
			 struct copy_note *note, struct err *e)
{
	struct migrate_status s;
	struct migrate_refusal *list;
	const char *who;
	char size[SIZE_TEXT_MAX];
	size_t n;
	if (migrate_status(f->store, a, address, &s, e) != 0)
		return -1;
	uint64_t limit = copy_target_limit(f->opts.project, s.append_limit, &who);
	if (limit == 0)
		return 0;
	if (migrate_oversize(f->store, a, address, limit, &list, &n, e) != 0)
		return -1;
	if (n == 0)
		return 0;
	struct buf text;
	buf_init(&text);
	buf_addf(&text, "%zu message%s larger than the target takes (%s, by %s):", n,
		 n == 1 ? "" : "s", size_format(limit, size), who);
	for (size_t i = 0; i < n && i < NAMED_MAX; i++)
		buf_addf(&text, "%s %s UID %u (%s)", i > 0 ? "," : "", list[i].folder, list[i].uid,
			 size_format(list[i].size, size));
	if (n > NAMED_MAX)
		buf_addf(&text, " and %zu more", n - NAMED_MAX);
	*note = (struct copy_note){ address, "too-large", arena_strdup(a, text.at),
				    raise_limit(a, f->opts.project, address) };
	buf_release(&text);
	return 1;
}

/* Without room for all of it the copy would end in the middle, with the mailbox full. */
static int note_quota(struct flow *f, struct arena *a, const char *address, struct copy_note *note,
		      struct err *e)
{
	struct migrate_status s;
	if (migrate_status(f->store, a, address, &s, e) != 0)
		return -1;
	const char *why = copy_room_reason(a, &s);
	if (why == NULL)
		return 0;
	*note = (struct copy_note){ address, "quota", why,
				    "raise this mailbox's quota at the target before the copy, or "
				    "leave mail out (--since, --folder, --max-size)" };
	return 1;
}

static int by_size(const void *a, const void *b)
{
	const uint64_t *x = a;
	const uint64_t *y = b;
	return (*x > *y) - (*x < *y);
}

static uint64_t median(struct arena *a, const struct migrate_shape *shapes, size_t n)
{
	uint64_t *bytes = ARENA_ARRAY(a, n + 1, uint64_t);
	if (n < PEERS_MIN)
		return 0;
	for (size_t i = 0; i < n; i++)
		bytes[i] = shapes[i].bytes;
	qsort(bytes, n, sizeof(bytes[0]), by_size);
	return bytes[n / 2];
}

/* Only mailboxes that were read: of the others nothing is known, not even that they are empty. */
static int note_small(struct flow *f, struct arena *a, const struct copy_list *boxes,
		      struct migrate_shape *shapes, struct err *e)
{
	for (size_t i = 0; i < boxes->n; i++)
		if (migrate_shape(f->store, a, boxes->mailboxes[i].address, &shapes[i], e) != 0)
			return -1;
	return 0;
}

int copy_notes(struct flow *f, struct arena *a, const struct copy_list *boxes,
	       const struct copy_note **list_r, size_t *n_r, struct err *e)
{
	VEC(struct copy_note) list = { 0 };
	struct migrate_shape *shapes = ARENA_ARRAY(a, boxes->n + 1, struct migrate_shape);
	*list_r = NULL;
	*n_r = 0;
	if (note_small(f, a, boxes, shapes, e) != 0)
		return -1;
	uint64_t peers = median(a, shapes, boxes->n);
	for (size_t i = 0; i < boxes->n; i++) {
		const char *address = arena_strdup(a, boxes->mailboxes[i].address);
		struct copy_note note;
		int rc = note_oversize(f, a, address, &note, e);
		if (rc < 0)
			return -1;
		if (rc == 1)
			*vec_push(a, &list) = note;
		rc = note_quota(f, a, address, &note, e);
		if (rc < 0)
			return -1;
		if (rc == 1)
			*vec_push(a, &list) = note;
		const char *why = shapes[i].known
					  ? copy_small_reason(a, &shapes[i], peers, flow_now_ms(f))
					  : NULL;
		if (why != NULL)
			*vec_push(a, &list) = (struct copy_note){
				address, "small-mailbox",
				arena_printf(a, "looks as if its mail lies elsewhere: %s", why),
				"ask that person for mail on a disk or phone (POP, PST, local "
				"folders)"
			};
	}
	*list_r = list.at;
	*n_r = list.n;
	return 0;
}
