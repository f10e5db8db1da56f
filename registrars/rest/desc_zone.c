/*
 * The unit "zone": a write that replaces everything allows no other beside it, and needs rows that
 * can be sent back as they came.
 */
#include "registrars/rest/desc_read.h"

#include "base/vec.h"

enum { ROWS_MAX = 5000 };

/* -- the body -- */

struct finding {
	struct arena *a;
	size_t rows;               /* how often "$zone" stands there */
	VEC(const char *) carried; /* of "$as_read" */
};

static void find(struct finding *f, const struct js *v);

static void find_member(void *ctx, const char *key, struct js *v)
{
	struct finding *f = ctx;
	f->rows += str_eq(key, "$zone") ? 1 : 0;
	if (str_eq(key, "$as_read"))
		*vec_push(f->a, &f->carried) = arena_strdup(f->a, js_str(v));
	find(f, v);
}

/* As deep as the reader of JSON lets a document be. */
static void find(struct finding *f, const struct js *v)
{
	for (size_t i = 0; i < js_len(v); i++)
		find(f, js_at(v, i));
	if (js_is_object(v))
		js_each(v, find_member, f);
}

static int check_body(const struct place *write, struct desc_write *w)
{
	struct finding f = { .a = write->a };
	struct place zone = place_member(write, "zone");
	struct place body = place_member(&zone, "body");
	find(&f, w->zone.at[0].body);
	*vec_push(f.a, &f.carried) = NULL;
	w->carried = f.carried.at;
	if (f.rows != 1)
		return place_refuse(&body, "is to have { \"$zone\": … } once, where all rows go");
	for (size_t i = 0; w->carried[i] != NULL; i++) {
		if (w->carried[i][0] == '\0')
			return place_refuse(&body, "$as_read is to name a member of the answer");
	}
	return 0;
}

static int check_request(const struct place *write, const struct desc_write *w)
{
	struct place zone = place_member(write, "zone");
	struct place method = place_member(&zone, "method");
	const char *word = w->zone.at[0].method;
	if (w->zone.n != 1)
		return place_refuse(&zone, "is to be one request");
	if (!str_eq(word, "PUT") && !str_eq(word, "POST") && !str_eq(word, "PATCH"))
		return place_refuse(&method, "is to be PUT, POST or PATCH");
	return 0;
}

/* -- what cannot stand beside it -- */

static int refuse_member(const struct place *parent, const char *name, const char *why)
{
	struct place p = place_member(parent, name);
	return p.v != NULL ? place_refuse(&p, why) : 0;
}

static int check_other_writes(const struct place *write)
{
	static const char *const others[] = { "create", "update", "delete",   "replace",
					      "batch",  "commit", "batch_max" };
	for (size_t i = 0; i < sizeof(others) / sizeof(others[0]); i++) {
		if (refuse_member(write, others[i],
				  "has no place in the unit \"zone\": \"zone\" is its one write") !=
		    0)
			return -1;
	}
	return 0;
}

/* Rows must stand in the listing itself, each with all that it has. */
static int check_list(const struct place *top, const struct desc *d)
{
	struct place list = place_member(top, "list");
	struct place paging = place_member(&list, "paging");
	struct place rows = place_member(&list, "rows");
	if (refuse_member(top, "read", "has no place in the unit \"zone\": all of it is read") != 0)
		return -1;
	if (refuse_member(
		    &list, "each",
		    "has no place in the unit \"zone\": the rows themselves are to be listed") != 0)
		return -1;
	if (d->list.more_rows != NULL)
		return place_refuse(&rows, "is to be one list in the unit \"zone\"");
	if (d->write.carried[0] != NULL && d->list.paging.style != PAGING_NONE)
		return place_refuse(&paging, "has no place where $as_read takes from the answer");
	return 0;
}

static int check_record(const struct place *top, const struct desc *d)
{
	const struct desc_record *r = &d->record;
	struct place record = place_member(top, "record");
	struct place data = place_member(&record, "data");
	if (refuse_member(&record, "etag",
			  "has no place in the unit \"zone\": no RRset is written alone") != 0)
		return -1;
	for (size_t i = 1; i < r->shape_n; i++) {
		if ((r->shapes[i].values != NULL) != (r->shapes[0].values != NULL))
			return place_refuse(&data, "is to have \"values\" for all types or for "
						   "none in the unit \"zone\"");
	}
	return 0;
}

/* Its members where the unit is another. */
static int check_not_it(const struct place *write)
{
	static const char why[] = "is for the unit \"zone\"";
	if (refuse_member(write, "zone", why) != 0 || refuse_member(write, "rows_max", why) != 0)
		return -1;
	return refuse_member(write, "renews", why);
}

int place_zone_unit(const struct place *top, struct desc *d)
{
	struct desc_write *w = &d->write;
	struct place write = place_member(top, "write");
	if (w->unit != UNIT_ZONE)
		return check_not_it(&write);
	w->rows_max = ROWS_MAX;
	if (place_number(&write, "rows_max", 100000, &w->rows_max) != 0 ||
	    place_texts(&write, "renews", &w->renews) != 0)
		return -1;
	if (check_request(&write, w) != 0 || check_body(&write, w) != 0 ||
	    check_other_writes(&write) != 0 || check_list(top, d) != 0 || check_record(top, d) != 0)
		return -1;
	if ((d->capabilities & REGISTRAR_COMPARE_AND_SET) == 0)
		return 0;
	return place_refuse(top, "capabilities: a whole zone is never written by compare-and-set");
}
