/*
 * Read, compare, edit, read the result again, compare, look whether the file is still the
 * one that was read, replace. Each step can refuse; only the last one writes.
 */
#include "registrars/zonefile/zonefile.h"

#include <stdlib.h>
#include <string.h>

#include "registrars/zonefile/edit.h"
#include "zone/dname.h"

enum { FRESH_MORE = 4096 }; /* what an edit adds, mostly: so that the text need not move */

static const struct registrar_option options[] = {
	{ .name = "path", .required = true, .help = "the zone's master file on this machine" },
	{ .name = "zone", .help = "the zone's apex in that file; default: the domain" },
	{ .name = NULL },
};

struct session {
	const struct registrar_host *host; /* borrowed */
	struct arena *arena;               /* owned */
	const char *zone, *path;
};

static void zonefile_close(void *session)
{
	struct session *s = session;
	arena_free(s->arena);
	free(s);
}

static int zonefile_open(const struct registrar *self, const struct registrar_host *host,
			 const struct registrar_config *config, void **session_r, struct err *e)
{
	(void)self;
	struct session *s = mem_alloc(sizeof(*s));
	s->host = host;
	s->arena = arena_new();
	s->path = arena_strdup(s->arena, registrar_text(config, "path", ""));
	s->zone = dname_canon(s->arena, registrar_text(config, "zone", config->zone), e);
	if (s->zone == NULL) {
		zonefile_close(s);
		e->kind = ERR_USAGE;
		return err_wrap(e, "option \"zone\"");
	}
	*session_r = s;
	return 0;
}

static int read_file(const struct session *s, struct buf *b, struct err *e)
{
	return s->host->file_read(s->host->ctx, s->path, b, e);
}

/* What is not understood may be what is planned: better no change than a wrong one. */
static int refuse_doubt(const struct session *s, const struct master_entry *entry, const char *name,
			struct err *e)
{
	(void)err_set(e, ERR_REFUSED, "zone file '%s', line %u: %s, which may hold %s", s->path,
		      entry->line,
		      entry->kind == MASTER_GENERATE ? "a $GENERATE"
						     : "a record that is not understood",
		      name);
	return err_hint(e, "write that line out as plain records");
}

/* What a walk is for. */
struct wanted {
	const struct registrar_names *names; /* NULL: all */
	uint16_t type;                       /* at those names; 0: any */
};

/* All of the zone: what is not understood cannot be listed, while records outside of the zone are
 * ignored by servers too. */
static int check_listed(const struct session *s, const struct master *m, struct err *e)
{
	const struct master_entry *entry = &m->entry;
	bool unknown = entry->kind == MASTER_RECORD && entry->set == NULL &&
		       dname_is_within(entry->name, s->zone);
	if (unknown || entry->kind == MASTER_GENERATE)
		return refuse_doubt(s, entry, "more than can be listed", e);
	return 0;
}

static int check_entry(const struct session *s, const struct master *m, const struct wanted *w,
		       struct err *e)
{
	if (w->names == NULL)
		return check_listed(s, m, e);
	for (size_t i = 0; i < w->names->n; i++) {
		if (master_doubtful(m, w->names->at[i], w->type))
			return refuse_doubt(s, &m->entry, w->names->at[i], e);
	}
	return 0;
}

/* Which of the text's records are wanted; one set a record, which zone_make joins. Also the SOA,
 * which does no harm. */
static const struct zone *gather(const struct session *s, struct arena *a, struct slice text,
				 const struct wanted *w, struct err *e)
{
	VEC(const struct rrset *) sets = { 0 };
	struct master_text of = { s->zone, text };
	struct master m;
	int rc = master_begin(&m, &of, w->names, e) == 0 ? 1 : -1;
	while (rc == 1 && (rc = master_next(&m, e)) == 1) {
		if (m.entry.set != NULL)
			*vec_push(a, &sets) = master_keep(a, &m);
		else if (check_entry(s, &m, w, e) != 0)
			break;
	}
	master_end(&m);
	if (rc < 0)
		(void)err_wrap(e, "zone file '%s'", s->path);
	return rc == 0 ? zone_make(a, s->zone, sets.n, sets.at) : NULL;
}

static const struct zone *look(const struct session *s, struct arena *a, const struct wanted *w,
			       struct err *e)
{
	struct buf b;
	buf_init(&b);
	const struct zone *z = read_file(s, &b, e) == 0 ? gather(s, a, buf_slice(&b), w, e) : NULL;
	buf_release(&b);
	return z;
}

static int zonefile_read(void *session, struct arena *a, const char *name, uint16_t type,
			 const struct rrset **rrset_r, struct err *e)
{
	const struct registrar_names only = { 1, &name };
	const struct zone *z = look(session, a, &(struct wanted){ &only, type }, e);
	*rrset_r = z != NULL ? zone_find(z, name, type) : NULL;
	return z != NULL ? 0 : -1;
}

/* One reading of the file for all of them. */
static int zonefile_pick(void *session, struct arena *a, const struct registrar_names *names,
			 const struct zone **zone_r, struct err *e)
{
	*zone_r = look(session, a, &(struct wanted){ names, 0 }, e);
	return *zone_r != NULL ? 0 : -1;
}

/* Complete or an error. */
static int zonefile_list(void *session, struct arena *a, const struct zone **zone_r, struct err *e)
{
	*zone_r = look(session, a, &(struct wanted){ NULL, 0 }, e);
	return *zone_r != NULL ? 0 : -1;
}

/* Against the very bytes that are edited; the call compared an earlier reading. */
static int compare(const struct session *s, struct arena *a, struct slice text,
		   const struct change_set *cs, struct err *e)
{
	struct registrar_names names = registrar_names_of(a, cs);
	const struct zone *z = gather(s, a, text, &(struct wanted){ &names, 0 }, e);
	for (size_t i = 0; z != NULL && i < cs->n; i++) {
		const struct change *c = &cs->changes[i];
		if (rrset_same(zone_find(z, c->name, c->type), c->before))
			continue;
		(void)err_set(e, ERR_REFUSED,
			      "zone file '%s': %s %s is not what the plan was made "
			      "from",
			      s->path, c->name, rr_type_name(a, c->type));
		return err_hint(e, "somebody edited it since; run `cutover plan` again");
	}
	return z != NULL ? 0 : -1;
}

/* Writes only when the file still is what was read, of which the digest is left. */
static int replace(const struct session *s, const unsigned char read[SHA256_LEN],
		   struct slice fresh, struct err *e)
{
	unsigned char is[SHA256_LEN];
	struct buf now;
	buf_init(&now);
	int rc = read_file(s, &now, e);
	sha256_of(buf_slice(&now), is);
	buf_release(&now);
	if (rc == 0 && memcmp(is, read, SHA256_LEN) != 0) {
		rc = err_set(e, ERR_REFUSED, "zone file '%s' was edited just now", s->path);
		(void)err_hint(e, "nothing was written; try again when the other editor is done");
	}
	return rc == 0 ? s->host->file_write(s->host->ctx, s->path, fresh, e) : -1;
}

/* The edited text is read and compared before it goes near the file: the editor is not
 * believed. */
static int make(const struct session *s, struct slice text, const struct change_set *cs,
		struct buf *fresh, struct err *e)
{
	struct arena *a = arena_new();
	struct master_text before = { s->zone, text };
	int rc = compare(s, a, text, cs, e);
	arena_free(a);
	if (rc != 0 || edit_apply(&before, cs, clock_now_ms(s->host->clock), fresh, e) != 0)
		return -1;
	struct master_text after = { s->zone, buf_slice(fresh) };
	if (edit_verify(&before, &after, cs, e) == 0)
		return 0;
	return err_wrap(e, "zone file '%s'", s->path);
}

/* At most two copies of the file are in memory at a time. */
static int edit(const struct session *s, const struct change_set *cs, struct buf *fresh,
		struct err *e)
{
	unsigned char read[SHA256_LEN];
	struct buf old;
	buf_init(&old);
	int rc = read_file(s, &old, e);
	if (rc == 0) {
		sha256_of(buf_slice(&old), read);
		(void)buf_reserve(fresh, old.len + FRESH_MORE);
		rc = make(s, buf_slice(&old), cs, fresh, e);
	}
	buf_release(&old);
	return rc == 0 ? replace(s, read, buf_slice(fresh), e) : -1;
}

/* The replacement is atomic, so there is no PARTIAL and no UNKNOWN. */
static int zonefile_apply(void *session, const struct change_set *changes,
			  enum registrar_applied *applied_r, struct err *e)
{
	struct buf fresh;
	buf_init(&fresh);
	int rc = edit(session, changes, &fresh, e);
	*applied_r = rc == 0 ? APPLIED_ALL : APPLIED_NONE;
	buf_release(&fresh);
	return rc;
}

const struct registrar registrar_zonefile = {
	.abi = REGISTRAR_ABI,
	.name = "zonefile",
	.title = "a zone file on this machine",
	.capabilities = REGISTRAR_LIST | REGISTRAR_ATOMIC | REGISTRAR_COMPARE_AND_SET,
	.options = options,
	.open = zonefile_open,
	.close = zonefile_close,
	.read = zonefile_read,
	.list = zonefile_list,
	.pick = zonefile_pick,
	.apply = zonefile_apply,
};
