/*
 * A change set as JSON, as a diff for people, and its identity. The identity covers
 * what would be done, not the words that explain it.
 */
#include "base/digest.h"
#include "zone/change.h"
#include "zone/dname.h"

enum { CHANGES_MAX = 10000 };

/* `why` is for people only: it is in the document, not in the hash. */
static struct js *change_to_js(struct arena *a, const struct change *c)
{
	struct js *v = js_object();
	js_set_str(v, "name", c->name);
	js_set_str(v, "type", rr_type_name(a, c->type));
	js_set(v, "before", rrset_to_js(c->before));
	js_set(v, "after", rrset_to_js(c->after));
	js_set_str(v, "why", c->why != NULL ? c->why : "");
	return v;
}

struct js *change_set_to_js(const struct change_set *cs)
{
	struct arena *a = arena_new();
	struct js *v = js_object();
	js_set_str(v, "id", cs->id);
	js_set_str(v, "zone", cs->zone);
	struct js *list = js_array();
	for (size_t i = 0; i < cs->n; i++)
		js_push(list, change_to_js(a, &cs->changes[i]));
	js_set(v, "changes", list);
	arena_free(a);
	return v;
}

/* An RRset or null; anything else is an error. */
static int side_from_js(struct arena *a, const struct js *v, const struct rrset **set_r,
			struct err *e)
{
	*set_r = NULL;
	if (!js_is_object(v))
		return 0;
	*set_r = rrset_from_js(a, v, e);
	return *set_r != NULL ? 0 : -1;
}

/* The sides are read on their own; that they are of this name and type is change_set_check's. */
static int change_from_js(struct arena *a, const struct js *v, struct change *c, struct err *e)
{
	c->name = dname_canon(a, js_get_str(v, "name"), e);
	if (c->name == NULL)
		return -1;
	c->type = rr_type_from_name(js_get_str(v, "type"));
	if (c->type == 0)
		return err_set(e, ERR_ITEM, "change of %s: unknown record type", c->name);
	c->why = arena_strdup(a, js_get_str(v, "why"));
	if (side_from_js(a, js_get(v, "before"), &c->before, e) != 0)
		return err_wrap(e, "before-image of %s", c->name);
	if (side_from_js(a, js_get(v, "after"), &c->after, e) != 0)
		return err_wrap(e, "after-image of %s", c->name);
	return 0;
}

const struct change_set *change_set_from_js(struct arena *a, const struct js *v, struct err *e)
{
	const struct js *list = js_get(v, "changes");
	if (!js_is_array(list) || js_len(list) > CHANGES_MAX) {
		(void)err_set(e, ERR_ITEM, "no change set: the list of changes is missing");
		return NULL;
	}
	struct change_set *cs = ARENA_NEW(a, struct change_set);
	struct change *changes = ARENA_ARRAY(a, js_len(list), struct change);
	cs->id = arena_strdup(a, js_get_str(v, "id"));
	cs->zone = dname_canon(a, js_get_str(v, "zone"), e);
	if (cs->zone == NULL)
		return NULL;
	cs->n = js_len(list);
	cs->changes = changes;
	for (size_t i = 0; i < cs->n; i++) {
		if (change_from_js(a, js_at(list, i), &changes[i], e) != 0)
			return NULL;
	}
	return cs;
}

/* The set's lines, each with the sign before it. */
static void print_side(struct arena *a, char sign, const struct rrset *s, struct buf *out)
{
	for (size_t i = 0; s != NULL && i < s->n; i++)
		buf_addf(out, "%c %s %u IN %s %s\n", sign, s->name, (unsigned)s->ttl,
			 rr_type_name(a, s->type), s->rdata[i]);
}

/* Records that stay as they are stand there too, with a blank sign: a person must see
 * that the SPF beside the new TXT is kept. */
static void print_change(struct arena *a, const struct change *c, struct buf *out)
{
	bool same_ttl = c->before != NULL && c->after != NULL && c->before->ttl == c->after->ttl;
	if (!same_ttl) {
		print_side(a, '-', c->before, out);
		print_side(a, '+', c->after, out);
		return;
	}
	for (size_t i = 0; i < c->before->n; i++) {
		const char *rdata = c->before->rdata[i];
		buf_addf(out, "%c %s %u IN %s %s\n", rrset_has(c->after, rdata) ? ' ' : '-',
			 c->name, (unsigned)c->before->ttl, rr_type_name(a, c->type), rdata);
	}
	for (size_t i = 0; i < c->after->n; i++) {
		const char *rdata = c->after->rdata[i];
		if (!rrset_has(c->before, rdata))
			buf_addf(out, "+ %s %u IN %s %s\n", c->name, (unsigned)c->after->ttl,
				 rr_type_name(a, c->type), rdata);
	}
}

void change_set_print(const struct change_set *cs, struct buf *out)
{
	struct arena *a = arena_new();
	for (size_t i = 0; i < cs->n; i++) {
		const struct change *c = &cs->changes[i];
		print_change(a, c, out);
		if (c->why != NULL && c->why[0] != '\0')
			buf_addf(out, "  # %s\n", c->why);
	}
	arena_free(a);
}

const char *change_set_hash(struct arena *a, const struct change_set *cs)
{
	struct buf b;
	buf_init(&b);
	/* Versioned: another canonical form must give another hash. */
	buf_addf(&b, "change set 1\n%s\n%s\n", cs->id, cs->zone);
	for (size_t i = 0; i < cs->n; i++) {
		const struct change *c = &cs->changes[i];
		/* The type as a number: its name could depend on the version of ldns. */
		buf_addf(&b, "= %s %u\n", c->name, (unsigned)c->type);
		print_side(a, '-', c->before, &b);
		print_side(a, '+', c->after, &b);
	}
	char *hex = arena_alloc(a, SHA256_HEX_LEN + 1);
	sha256_hex_of(buf_slice(&b), hex);
	buf_release(&b);
	return hex;
}
