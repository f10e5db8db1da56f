/*
 * The filter's output runs into a hash of its own. A wish for receipts alone is about header
 * lines: behind the header the filter has nothing to do, and when it did nothing either, the
 * message is its own copy.
 */
#include "migrate/altered.h"

static void on_piece(void *ctx, struct slice s)
{
	struct altered *a = ctx;
	lineends_add(&a->ends, s, a->hash);
	if (a->out != NULL)
		a->out(a->ctx, s);
}

void altered_init(struct altered *a, const struct migrate_repair *what, repair_out *out, void *ctx)
{
	*a = (struct altered){ .what = *what, .out = out, .ctx = ctx, .hash = sha256_new() };
	altered_begin(a);
}

void altered_release(struct altered *a)
{
	sha256_free(a->hash);
	a->hash = NULL;
}

/* A body that was cut off left its bytes in the hash. */
void altered_begin(struct altered *a)
{
	unsigned char dropped[SHA256_LEN];
	sha256_finish(a->hash, dropped);
	a->ends = (struct lineends){ .cr = false };
	a->same = false;
	repair_init(&a->filter, &a->what, on_piece, a);
}

void altered_add(struct altered *a, struct slice s)
{
	if (!a->same) {
		repair_add(&a->filter, s);
		a->same = a->filter.did == 0 && repair_is_through(&a->filter);
	} else if (a->out != NULL) {
		a->out(a->ctx, s);
	}
}

unsigned altered_finish(struct altered *a, unsigned char sha_r[SHA256_LEN])
{
	repair_finish(&a->filter);
	lineends_finish(&a->ends, a->hash, sha_r);
	return a->filter.did;
}
