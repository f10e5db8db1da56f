/*
 * A session begins with the first exchange: login and look-ups are made then, so that opening
 * costs nothing and fails for nobody.
 */
#include "registrars/rest/rest.h"

#include <stdlib.h>
#include <string.h>

#include "base/secret.h"
#include "registrars/rest/exchange.h"
#include "registrars/rest/listing.h"
#include "registrars/rest/powers.h"
#include "registrars/rest/row.h"
#include "registrars/rest/session.h"
#include "registrars/rest/snapshot.h"
#include "registrars/rest/whole.h"
#include "registrars/rest/write.h"
#include "zone/dname.h"

struct described {
	struct arena *a;   /* owned */
	struct desc *desc; /* owned */
	struct registrar registrar;
};

/* -- the beginning of a session -- */

static const char *option_text(struct rest *r, const struct registrar_config *config,
			       const struct registrar_option *o)
{
	const struct secret *secret = o->secret ? registrar_secret(config, o->name) : NULL;
	const char *text = NULL;
	if (secret != NULL)
		return rest_keep_secret(r, secret_expose(secret));
	for (size_t i = 0; i < r->desc->defaults.n; i++) {
		if (str_eq(r->desc->defaults.at[i].name, o->name))
			text = r->desc->defaults.at[i].text;
	}
	if (!o->secret)
		text = registrar_text(config, o->name, text);
	return text != NULL ? arena_strdup(r->a, text) : NULL;
}

static void set_options(struct rest *r, const struct registrar_config *config)
{
	size_t n = 0;
	while (r->desc->options[n].name != NULL)
		n++;
	for (size_t i = 0; i < n; i++)
		vars_set(&r->vars, r->a, r->desc->options[i].name,
			 option_text(r, config, &r->desc->options[i]));
}

/* What the option "endpoint" chooses; NULL with *e when there is no such. */
static const char *endpoint_of(const struct rest *r, struct err *e)
{
	const struct desc_fields *f = &r->desc->endpoints;
	const char *word = vars_get(&r->vars, "endpoint");
	struct buf known;
	if (f->n == 0)
		return r->desc->base_url;
	buf_init(&known);
	for (size_t i = 0; i < f->n; i++) {
		if (word != NULL && str_eq(f->at[i].name, word)) {
			buf_release(&known);
			return f->at[i].text;
		}
		buf_addf(&known, "%s%s", i > 0 ? ", " : "", f->at[i].name);
	}
	(void)err_set(e, ERR_USAGE, "option \"endpoint\" is to be one of %s", known.at);
	buf_release(&known);
	return NULL;
}

/* Without the slash that a person may have written. */
static int set_base_url(struct rest *r, struct err *e)
{
	const char *url = vars_get(&r->vars, "base_url");
	const char *described = endpoint_of(r, e);
	if (described == NULL)
		return -1;
	struct slice s = slice_str(url != NULL ? url : described);
	while (s.len > 0 && s.ptr[s.len - 1] == '/')
		s.len--;
	r->base_url = arena_slice(r->a, s);
	return 0;
}

static void rest_close(void *session)
{
	struct rest *r = session;
	rest_rows_free(r->rows);
	rest_zone_free(r->whole);
	for (size_t i = 0; i < r->secrets.n; i++)
		secret_free(r->secrets.at[i]);
	arena_free(r->a);
	free(r);
}

static int rest_open(const struct registrar *self, const struct registrar_host *host,
		     const struct registrar_config *config, void **session_r, struct err *e)
{
	struct rest *r = mem_alloc(sizeof(*r));
	r->host = host;
	r->desc = self->own;
	r->a = arena_new_wiped();
	r->zone = dname_canon(r->a, config->zone, e);
	if (r->zone == NULL) {
		rest_close(r);
		return -1;
	}
	set_options(r, config);
	vars_set(&r->vars, r->a, "zone", dname_show(r->a, r->zone));
	vars_set(&r->vars, r->a, "zone_dot", r->zone);
	if (set_base_url(r, e) != 0) {
		rest_close(r);
		return -1;
	}
	*session_r = r;
	return 0;
}

/* -- the contract's functions -- */

static int rest_read(void *session, struct arena *a, const char *name, uint16_t type,
		     const struct rrset **rrset_r, struct err *e)
{
	struct rest *r = session;
	struct rest_rows *rows;
	*rrset_r = NULL;
	if (session_ready(r, e) != 0 || listing_rrset(r, name, type, &rows, e) != 0)
		return -1;
	const struct row_world w = { a, r->desc, r->zone, NULL, &r->vars, NULL };
	int rc = rows_rrset(&w, &rows->rows, name, type, rrset_r, e);
	rest_rows_free(rows);
	return rc;
}

/* Names that occur, each once with its types: a zone of many records is gone through by sorting. */
static int by_name(const void *x, const void *y)
{
	const struct row *const *a = x;
	const struct row *const *b = y;
	int d = strcmp((*a)->name, (*b)->name);
	return d != 0 ? d : (int)(*a)->type - (int)(*b)->type;
}

static int refuse_row(const struct row *row, struct arena *a, struct err *e)
{
	(void)err_set(e, ERR_REFUSED, "a record at %s %s could not be read: %s", row->name,
		      rr_type_name(a, row->type), row->trouble);
	return err_hint(e, "look at it in the panel; what is not understood is not changed");
}

/* A run of rows of one name and type. */
static const struct rrset *set_of(struct arena *a, const struct row *const *run, size_t n,
				  struct err *e)
{
	const char **rdata = ARENA_ARRAY(a, n, const char *);
	uint32_t least = run[0]->ttl;
	uint32_t most = run[0]->ttl;
	bool inherits = true;
	for (size_t i = 0; i < n; i++) {
		if (run[i]->rdata == NULL) {
			(void)refuse_row(run[i], a, e);
			return NULL;
		}
		rdata[i] = run[i]->rdata;
		least = run[i]->ttl < least ? run[i]->ttl : least;
		most = run[i]->ttl > most ? run[i]->ttl : most;
		inherits = inherits && run[i]->inherits;
	}
	const struct rrset *s = rrset_make(a, run[0]->name, run[0]->type, least, n, rdata, e);
	if (s == NULL || most != least)
		return s != NULL ? rrset_as_uneven(a, s) : NULL;
	return inherits ? rrset_as_of_zone(a, s) : s;
}

static const struct zone *zone_of(const struct rest *r, struct arena *a, const struct rows *rows,
				  struct err *e)
{
	size_t n = rows->list.n;
	const struct row **sorted = ARENA_ARRAY(a, n + 1, const struct row *);
	const struct rrset **sets = ARENA_ARRAY(a, n + 1, const struct rrset *);
	size_t set_n = 0;
	for (size_t i = 0; i < n; i++)
		sorted[i] = &rows->list.at[i];
	if (n > 0)
		qsort(sorted, n, sizeof(sorted[0]), by_name);
	for (size_t i = 0; i < n;) {
		size_t end = i + 1;
		while (end < n && by_name(&sorted[i], &sorted[end]) == 0)
			end++;
		sets[set_n] = set_of(a, &sorted[i], end - i, e);
		if (sets[set_n++] == NULL)
			return NULL;
		i = end;
	}
	return zone_make(a, r->zone, set_n, sets);
}

/* All of it is kept: the write sends it back. */
static int pick_whole(struct rest *r, struct arena *a, const struct registrar_names *names,
		      const struct zone **zone_r, struct err *e)
{
	if (rest_zone_need(r, e) != 0)
		return -1;
	struct rows rows = rest_zone_rows(r->whole, a, names);
	*zone_r = zone_of(r, a, &rows, e);
	return *zone_r != NULL ? 0 : -1;
}

static int rest_pick(void *session, struct arena *a, const struct registrar_names *names,
		     const struct zone **zone_r, struct err *e)
{
	struct rest *r = session;
	if (session_ready(r, e) != 0)
		return -1;
	if (r->desc->write.unit == UNIT_ZONE)
		return pick_whole(r, a, names, zone_r, e);
	rest_rows_free(r->rows);
	r->rows = NULL;
	if (listing_zone(r, names, &r->rows, e) != 0)
		return -1;
	*zone_r = zone_of(r, a, &r->rows->rows, e);
	return *zone_r != NULL ? 0 : -1;
}

static int rest_list(void *session, struct arena *a, const struct zone **zone_r, struct err *e)
{
	return rest_pick(session, a, NULL, zone_r, e);
}

static int rest_apply(void *session, const struct change_set *changes,
		      enum registrar_applied *applied_r, struct err *e)
{
	struct rest *r = session;
	*applied_r = APPLIED_NONE;
	return session_ready(r, e) != 0 ? -1 : rest_write(r, changes, applied_r, e);
}

static int rest_publish(void *session, struct err *e)
{
	struct rest *r = session;
	return session_ready(r, e) != 0 ? -1 : rest_write_commit(r, e);
}

static const char *rest_warning(void *session)
{
	const struct rest *r = session;
	return r->warning;
}

/* By the names that descriptions have for it, looked up or given. */
static const char *rest_zone_id(void *session)
{
	static const char *const names[] = { "zone_id", "domain_id", "managed_zone", "account" };
	const struct rest *r = session;
	const char *id = NULL;
	for (size_t i = 0; id == NULL && i < sizeof(names) / sizeof(names[0]); i++)
		id = vars_get(&r->vars, names[i]);
	return id;
}

static int rest_take_snapshot(void *session, struct arena *a, const char **id_r, struct err *e)
{
	return rest_snapshot(session, a, id_r, e);
}

/* What was listed before is the zone no more. */
static int rest_put_back(void *session, const char *id, enum registrar_applied *applied_r,
			 struct err *e)
{
	struct rest *r = session;
	rest_rows_free(r->rows);
	rest_zone_free(r->whole);
	r->rows = NULL;
	r->whole = NULL;
	return rest_restore(r, id, applied_r, e);
}

static uint32_t rest_ttl(const struct registrar *self, uint32_t wanted)
{
	const struct desc *d = self->own;
	return row_ttl(&d->ttl, wanted);
}

/* -- the description as a provider -- */

struct described *described_new(const char *name, struct slice text, struct err *e)
{
	struct described *d = mem_alloc(sizeof(*d));
	d->a = arena_new();
	d->desc = desc_parse(d->a, name, text, e);
	if (d->desc == NULL) {
		described_free(d);
		return NULL;
	}
	d->registrar = (struct registrar){
		.abi = REGISTRAR_ABI,
		.name = d->desc->id,
		.title = d->desc->title,
		.capabilities = d->desc->capabilities |
				(d->desc->has_read ? REGISTRAR_READS_ONE : 0),
		.options = d->desc->options,
		.hosts = d->desc->hosts,
		.notes = d->desc->notes,
		.verified = d->desc->verified,
		.own = d->desc,
		.open = rest_open,
		.close = rest_close,
		.read = d->desc->has_read ? rest_read : NULL,
		.list = rest_list,
		.pick = rest_pick,
		.apply = rest_apply,
		.publish = d->desc->write.commit.n > 0 ? rest_publish : NULL,
		.warning = d->desc->warning_n > 0 ? rest_warning : NULL,
		.zone_id = rest_zone_id,
		.snapshot = d->desc->snapshot.given ? rest_take_snapshot : NULL,
		.restore = d->desc->snapshot.given ? rest_put_back : NULL,
		.ttl = rest_ttl,
	};
	return d;
}

void described_free(struct described *d)
{
	if (d == NULL)
		return;
	desc_release(d->desc);
	arena_free(d->a);
	free(d);
}

const struct registrar *described_registrar(const struct described *d)
{
	return &d->registrar;
}

struct described_powers described_powers(const struct described *d, struct arena *a)
{
	return powers_of(d->desc, a);
}
