/*
 * The body goes to a temporary file beside its place, which it takes when it is whole: a file
 * of that name is a whole message. A disk that is full keeps nobody from copying on: the
 * message stays refused by name.
 */
#include "migrate/quarantine.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"

struct spool {
	int fd;
	bool failed; /* `why` tells; the rest of the body passes into nothing */
	bool whole;  /* its end was reached */
	bool any;    /* there was something in it: what is empty is no copy of a message */
	int why;
};

const char *quarantine_name(const struct quarantine_id *id, char name_r[QUARANTINE_NAME_MAX])
{
	(void)snprintf(name_r, QUARANTINE_NAME_MAX,
		       "m%" PRId64 "-f%" PRId64 "-v%" PRId64 "-u%" PRIu32 ".eml", id->mailbox_id,
		       id->folder_id, id->uidvalidity, id->uid);
	return name_r;
}

static void spool_write(struct spool *s, struct slice data)
{
	while (data.len > 0 && !s->failed) {
		ssize_t n = write(s->fd, data.ptr, data.len);
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0) {
			s->failed = true;
			s->why = errno;
			return;
		}
		data.ptr += n;
		data.len -= (size_t)n;
	}
}

static int on_event(void *ctx, const struct imap_event *ev, struct err *e)
{
	struct spool *s = ctx;
	(void)e;
	if (ev->kind == IMAP_EV_LITERAL_DATA && !s->whole)
		spool_write(s, ev->data);
	s->any |= ev->kind == IMAP_EV_LITERAL_DATA && ev->data.len > 0;
	s->whole |= ev->kind == IMAP_EV_LITERAL_END;
	return 0;
}

static int download(struct box *b, uint32_t uid, struct spool *s, struct err *e)
{
	struct imap_pipeline *out = conn_out(b->src->conn);
	uint32_t tag = imap_begin(out);
	imap_addf(out, "UID FETCH %u (UID BODY.PEEK[])", uid);
	imap_end(out);
	return conn_expect_ok(b->src->conn, tag, &(struct conn_call){ on_event, s }, e);
}

static void say_not_kept(const struct box *b, const char *path, const char *why)
{
	log_warn(b->opts->log, "%s: '%s' is not kept: %s", b->mailbox->address, path, why);
}

/* 1 whole and in its place, 0 not, -1. */
static int fill(struct box *b, uint32_t uid, const char *path, struct err *e)
{
	const char *tmp = arena_printf(b->arena, "%s.part", path);
	(void)unlink(tmp); /* a killed run's */
	struct spool s = { .fd = open(tmp, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW,
				      0600) };
	if (s.fd < 0) {
		say_not_kept(b, path, strerror(errno));
		return 0;
	}
	int rc = download(b, uid, &s, e);
	s.whole = s.whole && s.any;
	if (rc == 0 && s.whole && !s.failed && fsync(s.fd) != 0) {
		s.failed = true;
		s.why = errno;
	}
	(void)close(s.fd);
	if (rc == 0 && s.whole && !s.failed && rename(tmp, path) == 0)
		return 1;
	if (rc == 0 || e->kind == ERR_ITEM)
		say_not_kept(b, path,
			     s.failed ? strerror(s.why) : "the source does not give the message");
	(void)unlink(tmp);
	return rc == 0 || e->kind == ERR_ITEM ? 0 : -1;
}

int quarantine_keep(struct box *b, const struct box_folder *f, uint32_t uid, const char **path_r,
		    struct err *e)
{
	char name[QUARANTINE_NAME_MAX];
	const struct quarantine_id id = { b->row.id, f->row.id, f->row.src_uidvalidity, uid };
	const char *dir = b->opts->quarantine_dir;
	*path_r = arena_printf(b->arena, "%s/%s", dir, quarantine_name(&id, name));
	if (file_exists(*path_r))
		return 1;
	if (mkdir(dir, 0700) != 0 && errno != EEXIST) {
		say_not_kept(b, *path_r, strerror(errno));
		return 0;
	}
	return fill(b, uid, *path_r, e);
}
