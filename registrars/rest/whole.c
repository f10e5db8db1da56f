/*
 * What is not planned goes back in its own bytes, so that members which no description names
 * survive. A planned RRset's rows that stay as they are do so, too; one that only changes keeps
 * its place and, where the template says {id}, its id.
 */
#include "registrars/rest/whole.h"

#include <stdlib.h>

#include "registrars/rest/listing.h"
#include "registrars/rest/ops.h"
#include "registrars/rest/scope.h"
#include "registrars/rest/send.h"
#include "registrars/whole_zone.h"
#include "zone/dname.h"

enum { FRESH_MS = 3000, SHOWN_MAX = 160 };

void rest_zone_free(struct rest_zone *z)
{
	if (z == NULL)
		return;
	js_free(z->around);
	arena_free(z->a);
	free(z);
}

/* -- reading -- */

struct taking {
	struct rest *r;
	struct row_world world; /* its arena is for one item */
	struct rest_zone *zone;
	struct slice text;
};

/* What it says without the members that every write makes anew. */
static const char *what_stays(const struct taking *t, const char *says, struct slice text)
{
	const char *const *renews = t->r->desc->write.renews;
	struct err ignored;
	if (*renews == NULL)
		return says;
	struct js *v = js_parse(text, &ignored);
	for (; v != NULL && *renews != NULL; renews++)
		js_drop(v, *renews);
	const char *stays = v != NULL ? js_text_sorted(t->zone->a, v) : says;
	js_free(v);
	return stays;
}

static int refuse_long(const struct taking *t, struct err *e)
{
	(void)err_set(e, ERR_REFUSED,
		      "the zone has more than %u rows, and every write sends them all",
		      t->r->desc->write.rows_max);
	return err_hint(e, "nothing was written; `dns.provider: manual` changes it by hand");
}

static int take_item(void *ctx, const struct js *item, struct err *e)
{
	struct taking *t = ctx;
	struct rest_zone *z = t->zone;
	struct rows found = { .list = { 0 } };
	if (t->text.ptr == NULL)
		return err_set(e, ERR_WORLD, "the answer has no list at \"%s\"",
			       t->r->desc->list.rows);
	if (z->items.n == t->r->desc->write.rows_max)
		return refuse_long(t, e);
	if (rows_add(&t->world, item, &found, e) != 0)
		return -1;
	struct zone_item *own = vec_push(z->a, &z->items);
	struct slice text = slice_trim(t->text);
	own->text = (struct slice){ arena_slice(z->a, text), text.len };
	own->first = z->rows.list.n;
	own->n = found.list.n;
	own->says = js_text_sorted(z->a, item);
	own->stays = what_stays(t, own->says, own->text);
	for (size_t i = 0; i < found.list.n; i++)
		*vec_push(z->a, &z->rows.list) = row_copy(z->a, &found.list.at[i],
							  &t->r->desc->record);
	arena_reset(t->world.a);
	return 0;
}

static void take_around(void *ctx, const struct js *answer)
{
	struct taking *t = ctx;
	struct err ignored;
	struct arena *a = arena_new();
	js_free(t->zone->around);
	t->zone->around = js_parse(slice_str(js_text(a, answer)), &ignored);
	arena_free(a);
}

static int read_zone(struct rest *r, struct rest_zone **zone_r, struct err *e)
{
	const struct body_scope scope = { .vars = { .up = &r->vars } };
	struct rest_zone *z = mem_alloc(sizeof(*z));
	struct arena *scratch = arena_new();
	z->a = arena_new();
	struct taking t = { .r = r,
			    .world = { scratch, r->desc, r->zone, NULL, &r->vars, NULL },
			    .zone = z };
	const struct listing listing = {
		.list = &r->desc->list,
		.scope = &scope,
		.each = take_item,
		.ctx = &t,
		.text = &t.text,
		.page = *r->desc->write.carried != NULL ? take_around : NULL,
	};
	int rc = listing_run(r, &listing, e);
	arena_free(scratch);
	z->read_ms = clock_mono_ms(r->host->clock);
	if (rc == 0)
		*zone_r = z;
	else
		rest_zone_free(z);
	return rc;
}

/* The last reading is the one that counts now. */
static int read_again(struct rest *r, struct err *e)
{
	struct rest_zone *z = NULL;
	int rc = read_zone(r, &z, e);
	rest_zone_free(r->whole);
	r->whole = z;
	return rc;
}

int rest_zone_need(struct rest *r, struct err *e)
{
	bool fresh = r->whole != NULL &&
		     clock_mono_ms(r->host->clock) - r->whole->read_ms < FRESH_MS;
	return fresh ? 0 : read_again(r, e);
}

struct rows rest_zone_rows(const struct rest_zone *z, struct arena *a,
			   const struct registrar_names *names)
{
	struct rows rows = { .list = { 0 } };
	for (size_t i = 0; i < z->rows.list.n; i++) {
		if (registrar_names_have(names, z->rows.list.at[i].name))
			*vec_push(a, &rows.list) = z->rows.list.at[i];
	}
	return rows;
}

/* -- what is compared -- */

static const char *shown_of(struct arena *a, const struct rest_zone *z,
			    const struct zone_item *item)
{
	const struct row *row = item->n > 0 ? &z->rows.list.at[item->first] : NULL;
	if (row == NULL || row->rdata == NULL)
		return arena_printf(a, "the row %.*s", SHOWN_MAX, item->says);
	return arena_printf(a, "the row %s %s %.*s (TTL %u)", row->name, rr_type_name(a, row->type),
			    SHOWN_MAX, row->rdata, (unsigned)row->ttl);
}

static void add_item(struct arena *a, const struct rest_zone *z, const struct zone_item *item,
		     struct whole_rows *rows)
{
	*vec_push(a, &rows->list) = (struct whole_row){ item->says, item->stays,
							shown_of(a, z, item) };
}

static void add_value(struct arena *a, const char *path, const struct js *v, const struct desc *d,
		      struct whole_rows *rows)
{
	struct err ignored;
	const char *says = js_text_sorted(a, v);
	struct js *copy = js_parse(slice_str(says), &ignored);
	for (const char *const *renews = d->write.renews; js_is_object(copy) && *renews != NULL;
	     renews++)
		js_drop(copy, *renews);
	const char *stays = copy != NULL ? js_text_sorted(a, copy) : says;
	js_free(copy);
	*vec_push(a, &rows->list) = (struct whole_row){
		arena_printf(a, "%s %s", path, says),
		arena_printf(a, "%s %s", path, stays),
		arena_printf(a, "\"%s\" %.*s", path, SHOWN_MAX, says),
	};
}

/* What goes back beside the rows must stay as they must. */
static void add_carried(struct arena *a, const struct desc *d, const struct rest_zone *z,
			struct whole_rows *rows)
{
	for (const char *const *path = d->write.carried; *path != NULL; path++) {
		const struct js *v = body_at(z->around, *path);
		for (size_t i = 0; i < js_len(v); i++)
			add_value(a, *path, js_at(v, i), d, rows);
		if (v != NULL && !js_is_array(v))
			add_value(a, *path, v, d, rows);
	}
}

static struct whole_rows all_rows(struct arena *a, const struct desc *d, const struct rest_zone *z)
{
	struct whole_rows rows = { .list = { 0 } };
	for (size_t i = 0; i < z->items.n; i++)
		add_item(a, z, &z->items.at[i], &rows);
	add_carried(a, d, z, &rows);
	return rows;
}

/* -- writing -- */

/* What becomes of a listed row that is planned. */
struct fate {
	bool planned;
	const struct body_scope *made; /* NULL: it goes */
};

struct zone_writing {
	struct rest *r;
	const struct change_set *cs;
	struct rest_zone *then; /* what the write is made of */
	struct row_world world;
	struct fate *fates; /* one an item */
	VEC(struct body_piece) pieces;
	VEC(const struct body_scope *) added; /* rows that no listed one stands for */
	struct buf rows;
	int64_t wait_ms;
};

static bool is_by_set(const struct desc *d)
{
	return d->record.shapes[0].values != NULL;
}

static size_t item_of(const struct rest_zone *z, const struct row *row)
{
	size_t at = (size_t)(row - z->rows.list.at);
	size_t i = 0;
	while (at < z->items.at[i].first || at >= z->items.at[i].first + z->items.at[i].n)
		i++;
	return i;
}

/* Rows are records. */
static int plan_records(struct zone_writing *w, const struct ops *ops, const struct change *c,
			const struct body_scope *change, struct err *e)
{
	for (size_t i = 0; i < ops->n; i++) {
		const struct op *op = &ops->at[i];
		struct body_scope *made = op->rdata != NULL
						  ? ARENA_NEW(w->world.a, struct body_scope)
						  : NULL;
		if (made != NULL && scope_op(&w->world, op, c->type, change, made, e) != 0)
			return -1;
		if (op->row == NULL)
			*vec_push(w->world.a, &w->added) = made;
		else
			w->fates[item_of(w->then, op->row)] = (struct fate){ true, made };
	}
	return 0;
}

/* Rows are RRsets: the first that is of it stands for all of it. */
static void plan_set(struct zone_writing *w, const struct change *c,
		     const struct body_scope *change)
{
	const struct body_scope *made = c->after != NULL ? change : NULL;
	for (size_t i = 0; i < w->then->items.n; i++) {
		const struct zone_item *item = &w->then->items.at[i];
		const struct row *row = item->n > 0 ? &w->then->rows.list.at[item->first] : NULL;
		if (row == NULL || row->type != c->type || !dname_equal(row->name, c->name))
			continue;
		w->fates[i] = (struct fate){ true, made };
		made = NULL;
	}
	if (made != NULL)
		*vec_push(w->world.a, &w->added) = made;
}

static int plan_change(struct zone_writing *w, const struct change *c, struct err *e)
{
	struct arena *a = w->world.a;
	struct body_scope *change = ARENA_NEW(a, struct body_scope);
	struct ops all = ops_make(a, &w->then->rows,
				  &(struct change){ c->name, c->type, NULL, NULL, "" },
				  &(struct ops_ways){ .update = false });
	if (ops_check_locked(a, &all, c, e) != 0 ||
	    scope_change(&w->world, c, &w->r->vars, change, e) != 0)
		return -1;
	if (is_by_set(w->r->desc)) {
		plan_set(w, c, change);
		return 0;
	}
	struct ops ops = ops_make(a, &w->then->rows, c, &(struct ops_ways){ .update = true });
	return plan_records(w, &ops, c, change, e);
}

static void add_piece(struct zone_writing *w, struct body_piece piece)
{
	*vec_push(w->world.a, &w->pieces) = piece;
}

static void put_together(struct zone_writing *w, struct arena *a, struct whole_rows *kept)
{
	for (size_t i = 0; i < w->then->items.n; i++) {
		const struct zone_item *item = &w->then->items.at[i];
		const struct fate *fate = &w->fates[i];
		if (!fate->planned)
			add_item(a, w->then, item, kept);
		if (!fate->planned)
			add_piece(w, (struct body_piece){ .kept = item->text });
		else if (fate->made != NULL)
			add_piece(w, (struct body_piece){ .made = fate->made });
	}
	for (size_t i = 0; i < w->added.n; i++)
		add_piece(w, (struct body_piece){ .made = w->added.at[i] });
}

static int make_zone(void *ctx, struct arena *a, struct whole_rows *kept_r, struct err *e)
{
	struct zone_writing *w = ctx;
	w->world = (struct row_world){ a, w->r->desc, w->r->zone, NULL, &w->r->vars, NULL };
	w->fates = ARENA_ARRAY(a, w->then->items.n + 1, struct fate);
	if (w->then->items.n == 0) {
		(void)err_set(
			e, ERR_REFUSED,
			"the zone's listing is empty, and the whole zone would be written from it");
		return err_hint(
			e, "nothing was written; a zone without any row is changed in the panel");
	}
	for (size_t i = 0; i < w->cs->n; i++) {
		if (plan_change(w, &w->cs->changes[i], e) != 0)
			return -1;
	}
	put_together(w, a, kept_r);
	add_carried(a, w->r->desc, w->then, kept_r);
	if (w->pieces.n > 0)
		return 0;
	return err_set(e, ERR_REFUSED, "no row would be left of the zone");
}

static int read_rows(void *ctx, struct arena *a, struct whole_rows *rows_r, struct err *e)
{
	struct zone_writing *w = ctx;
	/* The write follows at once: no limit is to part them. */
	if (rest_reserve(w->r, 2, e) != 0 || read_again(w->r, e) != 0)
		return -1;
	*rows_r = all_rows(a, w->r->desc, w->r->whole);
	return 0;
}

static int find_rrset(void *ctx, struct arena *a, const char *name, uint16_t type,
		      const struct rrset **rrset_r, struct err *e)
{
	const struct zone_writing *w = ctx;
	const struct rest_zone *last = w->r->whole != NULL ? w->r->whole : w->then;
	const struct row_world world = { a, w->r->desc, w->r->zone, NULL, &w->r->vars, NULL };
	return rows_rrset(&world, &last->rows, name, type, rrset_r, e);
}

static enum whole_sent send_zone(void *ctx, struct arena *a, struct err *e)
{
	struct zone_writing *w = ctx;
	const struct body_zone zone = { w->pieces.n, w->pieces.at, w->then->around, &w->rows };
	const struct body_scope all = { .vars = { .up = &w->r->vars }, .zone = &zone };
	struct sending sent = { .r = w->r, .a = a, .once = true };
	int rc = send_steps(&sent, &w->r->desc->write.zone, NULL, &all, e);
	w->wait_ms = sent.wait_ms;
	if (rc == 0)
		return WHOLE_DONE;
	return sent.unknown ? WHOLE_UNKNOWN : sent.limited ? WHOLE_LIMIT : WHOLE_REFUSED;
}

static int wait_for_limit(void *ctx, unsigned tries, struct err *e)
{
	const struct zone_writing *w = ctx;
	return rest_wait(w->r, w->wait_ms, tries, e);
}

static int apply(struct zone_writing *w, enum registrar_applied *applied_r, struct err *e)
{
	const struct whole_zone zone = {
		.title = w->r->desc->title,
		.panel = "the panel",
		.ctx = w,
		.read = read_rows,
		.rrset = find_rrset,
		.make = make_zone,
		.send = send_zone,
		.wait = wait_for_limit,
	};
	if (rest_zone_need(w->r, e) != 0)
		return -1;
	w->then = w->r->whole;
	w->r->whole = NULL;
	const struct whole_rows then = all_rows(w->then->a, w->r->desc, w->then);
	return whole_zone_apply(&zone, &then, w->cs, applied_r, e);
}

int rest_zone_apply(struct rest *r, const struct change_set *changes,
		    enum registrar_applied *applied_r, struct err *e)
{
	struct zone_writing w = { .r = r, .cs = changes };
	buf_init(&w.rows);
	int rc = apply(&w, applied_r, e);
	if (rc != 0) {
		rest_zone_free(r->whole);
		r->whole = NULL;
	}
	buf_release(&w.rows);
	rest_zone_free(w.then);
	return rc;
}
