/*
 * Writing: our canonical values in the provider's spelling.
 */
#include <string.h>

#include "registrars/rest/row.h"
#include "zone/dname.h"

/* "www" of "www.example.org." in "example.org.". */
static const char *relative(const struct row_world *w, const char *name)
{
	if (dname_equal(name, w->zone))
		return w->desc->record.write.apex;
	size_t zone = str_eq(w->zone, ".") ? 0 : strlen(w->zone);
	return arena_slice(w->a, (struct slice){ name, strlen(name) - zone - 1 });
}

static const char *without_dot(struct arena *a, const char *name)
{
	size_t len = strlen(name);
	return len > 1 ? arena_slice(a, (struct slice){ name, len - 1 }) : name;
}

static const char *type_word(const struct row_world *w, uint16_t type)
{
	return rr_type_name(w->a, type);
}

/* NULL where the provider has other words for this type too: asking by the word would miss some. */
static const char *only_word(const struct row_world *w, uint16_t type)
{
	const struct desc_fields *types = &w->desc->record.types;
	for (size_t i = 0; i < types->n; i++) {
		if (rr_type_from_name(types->at[i].text) == type)
			return NULL;
	}
	return type_word(w, type);
}

int row_name_vars(const struct row_world *w, const char *name, uint16_t type, struct vars *v,
		  struct err *e)
{
	const struct desc_forms *f = &w->desc->record.write;
	const char *shown = without_dot(w->a, name);
	if (!dname_is_within(name, w->zone))
		return err_set(e, ERR_BUG, "%s is not in %s", name, w->zone);
	vars_set(v, w->a, "fqdn", shown);
	vars_set(v, w->a, "fqdn_dot", name);
	vars_set(v, w->a, "relative", relative(w, name));
	/* Where an empty name would make another path of it. */
	bool at_apex = dname_equal(name, w->zone);
	vars_set(v, w->a, "relative_at", at_apex ? "@" : relative(w, name));
	vars_set(v, w->a, "at_apex", at_apex ? "@" : NULL);
	vars_set(v, w->a, "below_apex", at_apex ? NULL : relative(w, name));
	vars_set(v, w->a, "name",
		 f->name == NAME_RELATIVE   ? relative(w, name)
		 : f->name == NAME_FQDN_DOT ? name
					    : shown);
	vars_set(v, w->a, "type", type_word(w, type));
	char *lower = arena_strdup(w->a, type_word(w, type));
	str_lower(lower);
	vars_set(v, w->a, "type_lower", lower);
	vars_set(v, w->a, "only_type", only_word(w, type));
	vars_set(v, w->a, "etag", NULL);
	return 0;
}

/* Relative names are the provider's to complete, so only those of the zone itself are. */
static const char *target_form(const struct row_world *w, const char *target)
{
	switch (w->desc->record.write.target) {
	case TARGET_NO_DOT: return without_dot(w->a, target);
	case TARGET_DOT:
	case TARGET_RELATIVE: break;
	}
	return target;
}

static const char *text_form(const struct row_world *w, const char *rdata)
{
	if (w->desc->record.write.text == TEXT_QUOTED)
		return rdata;
	return arena_slice(w->a, txt_join(w->a, rdata));
}

/* Character-strings of at most 255 octets, as they stand in the canonical form. */
static const char *const *chunks_of(const struct row_world *w, const char *rdata)
{
	enum { OCTETS = 255 };
	struct slice text = txt_join(w->a, rdata);
	size_t n = text.len / OCTETS + 1;
	const char **list = ARENA_ARRAY(w->a, n + 1, const char *);
	for (size_t i = 0; i < n; i++) {
		size_t at = i * OCTETS;
		size_t len = text.len - at < OCTETS ? text.len - at : OCTETS;
		if (len > 0 || i == 0)
			list[i] = arena_slice(w->a, (struct slice){ text.ptr + at, len });
	}
	return list;
}

/* Words of the presentation form, each to its name; the last takes the rest. */
static void split_words(const struct row_world *w, const char *rdata, const char *const *names,
			struct vars *v)
{
	struct slice rest = slice_str(rdata);
	for (; *names != NULL; names++) {
		bool last = names[1] == NULL;
		struct slice word = last ? rest : slice_until(&rest, ' ');
		vars_set(v, w->a, *names, arena_slice(w->a, word));
	}
}

static const char *unquoted(const struct row_world *w, const char *text)
{
	return arena_slice(w->a, txt_join(w->a, text));
}

static void split(const struct row_world *w, uint16_t type, const char *rdata, struct vars *v)
{
	static const char *const mx[] = { "priority", "target", NULL };
	static const char *const srv[] = { "priority", "weight", "port", "target", NULL };
	static const char *const caa[] = { "flags", "tag", "value", NULL };
	static const char *const tlsa[] = { "usage", "selector", "matching", "value", NULL };
	static const char *const host[] = { "target", NULL };
	if (type == RR_MX)
		split_words(w, rdata, mx, v);
	else if (type == RR_SRV)
		split_words(w, rdata, srv, v);
	else if (type == RR_CAA)
		split_words(w, rdata, caa, v);
	else if (type == RR_TLSA)
		split_words(w, rdata, tlsa, v);
	else if (type == RR_CNAME || type == RR_NS || type == RR_PTR)
		split_words(w, rdata, host, v);
	if (type == RR_CAA)
		vars_set(v, w->a, "value", unquoted(w, vars_get(v, "value")));
}

static const char *text_of(const struct vars *v, const char *name)
{
	const char *text = vars_get(v, name);
	return text != NULL ? text : "";
}

/* {content} is the value without the priority, {data} the whole of it. */
static void set_contents(const struct row_world *w, uint16_t type, const char *rdata,
			 struct vars *v)
{
	const char *target = vars_get(v, "target");
	const char *content = rdata;
	const char *data = rdata;
	if (target != NULL) {
		target = target_form(w, target);
		vars_set(v, w->a, "target", target);
		content = target;
		data = target;
	}
	if (type == RR_TXT || type == RR_SPF)
		content = data = text_form(w, rdata);
	if (type == RR_SRV)
		content = arena_printf(w->a, "%s %s %s", text_of(v, "weight"), text_of(v, "port"),
				       target);
	if (type == RR_MX || type == RR_SRV)
		data = arena_printf(w->a, "%s %s", text_of(v, "priority"), content);
	vars_set(v, w->a, "content", content);
	vars_set(v, w->a, "data", data);
}

/* All of them are known in every scope: a template may name one that this type has not. */
int row_value_scope(const struct row_world *w, uint16_t type, const char *rdata,
		    struct body_scope *s, struct err *e)
{
	static const char *const all[] = { "priority", "weight",   "port",     "target",
					   "text",     "flags",    "tag",      "value",
					   "usage",    "selector", "matching", "id" };
	(void)e;
	for (size_t i = 0; i < sizeof(all) / sizeof(all[0]); i++)
		vars_set(&s->vars, w->a, all[i], NULL);
	split(w, type, rdata, &s->vars);
	set_contents(w, type, rdata, &s->vars);
	if (type == RR_TXT || type == RR_SPF) {
		vars_set(&s->vars, w->a, "text", text_form(w, rdata));
		s->chunks = chunks_of(w, rdata);
	}
	return 0;
}

uint32_t row_ttl(const struct desc_ttl *t, uint32_t wanted)
{
	uint32_t ttl = wanted;
	for (size_t i = 0; i < t->n; i++) {
		if (t->allowed[i] >= wanted)
			return t->allowed[i];
		ttl = t->allowed[i];
	}
	if (t->min != 0 && ttl < t->min)
		ttl = t->min;
	if (t->max != 0 && ttl > t->max)
		ttl = t->max;
	return ttl;
}
