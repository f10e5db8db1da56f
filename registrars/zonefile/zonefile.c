/*
 * Read, compare, edit, read the result again, compare, look whether the file is still the
 * one that was read, replace. Each step can refuse; only the last one writes.
 */
#include "registrars/zonefile/zonefile.h"

#include <stdlib.h>

#include "registrars/zonefile/edit.h"
#include "zone/dname.h"

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

/* The bytes go into the arena, where the entries point to them. */
static const struct master *load(const struct session *s, struct arena *a,
				 const struct registrar_names *only, struct err *e)
{
	struct buf b;
	const struct master *m = NULL;
	buf_init(&b);
	if (s->host->file_read(s->host->ctx, s->path, &b, e) == 0) {
		struct slice text = { arena_memdup(a, b.at, b.len + 1), b.len };
		buf_clear(&b);
		m = master_parse_only(a, s->zone, text, only, e);
		if (m == NULL)
			(void)err_wrap(e, "zone file '%s'", s->path);
	}
	buf_release(&b);
	return m;
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

static int find(const struct session *s, struct arena *a, const struct master *m,
		const struct change *c, const struct rrset **rrset_r, struct err *e)
{
	const struct master_entry *doubt = master_doubt(a, m, c->name, c->type);
	if (doubt != NULL)
		return refuse_doubt(s, doubt, c->name, e);
	*rrset_r = zone_find(master_zone(a, m), c->name, c->type);
	return 0;
}

static int zonefile_read(void *session, struct arena *a, const char *name, uint16_t type,
			 const struct rrset **rrset_r, struct err *e)
{
	const struct session *s = session;
	const struct registrar_names only = { 1, &name };
	const struct master *m = load(s, a, &only, e);
	*rrset_r = NULL;
	if (m == NULL)
		return -1;
	return find(s, a, m, &(struct change){ .name = name, .type = type }, rrset_r, e);
}

/* One reading of the file for all of them. */
static int zonefile_pick(void *session, struct arena *a, const struct registrar_names *names,
			 const struct zone **zone_r, struct err *e)
{
	const struct session *s = session;
	const struct master *m = load(s, a, names, e);
	for (size_t i = 0; m != NULL && i < names->n; i++) {
		const struct master_entry *doubt = master_doubt(a, m, names->at[i], 0);
		if (doubt != NULL)
			return refuse_doubt(s, doubt, names->at[i], e);
	}
	*zone_r = m != NULL ? master_zone(a, m) : NULL;
	return m != NULL ? 0 : -1;
}

/* Complete or an error: what is not understood cannot be listed. Records outside of the
 * zone are ignored by servers too. */
static int zonefile_list(void *session, struct arena *a, const struct zone **zone_r, struct err *e)
{
	const struct session *s = session;
	const struct master *m = load(s, a, NULL, e);
	if (m == NULL)
		return -1;
	for (size_t i = 0; i < m->n; i++) {
		const struct master_entry *entry = &m->entries[i];
		bool unknown = entry->kind == MASTER_RECORD && entry->set == NULL &&
			       dname_is_within(entry->name, s->zone);
		if (unknown || entry->kind == MASTER_GENERATE)
			return refuse_doubt(s, entry, "more than can be listed", e);
	}
	*zone_r = master_zone(a, m);
	return 0;
}

/* Against the very bytes that are edited; the call compared an earlier reading. */
static int compare(const struct session *s, struct arena *a, const struct master *m,
		   const struct change_set *cs, struct err *e)
{
	for (size_t i = 0; i < cs->n; i++) {
		const struct change *c = &cs->changes[i];
		const struct rrset *live = NULL;
		if (find(s, a, m, c, &live, e) != 0)
			return -1;
		if (rrset_same(live, c->before))
			continue;
		(void)err_set(e, ERR_REFUSED,
			      "zone file '%s': %s %s is not what the plan was made "
			      "from",
			      s->path, c->name, rr_type_name(a, c->type));
		return err_hint(e, "somebody edited it since; run `cutover plan` again");
	}
	return 0;
}

/* Writes only when the file still is what was read. */
static int replace(const struct session *s, struct slice read, struct slice fresh, struct err *e)
{
	struct buf now;
	buf_init(&now);
	int rc = s->host->file_read(s->host->ctx, s->path, &now, e);
	if (rc == 0 && !slice_eq(buf_slice(&now), read)) {
		rc = err_set(e, ERR_REFUSED, "zone file '%s' was edited just now", s->path);
		(void)err_hint(e, "nothing was written; try again when the other editor is done");
	}
	if (rc == 0)
		rc = s->host->file_write(s->host->ctx, s->path, fresh, e);
	buf_release(&now);
	return rc;
}

/* The edited text is parsed and compared before it goes near the file: the editor is not
 * believed. */
static int edit(const struct session *s, struct arena *a, const struct change_set *cs,
		struct buf *fresh, struct err *e)
{
	const struct master *before = load(s, a, NULL, e);
	if (before == NULL || compare(s, a, before, cs, e) != 0 ||
	    edit_apply(before, cs, clock_now_ms(s->host->clock), fresh, e) != 0)
		return -1;
	const struct master *after = master_parse(a, s->zone, buf_slice(fresh), e);
	if (after == NULL) {
		e->kind = ERR_BUG;
		return err_wrap(e, "reading the edited text of '%s'", s->path);
	}
	if (edit_verify(before, after, cs, e) != 0)
		return -1;
	return replace(s, before->text, buf_slice(fresh), e);
}

/* The replacement is atomic, so there is no PARTIAL and no UNKNOWN. */
static int zonefile_apply(void *session, const struct change_set *changes,
			  enum registrar_applied *applied_r, struct err *e)
{
	const struct session *s = session;
	struct arena *a = arena_new();
	struct buf fresh;
	buf_init(&fresh);
	int rc = edit(s, a, changes, &fresh, e);
	*applied_r = rc == 0 ? APPLIED_ALL : APPLIED_NONE;
	buf_release(&fresh);
	arena_free(a);
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
