/* The tree against the table: every key known, every value of its type and range, nothing
 * missing. Knows no option by name; what a single option means is project_parts' matter. */
#include <string.h>

#include "base/vec.h"
#include "config/load.h"
#include "config/value.h"

/* Enough to recognise one's own typing, short enough for one line. */
enum { SHOWN_MAX = 60 };

static int walk_map(struct loader *l, const struct node *map, const char *section);

int load_refuse(struct loader *l, unsigned line, const char *text, const char *remedy)
{
	err_set(l->e, ERR_USAGE, "%s:%u: %s", l->file, line, text);
	return err_hint(l->e, "%s", remedy);
}

unsigned load_line(const struct loader *l, const char *path)
{
	const struct node *n = l->root;
	unsigned line = n->line;
	for (struct slice rest = slice_str(path); rest.len > 0;) {
		const char *key = arena_slice(l->arena, slice_until(&rest, '.'));
		n = node_get(n, key);
		if (n == NULL)
			break;
		line = n->line;
	}
	return line;
}

/* ---- unknown keys ---- */

/* What may stand in a section, for "did you mean" and "known here". */
static const char *const *keys_in(struct loader *l, const char *section)
{
	VEC(const char *) keys = { 0 };
	for (size_t i = 0; i < option_count(); i++) {
		const char *key = option_key(option_at(i)->path);
		if (option_is_in(&option_rows()[i], section) && !str_eq(key, "*"))
			*vec_push(l->arena, &keys) = key;
	}
	*vec_push(l->arena, &keys) = NULL;
	return keys.at;
}

/* For a message, once a run: copying it anew for each word does no harm. */
static const char *join(struct loader *l, const char *const *words)
{
	const char *text = "";
	for (; *words != NULL; words++)
		text = arena_printf(l->arena, "%s%s%s", text, text[0] != '\0' ? ", " : "", *words);
	return text;
}

/* A key that is right in another place: say where. */
static const char *other_home(struct loader *l, const char *key)
{
	for (size_t i = 0; i < option_count(); i++) {
		const char *path = option_at(i)->path;
		if (str_eq(option_key(path), key) && strpbrk(path, "[*") == NULL)
			return arena_printf(l->arena, "it is written as %s", path);
	}
	return NULL;
}

/* The remedy, best first: the right spelling, the right place, the list of what is known. */
static int unknown_key(struct loader *l, const struct node_pair *pair, const char *section)
{
	const char *const *known = keys_in(l, section);
	const char *near = nearest_word(pair->key, known);
	const char *remedy = near != NULL ? arena_printf(l->arena, "did you mean '%s'?", near)
					  : other_home(l, pair->key);
	if (remedy == NULL)
		remedy = arena_printf(l->arena, "known here: %s", join(l, known));
	const char *where = section[0] == '\0' ? "" : " in ";
	return load_refuse(l, pair->line,
			   arena_printf(l->arena, "unknown key '%.*s'%s%s", SHOWN_MAX, pair->key,
					where, section),
			   remedy);
}

/* Where any key may stand, a slip in one that means something must still be caught. */
static bool is_slip(struct loader *l, const char *key, const char *section)
{
	const char *near = nearest_word(key, keys_in(l, section));
	return near != NULL && strlen(near) > 4;
}

/* ---- values ---- */

/* The example is the table's own, so it is tested and cannot grow old. */
static const char *for_example(struct loader *l, const struct option_row *row)
{
	const struct option_info *o = &row->info;
	const char *key = option_key(o->path);
	if (o->example == NULL)
		return arena_printf(l->arena, "write '%s:' with its keys indented below", key);
	return arena_printf(l->arena, "for example: %s: %s", str_eq(key, "*") ? "KEY" : key,
			    o->example);
}

/* What the file gives for an option: the node, and the path by which messages name it. */
struct given {
	const struct option_row *row;
	const char *path;
	const struct node *node;
};

/* The example shows the form: an indentation that is off by a level ends up here. */
static int wrong_kind(struct loader *l, const struct given *g, enum option_type wanted)
{
	static const char *const is[] = {
		[NODE_NULL] = "has no value",
		[NODE_SCALAR] = "is a single value",
		[NODE_LIST] = "is a list",
		[NODE_MAP] = "is a section",
	};
	const char *text = arena_printf(l->arena, "%s %s, it must be a %s", g->path,
					is[g->node->kind], option_type_name(wanted));
	return load_refuse(l, g->node->line, text, for_example(l, g->row));
}

/* A secret's text is not repeated: what is wrong with it may be that it is the secret. */
static int wrong_value(struct loader *l, const struct given *g, const char *why)
{
	const char *shown = "";
	if (g->row->info.type != OPTION_SECRET)
		shown = arena_printf(l->arena, " is '%.*s'", SHOWN_MAX, g->node->text);
	return load_refuse(l, g->node->line,
			   arena_printf(l->arena, "%s%s: it %s", g->path, shown, why),
			   for_example(l, g->row));
}

/* Widths, not signs, tell the fields apart: no range of the table reaches into a sign bit. */
static void store_number(const struct option_row *row, void *field, uint64_t v)
{
	if (row->size == sizeof(uint16_t))
		*(uint16_t *)field = (uint16_t)v;
	else if (row->size == sizeof(uint32_t))
		*(uint32_t *)field = (uint32_t)v;
	else
		*(uint64_t *)field = v;
}

/* Rows without a field are checked here and read by project_parts. */
static void store(struct project *p, const struct option_row *row, const struct value *v)
{
	void *field = (char *)p + row->at;
	if (row->size == 0)
		return;
	switch (row->info.type) {
	case OPTION_UINT:
	case OPTION_SIZE: store_number(row, field, v->number); break;
	case OPTION_DURATION:
	case OPTION_TIME: store_number(row, field, (uint64_t)v->ms); break;
	default: *(const char **)field = v->text;
	}
}

/* By the type of the option itself, or of a list's entries. */
static int read_text(struct loader *l, const struct given *g, enum option_type type,
		     struct value *v)
{
	const struct value_opts o = { type, g->row, l->p->dir };
	if (g->node->kind != NODE_SCALAR)
		return wrong_kind(l, g, type);
	const char *why = value_parse(l->arena, &o, g->node->text, v);
	return why == NULL ? 0 : wrong_value(l, g, why);
}

/* Judged and kept in one go: a wrong value never reaches struct project. */
static int read_scalar(struct loader *l, const struct given *g)
{
	struct value v = { 0 };
	if (read_text(l, g, g->row->info.type, &v) != 0)
		return -1;
	store(l->p, g->row, &v);
	return 0;
}

/* A list's entry is a section of its own ("target.mx[]") or a value of the type `of`. */
static int read_entry(struct loader *l, const struct given *list, const struct node *n,
		      const char **text_r)
{
	struct value v = { 0 };
	const struct option_row *row = list->row;
	const bool is_map = row->of == OPTION_MAP;
	const char *path = is_map ? arena_printf(l->arena, "%s[]", list->path)
				  : arena_printf(l->arena, "an entry of %s", list->path);
	const struct given g = { row, path, n };
	if (is_map)
		return n->kind == NODE_MAP ? walk_map(l, n, path) : wrong_kind(l, &g, row->of);
	if (read_text(l, &g, row->of, &v) != 0)
		return -1;
	*text_r = v.text;
	return 0;
}

/* NULL-terminated, so that readers need no count; lists of sections are project_parts'. */
static int read_list(struct loader *l, const struct given *g)
{
	uint64_t lo = 0;
	uint64_t hi = 0;
	const struct node *n = g->node;
	(void)range_numbers(g->row->info.range, &lo, &hi);
	if (n->kind != NODE_LIST)
		return wrong_kind(l, g, OPTION_LIST);
	if (n->n < lo || n->n > hi)
		return load_refuse(l, n->line,
				   arena_printf(l->arena, "%s has %zu entries, it must have %s",
						g->path, n->n, g->row->info.range),
				   for_example(l, g->row));
	const char **texts = ARENA_ARRAY(l->arena, n->n + 1, const char *);
	for (size_t i = 0; i < n->n; i++)
		if (read_entry(l, g, n->items[i], &texts[i]) != 0)
			return -1;
	if (g->row->size > 0)
		*(const char *const **)((char *)l->p + g->row->at) = texts;
	return 0;
}

/* An empty section counts as absent; an empty value does not, for it is a forgotten one. */
static int read_value(struct loader *l, const struct given *g)
{
	/* A section or list whose lines are all comments, as `init` writes them. */
	const bool unset = g->node->kind == NODE_NULL;
	switch (g->row->info.type) {
	case OPTION_MAP:
		if (unset)
			return 0;
		return g->node->kind == NODE_MAP ? walk_map(l, g->node, g->path)
						 : wrong_kind(l, g, OPTION_MAP);
	case OPTION_LIST: return unset ? 0 : read_list(l, g);
	default: return read_scalar(l, g);
	}
}

/* An option is needed only where its section is there at all. */
static int missing_key(struct loader *l, const struct node *map, const char *section)
{
	for (size_t i = 0; i < option_count(); i++) {
		const struct option_row *row = &option_rows()[i];
		const char *key = option_key(row->info.path);
		if (!row->info.required || !option_is_in(row, section) || node_get(map, key))
			continue;
		const char *where = section[0] == '\0' ? "" : " in ";
		return load_refuse(
			l, map->line,
			arena_printf(l->arena, "the key '%s' is missing%s%s", key, where, section),
			for_example(l, row));
	}
	return 0;
}

/* `section` is a path of the table ("target.mx[]"), not of the file. */
static int walk_map(struct loader *l, const struct node *map, const char *section)
{
	for (size_t i = 0; i < map->n; i++) {
		const struct node_pair *pair = &map->pairs[i];
		const char *path = section[0] == '\0'
					   ? pair->key
					   : arena_printf(l->arena, "%s.%s", section, pair->key);
		/* What marks any key in the table is no key of the file. */
		bool plain = strpbrk(pair->key, "*[]") == NULL;
		const struct option_row *row = plain ? option_row_in(section, pair->key) : NULL;
		if (row == NULL)
			return unknown_key(l, pair, section);
		if (str_ends(row->info.path, ".*") && is_slip(l, pair->key, section))
			return unknown_key(l, pair, section);
		if (read_value(l, &(struct given){ row, path, pair->value }) != 0)
			return -1;
	}
	return missing_key(l, map, section);
}

/* Fields start at their defaults; a list that is not given is an empty list. */
static void set_defaults(struct loader *l)
{
	static const char *const empty[] = { NULL };
	for (size_t i = 0; i < option_count(); i++) {
		const struct option_row *row = &option_rows()[i];
		const struct value_opts o = { row->info.type, row, l->p->dir };
		struct value v = { 0 };
		if (row->info.type == OPTION_LIST && row->size > 0)
			*(const char *const **)((char *)l->p + row->at) = empty;
		else if (row->info.otherwise != NULL && row->size > 0 &&
			 value_parse(l->arena, &o, row->info.otherwise, &v) == NULL)
			store(l->p, row, &v);
	}
}

int project_walk(struct loader *l)
{
	set_defaults(l);
	if (l->root->kind != NODE_MAP)
		return load_refuse(l, l->root->line, "the file is no list of keys",
				   "write 'key: value' lines, the first is 'domain: DOMAIN'");
	return walk_map(l, l->root, "");
}
