/*
 * The end of a list is believed only when something proves it: a number of pages or records, an
 * empty cursor, an empty page behind the last. Everything else might be a listing that was cut.
 */
#include "registrars/rest/listing.h"

#include <stdlib.h>
#include <string.h>

#include "base/digest.h"
#include "base/json_items.h"

/* An RRset is a few records; so many pages of them are the answer of something that has no end. */
enum { PAGES_MAX = 100000, RRSET_PAGES_MAX = 50, ITEMS_MAX = 2000000 };

/* What a page had, by which it is known again. */
struct page_sum {
	bool is;
	unsigned char of[SHA256_LEN];
};

struct pages {
	struct rest *r;
	const struct listing *l;
	unsigned page;              /* 0 the first */
	size_t items;               /* so far */
	size_t in_page;             /* of the last page */
	const char *cursor;         /* for the next request; NULL */
	const char *url;            /* of the next request; NULL: the described one */
	bool ended, stopped;        /* stopped: by the caller, before the end */
	bool full;                  /* the page before had as many as one can have */
	struct page_sum last, mark; /* of the page before; of the last whose number is 2^n */
	struct arena *a;            /* of the page */
	struct arena *keep;         /* cursor and url */
};

static int refuse_cut(const char *why, struct err *e)
{
	(void)err_set(e, ERR_REFUSED, "the listing may be cut: %s", why);
	return err_hint(e, "what may be incomplete is never planned from; nothing was changed");
}

/* A list of ids: each one's row is asked for. One that is gone meanwhile is a zone that changes
 * while it is read. */
static int ask_item(struct pages *p, const struct js *id, struct err *e)
{
	struct arena *a = arena_new();
	struct body_scope scope = { .vars = { .up = &p->l->scope->vars } };
	const struct exchange x = { .request = &p->l->list->each, .scope = &scope };
	struct answer answer;
	vars_set(&scope.vars, a, "item", body_text_at(a, id, ""));
	int rc = rest_exchange(p->r, a, &x, &answer, e);
	if (rc == 0)
		rc = p->l->each(p->l->ctx, answer.json, e);
	else if (answer.class == CLASS_MISSING)
		rc = err_set(e, ERR_RETRY, "the zone changed while it was read");
	answer_release(&answer);
	arena_free(a);
	return rc;
}

static int give(struct pages *p, const struct js *item, struct err *e)
{
	int rc = p->l->list->has_each ? ask_item(p, item, e) : p->l->each(p->l->ctx, item, e);
	p->in_page++;
	p->stopped = rc == 1;
	return rc < 0 ? -1 : 0;
}

/* As an answer that is no JSON at all. */
static int refuse_item(struct err *e)
{
	e->kind = ERR_RETRY;
	(void)err_wrap(e, "an item of the answer");
	return err_hint(e, "run the same command again; nothing was changed");
}

static int each_item(struct pages *p, struct slice list, struct err *e)
{
	struct slice item;
	while (!p->stopped && js_next_item(&list, &item)) {
		struct js *v = js_parse(item, e);
		if (p->l->text != NULL)
			*p->l->text = item;
		int rc = v != NULL ? give(p, v, e) : refuse_item(e);
		js_free(v);
		if (rc != 0)
			return -1;
	}
	p->items += p->in_page;
	return p->items <= ITEMS_MAX ? 0 : refuse_cut("it has more than two million records", e);
}

/* True when the answer has that number; a missing one is told by refuse. */
static bool number_at(const struct pages *p, const struct answer *answer, const char *path,
		      uint64_t *v_r)
{
	const char *text = path != NULL ? body_text_at(p->a, answer->json, path) : NULL;
	return text != NULL && slice_to_u64(slice_str(text), v_r);
}

/* The count beside that which the end is known by; false when this answer tells none. */
static bool told_count(const struct pages *p, const struct answer *answer, uint64_t *v_r)
{
	const struct desc_paging *g = &p->l->list->paging;
	const char *header = g->total_header != NULL
				     ? registrar_reply_header(&answer->reply, g->total_header)
				     : NULL;
	return header != NULL ? slice_to_u64(slice_str(header), v_r)
			      : g->total != NULL && number_at(p, answer, g->total, v_r);
}

/* Not every answer tells the count, but none may deny the end. */
static int check_count(const struct pages *p, const struct answer *answer, struct err *e)
{
	uint64_t v = p->items;
	if (!p->ended || !told_count(p, answer, &v) || v == p->items)
		return 0;
	return refuse_cut("it has another number of records than the answer tells", e);
}

static bool is_of_rrset(const struct pages *p)
{
	return p->l->list == &p->r->desc->read;
}

/* A zone's page that is not full may have been cut, where no count beside it says that it was the
 * last; one RRset is far from filling its page. */
static bool ends_by_page(const struct pages *p, const struct answer *answer)
{
	uint64_t v;
	if (p->in_page == 0)
		return true;
	return p->in_page < p->l->list->paging.size &&
	       (is_of_rrset(p) || told_count(p, answer, &v));
}

/* To a server that takes the number of records so far for the number of a page, there is no such
 * page, whatever more it has: an empty one behind a full one is no end then. */
static int check_empty_page(const struct pages *p, const struct answer *answer, struct err *e)
{
	uint64_t v;
	if (p->in_page > 0 || !p->full || !p->l->list->paging.unsure || told_count(p, answer, &v))
		return 0;
	return refuse_cut("it ends behind a full page, and nothing tells how much there is", e);
}

/* By number: the described count of pages or records, else the page itself. */
static int next_number(struct pages *p, const struct answer *answer, struct err *e)
{
	const struct desc_paging *g = &p->l->list->paging;
	uint64_t v = 0;
	if (g->pages == NULL && g->total == NULL) {
		p->ended = ends_by_page(p, answer);
		return check_empty_page(p, answer, e) == 0 ? check_count(p, answer, e) : -1;
	}
	if (!number_at(p, answer, g->pages != NULL ? g->pages : g->total, &v))
		return refuse_cut("the answer does not tell how much there is", e);
	p->ended = g->pages != NULL ? p->page + 1 >= v : p->items >= v;
	if (p->in_page == 0 && (!p->ended || p->page > 0))
		return refuse_cut("a page is empty before the end", e);
	return check_count(p, answer, e);
}

static int next_cursor(struct pages *p, const struct answer *answer, struct err *e)
{
	const struct desc_paging *g = &p->l->list->paging;
	const char *next = body_text_at(p->a, answer->json, g->next);
	const char **at = g->style == PAGING_CURSOR ? &p->cursor : &p->url;
	p->ended = next == NULL || next[0] == '\0';
	if (p->ended)
		return check_count(p, answer, e);
	if (*at != NULL && str_eq(*at, next))
		return refuse_cut("the next page is the same again", e);
	*at = arena_strdup(p->keep, next);
	return 0;
}

/* <https://…?cursor=x>; rel="next" among others (RFC 8288 §3). */
static const char *link_next(struct arena *a, const char *link)
{
	for (const char *at = link; at != NULL && (at = strchr(at, '<')) != NULL;) {
		const char *end = strchr(at, '>');
		const char *stop = end != NULL ? strchr(end, '<') : NULL;
		if (end == NULL)
			return NULL;
		size_t len = stop != NULL ? (size_t)(stop - end) : strlen(end);
		if (memmem(end, len, "rel=\"next\"", 10) != NULL ||
		    memmem(end, len, "rel=next", 8) != NULL)
			return arena_slice(a, (struct slice){ at + 1, (size_t)(end - at - 1) });
		at = end;
	}
	return NULL;
}

static int next_link(struct pages *p, const struct answer *answer, struct err *e)
{
	const char *next = link_next(p->keep, registrar_reply_header(&answer->reply, "link"));
	p->ended = next == NULL;
	if (next != NULL && p->url != NULL && str_eq(p->url, next))
		return refuse_cut("the next page is the same again", e);
	p->url = next;
	return check_count(p, answer, e);
}

/* One answer for all: a described count must agree, a described most must not be reached. */
static int check_single(struct pages *p, const struct answer *answer, struct err *e)
{
	const struct desc_paging *g = &p->l->list->paging;
	uint64_t total = 0;
	p->ended = true;
	if (g->total != NULL && (!number_at(p, answer, g->total, &total) || total != p->items))
		return refuse_cut("the answer tells another number of records than it has", e);
	if (g->size != 0 && p->in_page >= g->size)
		return refuse_cut("the answer is as long as it can be", e);
	return 0;
}

static int next(struct pages *p, const struct answer *answer, struct err *e)
{
	switch (p->l->list->paging.style) {
	case PAGING_PAGE:
	case PAGING_OFFSET: return next_number(p, answer, e);
	case PAGING_CURSOR:
	case PAGING_URL: return next_cursor(p, answer, e);
	case PAGING_LINK: return next_link(p, answer, e);
	case PAGING_NONE: break;
	}
	return check_single(p, answer, e);
}

/* The number of the page, its offset or the cursor, as one more of the query; NULL: none. */
static const char *position(const struct pages *p)
{
	const struct desc_paging *g = &p->l->list->paging;
	if (g->style == PAGING_PAGE)
		return arena_printf(p->a, "%u", g->first + p->page);
	if (g->style == PAGING_OFFSET)
		return arena_printf(p->a, "%zu", p->items);
	return g->style == PAGING_CURSOR ? p->cursor : NULL;
}

/* Some leave the list out when there is nothing in it, but say so. */
static bool told_empty(const struct pages *p, const struct answer *answer)
{
	uint64_t total = 1;
	return number_at(p, answer, p->l->list->paging.total, &total) && total == 0;
}

/* Of one answer, so the end of all of them is the answer's. */
static int take_more(struct pages *p, const struct answer *answer, struct err *e)
{
	for (const char *const *m = p->l->list->more_rows; *m != NULL; m++) {
		const struct js *list = body_at(answer->json, *m);
		if (list != NULL && !js_is_array(list))
			return err_set(e, ERR_WORLD, "what stands at \"%s\" is no list", *m);
		for (size_t i = 0; !p->stopped && i < js_len(list); i++) {
			if (give(p, js_at(list, i), e) != 0)
				return -1;
		}
	}
	return 0;
}

/* An object instead of a list is one record; RRset-wise APIs answer so. */
static int take_items(struct pages *p, const struct answer *answer, struct err *e)
{
	const struct js *list = body_at(answer->json, p->l->list->rows);
	bool several = p->l->list->more_rows != NULL;
	p->full = p->in_page >= p->l->list->paging.size;
	p->in_page = 0;
	if (p->l->text != NULL)
		*p->l->text = (struct slice){ NULL, 0 };
	if (answer->has_items) {
		int rc = each_item(p, answer->items, e);
		return rc == 0 && several ? take_more(p, answer, e) : rc;
	}
	if (list == NULL && several)
		return take_more(p, answer, e);
	if (list == NULL && told_empty(p, answer))
		return 0;
	if (!js_is_object(list))
		return err_set(e, ERR_WORLD, "the answer has no list at \"%s\"", p->l->list->rows);
	p->items = 1;
	return give(p, list, e);
}

/* What stands beside the records about how the zone is kept. */
static void look_for_warnings(struct pages *p, const struct answer *answer)
{
	const struct desc *d = p->r->desc;
	for (size_t i = 0; i < d->warning_n && p->r->warning == NULL; i++) {
		const struct desc_skip *w = &d->warnings[i];
		const char *text = body_text_at(p->a, answer->json, w->field);
		if (text != NULL && str_eq(text, w->equals))
			p->r->warning = w->why;
	}
}

static bool is_again(const struct page_sum *before, const struct page_sum *now)
{
	return before->is && memcmp(before->of, now->of, SHA256_LEN) == 0;
}

/* An API that overlooks which page is asked for answers for ever, or until it has told as many
 * records as there are. A circle of several pages comes upon its mark (R. Brent, 1980): as soon as
 * the mark is in the circle and the circle no longer than the mark's number. */
static int check_repeated(struct pages *p, const struct answer *answer, struct err *e)
{
	struct page_sum now = { .is = true };
	if (!answer->has_items || p->in_page == 0 || (p->page == 0 && p->ended))
		return 0;
	sha256_of(answer->items, now.of);
	if (is_again(&p->last, &now) || is_again(&p->mark, &now))
		return refuse_cut("a page has the same records as one before it", e);
	p->last = now;
	if ((p->page & (p->page - 1)) == 0)
		p->mark = now;
	return 0;
}

static int take_page(struct pages *p, const struct answer *answer, struct err *e)
{
	p->ended = answer->class == CLASS_MISSING;
	if (p->ended)
		return 0;
	if (answer->json == NULL) /* a 204 */
		return err_set(e, ERR_WORLD, "the answer has no list at \"%s\"", p->l->list->rows);
	look_for_warnings(p, answer);
	if (p->l->page != NULL)
		p->l->page(p->l->ctx, answer->json);
	if (rest_take(p->r, &p->l->list->request.take, answer->json, e) != 0 ||
	    take_items(p, answer, e) != 0)
		return -1;
	if (p->stopped)
		return 0;
	return next(p, answer, e) == 0 ? check_repeated(p, answer, e) : -1;
}

static int one_page(struct pages *p, struct err *e)
{
	const struct desc_paging *g = &p->l->list->paging;
	struct answer answer;
	const char *at = position(p);
	struct desc_field extra[2];
	size_t n = 0;
	if (g->size_param != NULL)
		extra[n++] = (struct desc_field){ g->size_param, arena_printf(p->a, "%u", g->size),
						  NULL };
	if (at != NULL)
		extra[n++] = (struct desc_field){ g->param, at, NULL };
	struct exchange x = {
		.request = &p->l->list->request,
		.scope = p->l->scope,
		.rows = p->l->list->rows,
		.url = p->url,
		.extra = { p->url == NULL ? n : 0, extra }, /* a next address has them in it */
		.may_miss = p->l->may_miss,
	};
	int rc = rest_exchange(p->r, p->a, &x, &answer, e);
	if (rc == 0)
		rc = take_page(p, &answer, e);
	answer_release(&answer);
	return rc;
}

int listing_run(struct rest *r, const struct listing *l, struct err *e)
{
	struct pages p = { .r = r, .l = l, .keep = arena_new() };
	unsigned most = is_of_rrset(&p) ? RRSET_PAGES_MAX : PAGES_MAX;
	int rc = 0;
	while (rc == 0 && !p.ended && !p.stopped) {
		if (p.page == most) {
			rc = refuse_cut("it has no end", e);
			break;
		}
		p.a = arena_new();
		rc = one_page(&p, e);
		arena_free(p.a);
		p.page++;
	}
	arena_free(p.keep);
	return rc;
}

/* -- records -- */

struct collecting {
	struct row_world world; /* its arena is for one item */
	struct rest_rows *kept;
};

/* What an item is made of on its way is many times what is kept of it. */
static int collect(void *ctx, const struct js *item, struct err *e)
{
	struct collecting *c = ctx;
	struct rows found = { .list = { 0 } };
	int rc = rows_add(&c->world, item, &found, e);
	for (size_t i = 0; rc == 0 && i < found.list.n; i++)
		*vec_push(c->kept->a, &c->kept->rows.list) = row_copy(c->kept->a, &found.list.at[i],
								      &c->world.desc->record);
	arena_reset(c->world.a);
	return rc;
}

void rest_rows_free(struct rest_rows *l)
{
	if (l == NULL)
		return;
	arena_free(l->a);
	free(l);
}

/* What is to be listed: all, or what is at these names. */
struct wanted {
	const struct desc_list *list;
	const struct registrar_names *only;
};

static int list_rows(struct rest *r, const struct wanted *what, const struct body_scope *scope,
		     struct rest_rows **rows_r, struct err *e)
{
	struct rest_rows *l = mem_alloc(sizeof(*l));
	struct arena *scratch = arena_new();
	l->a = arena_new();
	struct collecting c = { { scratch, r->desc, r->zone, what->only, &r->vars, NULL }, l };
	const struct listing listing = {
		.list = what->list,
		.scope = scope,
		.may_miss = what->list == &r->desc->read,
		.each = collect,
		.ctx = &c,
	};
	int rc = listing_run(r, &listing, e);
	arena_free(scratch);
	if (rc == 0)
		*rows_r = l;
	else
		rest_rows_free(l);
	return rc;
}

int listing_zone(struct rest *r, const struct registrar_names *only, struct rest_rows **rows_r,
		 struct err *e)
{
	const struct body_scope scope = { .vars = { .up = &r->vars } };
	return list_rows(r, &(struct wanted){ &r->desc->list, only }, &scope, rows_r, e);
}

int listing_rrset(struct rest *r, const char *name, uint16_t type, struct rest_rows **rows_r,
		  struct err *e)
{
	struct arena *a = arena_new();
	struct body_scope scope = { .vars = { .up = &r->vars } };
	const struct row_world w = { a, r->desc, r->zone, NULL, &r->vars, NULL };
	const struct registrar_names only = { 1, &name };
	int rc = row_name_vars(&w, name, type, &scope.vars, e);
	if (rc == 0)
		rc = list_rows(r,
			       &(struct wanted){
				       r->desc->has_read ? &r->desc->read : &r->desc->list, &only },
			       &scope, rows_r, e);
	arena_free(a);
	return rc;
}
