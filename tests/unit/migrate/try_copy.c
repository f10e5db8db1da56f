/*
 * try_copy - a developer's way to run the engine without the program around it.
 *
 *   try_copy STATE_DIR USERS.tsv SRC_URL=ADDRESS DST_URL=ADDRESS CA_FILE [verify]
 *
 * USERS.tsv: address, source user, source password, target user, target password. Prints
 * a line a mailbox; exit 0 when all are Synced (or verified).
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "io/dial.h"
#include "migrate/migrate.h"

enum { BOXES_MAX = 500 };

static char *field(struct arena *a, struct slice *line)
{
	return arena_slice(a, slice_until(line, '\t'));
}

static void endpoint(struct arena *a, struct slice *line, const char *where,
		     struct migrate_endpoint *ep)
{
	struct slice rest = slice_str(where);
	ep->url = arena_slice(a, slice_until(&rest, '='));
	ep->connect_to = rest.len > 0 ? arena_slice(a, rest) : NULL;
	ep->allow_plaintext = getenv("TRY_PLAINTEXT") != NULL;
	ep->user = field(a, line);
	ep->password = secret_new(slice_until(line, '\t'));
}

static size_t read_users(struct arena *a, char **argv, struct migrate_mailbox *boxes)
{
	struct buf text;
	struct err e;
	size_t n = 0;
	buf_init(&text);
	if (file_read(argv[2], 1 << 20, &text, &e) != 0) {
		(void)fprintf(stderr, "%s\n", e.text);
		exit(2);
	}
	struct slice rest = buf_slice(&text);
	while (rest.len > 0 && n < BOXES_MAX) {
		struct slice line = slice_until(&rest, '\n');
		boxes[n].address = field(a, &line);
		boxes[n].row = n + 2;
		endpoint(a, &line, argv[3], &boxes[n].src);
		endpoint(a, &line, argv[4], &boxes[n].dst);
		n++;
	}
	buf_release(&text);
	return n;
}

static void show_progress(void *ctx, const struct migrate_progress *p)
{
	(void)ctx;
	if (getenv("TRY_QUIET") == NULL)
		(void)fprintf(stderr, "%-30s %-8s %llu/%llu copied, %llu known, %s\n",
			      p->mailbox->address, mailbox_state_name(p->state),
			      (unsigned long long)p->counts.copied,
			      (unsigned long long)p->counts.messages,
			      (unsigned long long)p->counts.known,
			      p->folder != NULL ? p->folder : "-");
}

static int show_results(struct migrate_opts *o, const struct migrate_mailbox *boxes, size_t n)
{
	struct migrate_result *r = mem_alloc(n * sizeof(*r));
	struct arena *a = arena_new();
	struct err e = { .kind = ERR_NONE };
	int rc = migrate_copy(o, boxes, n, r, &e);
	if (rc != 0)
		(void)fprintf(stderr, "copy: %s: %s\n", err_kind_name(e.kind), e.text);
	for (size_t i = 0; i < n; i++) {
		struct migrate_status st;
		rc |= r[i].state != MAILBOX_SYNCED;
		(void)migrate_status(o->store, a, boxes[i].address, &st, &e);
		(void)printf(
			"%s: %s, %llu messages, %llu copied, %llu known, %llu refused,"
			" %llu flags, %llu folders; acknowledged %llu of %llu, counts %s%s%s%s\n",
			boxes[i].address, mailbox_state_name(r[i].state),
			(unsigned long long)r[i].counts.messages,
			(unsigned long long)r[i].counts.copied,
			(unsigned long long)r[i].counts.known,
			(unsigned long long)r[i].counts.refused,
			(unsigned long long)r[i].counts.flags_changed,
			(unsigned long long)r[i].counts.folders,
			(unsigned long long)st.acknowledged, (unsigned long long)st.messages,
			st.counts_agree ? "agree" : "DISAGREE ",
			st.counts_note != NULL ? st.counts_note : "",
			r[i].err.kind != ERR_NONE ? "; " : "", r[i].err.text);
	}
	arena_free(a);
	free(r);
	return rc == 0 ? 0 : 1;
}

static int show_verdicts(struct migrate_opts *o, const struct migrate_mailbox *boxes, size_t n)
{
	struct migrate_verdict *v = mem_alloc(n * sizeof(*v));
	struct err e;
	int rc = migrate_verify(o, boxes, n, v, &e);
	for (size_t i = 0; i < n; i++) {
		rc |= !v[i].verified;
		(void)printf(
			"%s: %s, %llu compared, %llu missing, %llu differing, %llu doubled %s\n",
			boxes[i].address, v[i].verified ? "verified" : "NOT VERIFIED",
			(unsigned long long)v[i].compared, (unsigned long long)v[i].missing,
			(unsigned long long)v[i].differing, (unsigned long long)v[i].doubled,
			v[i].err.text);
	}
	free(v);
	return rc == 0 ? 0 : 1;
}

int main(int argc, char **argv)
{
	static struct migrate_mailbox boxes[BOXES_MAX];
	struct err e;
	struct store *store;
	if (argc < 6) {
		(void)fprintf(stderr, "usage: try_copy STATE USERS.tsv SRC DST CA [verify]\n");
		return 2;
	}
	struct arena *a = arena_new();
	dial_global_init();
	size_t n = read_users(a, argv, boxes);
	if (store_open(&(struct store_opts){ .dir = argv[1] }, &store, &e) != 0) {
		(void)fprintf(stderr, "%s\n", e.text);
		return 3;
	}
	struct log *log = log_new(stderr, getenv("TRY_DEBUG") != NULL ? LOG_DEBUG : LOG_WARN,
				  clock_system());
	const char *at_once = getenv("TRY_AT_ONCE");
	uint64_t lanes = 4;
	if (at_once != NULL)
		(void)slice_to_u64(slice_str(at_once), &lanes);
	struct migrate_opts o = { .clock = clock_system(),
				  .rng = rng_system(),
				  .log = log,
				  .store = store,
				  .ca_file = argv[5],
				  .mailboxes_at_once = (size_t)lanes,
				  .timeout_ms = 60000,
				  .progress = show_progress };
	int rc = argc > 6 ? show_verdicts(&o, boxes, n) : show_results(&o, boxes, n);
	for (size_t i = 0; i < n; i++) {
		secret_free((struct secret *)boxes[i].src.password);
		secret_free((struct secret *)boxes[i].dst.password);
	}
	store_close(store);
	log_free(log);
	arena_free(a);
	return rc;
}
