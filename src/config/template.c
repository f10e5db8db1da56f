/* The project file that `init` writes: the table row by row, in its order. What is known
 * is set, everything else is a comment with its help, default and an example. */
#include <string.h>

#include "base/vec.h"
#include "config/option.h"
#include "zone/dname.h"

enum { COMMENT_WIDTH = 88 };

struct writer {
	struct buf *out;
	struct arena *arena;
	const struct template_values *values;
};

/* ---- values as YAML ---- */

/* Always quoted where a plain scalar could be taken for something else. */
static const char *yaml_text(struct arena *a, const char *text)
{
	static const char plain[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
				    "0123456789-_./:=+";
	size_t len = strlen(text);
	if (len > 0 && text[strspn(text, plain)] == '\0' && strchr("-:=", text[0]) == NULL &&
	    text[len - 1] != ':')
		return text;
	const char *quoted = "\"";
	for (struct slice rest = slice_str(text); rest.len > 0; rest.ptr++, rest.len--)
		quoted = arena_printf(a, "%s%s%c", quoted,
				      *rest.ptr == '"' || *rest.ptr == '\\' ? "\\" : "", *rest.ptr);
	return arena_printf(a, "%s\"", quoted);
}

/* NULL for an empty list: nothing is known then. */
static const char *yaml_list(struct arena *a, const char *const *items)
{
	if (items == NULL || *items == NULL)
		return NULL;
	const char *text = "[";
	for (size_t i = 0; items[i] != NULL; i++)
		text = arena_printf(a, "%s%s %s", text, i > 0 ? "," : "", yaml_text(a, items[i]));
	return arena_printf(a, "%s ]", text);
}

/* One line a set: the file stays readable with the few records that there are. */
static const char *yaml_mx(struct arena *a, const struct template_values *v)
{
	if (v->target_mx_n == 0)
		return NULL;
	const char *text = "[";
	for (size_t i = 0; i < v->target_mx_n; i++)
		text = arena_printf(a, "%s%s { preference: %u, host: %s }", text, i > 0 ? "," : "",
				    v->target_mx[i].preference,
				    yaml_text(a, dname_show(a, v->target_mx[i].host)));
	return arena_printf(a, "%s ]", text);
}

/* For keys that the file must have whether known or not. */
static const char *or_else(const char *text, const char *otherwise)
{
	return text != NULL ? text : otherwise;
}

/* The two that follow join the caller's fields to the table's paths. */
static const char *list_value(struct arena *a, const struct template_values *v, const char *path)
{
	const struct {
		const char *path;
		const char *const *items;
	} lists[] = {
		{ "source.mx", v->source_mx },
		{ "source.dkim_selectors", v->source_dkim_selectors },
		{ "dns.nameservers", v->dns_nameservers },
	};
	for (size_t i = 0; i < sizeof(lists) / sizeof(lists[0]); i++)
		if (str_eq(lists[i].path, path))
			return yaml_list(a, lists[i].items);
	return str_eq(path, "target.mx") ? yaml_mx(a, v) : NULL;
}

/* A table, not a chain of ifs: a new field of template_values is a new row. */
static const char *text_value(struct arena *a, const struct template_values *v, const char *path)
{
	const struct project_value texts[] = {
		{ "domain", v->domain },
		{ "target.provider", or_else(v->target_provider, "generic") },
		{ "target.spf", v->target_spf },
		{ "target.autodiscover", v->target_autodiscover },
		{ "target.imap", v->target_imap },
		{ "source.imap", v->source_imap },
		{ "source.spf", v->source_spf },
		{ "ownership.name", v->ownership_txt ? or_else(v->ownership_name, "@") : NULL },
		{ "ownership.txt", v->ownership_txt },
		{ "dns.provider", or_else(v->dns_provider, "manual") },
		{ "mailboxes", or_else(v->mailboxes, "users.csv") },
	};
	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++)
		if (str_eq(texts[i].name, path) && texts[i].text != NULL)
			return yaml_text(a, texts[i].text);
	return NULL;
}

/* The value to be set, as YAML, or NULL. */
static const char *known_value(const struct writer *w, const char *path)
{
	const struct template_values *v = w->values;
	for (size_t i = 0; i < v->extra_n; i++)
		if (str_eq(v->extra[i].name, path))
			return v->extra[i].text;
	const char *list = list_value(w->arena, v, path);
	return list != NULL ? list : text_value(w->arena, v, path);
}

/* ---- lines ---- */

/* Two blanks a level; a level is a dot of the path. */
static void indent(const struct writer *w, const char *path)
{
	for (; *path != '\0'; path++)
		if (*path == '.')
			buf_adds(w->out, "  ");
}

/* Help, range, unit and default, as far as each tells something. */
static const char *describe(const struct writer *w, const struct option_info *o)
{
	const char *text = o->help;
	if (o->range != NULL && o->type != OPTION_STRING && o->type != OPTION_LIST)
		text = arena_printf(w->arena, "%s (%s%s%s)", text, o->range,
				    o->unit != NULL ? " " : "", o->unit != NULL ? o->unit : "");
	if (o->otherwise != NULL)
		text = arena_printf(w->arena, "%s; default %s", text, o->otherwise);
	return text;
}

/* "# " lines, broken at blanks. */
static void put_comment(const struct writer *w, const char *path, const char *text)
{
	size_t column = 0;
	struct slice rest = slice_str(text);
	indent(w, path);
	buf_addc(w->out, '#');
	while (rest.len > 0) {
		struct slice word = slice_until(&rest, ' ');
		if (column > 0 && column + word.len > COMMENT_WIDTH) {
			buf_addc(w->out, '\n');
			indent(w, path);
			buf_addc(w->out, '#');
			column = 0;
		}
		buf_addc(w->out, ' ');
		buf_add(w->out, word.ptr, word.len);
		column += word.len + 1;
	}
	buf_addc(w->out, '\n');
}

/* A section stands even when all its keys are comments: the loader takes it as empty. */
static void put_section(const struct writer *w, const struct option_info *o)
{
	if (strchr(o->path, '.') == NULL)
		buf_addc(w->out, '\n');
	put_comment(w, o->path, describe(w, o));
	indent(w, o->path);
	buf_addf(w->out, "%s:\n", option_key(o->path));
}

/* "[]" and "*" rows tell about their parent's entries; the parent's example shows them. */
static void put_pattern(const struct writer *w, const struct option_info *o)
{
	const char *key = option_key(o->path);
	const char *name = str_eq(key, "*") ? "KEY" : key;
	put_comment(w, o->path, arena_printf(w->arena, "%s: %s", name, describe(w, o)));
	if (str_eq(key, "*")) {
		indent(w, o->path);
		buf_addf(w->out, "# KEY: %s\n", o->example);
	}
}

/* The key of an option that stands in the section by its "*" row, or NULL. The key itself
 * may hold dots (a host), so only its first part tells other rows from it. */
static const char *key_in(const struct writer *w, const char *path, const char *section)
{
	size_t len = strlen(section);
	if (!str_starts(path, section) || path[len] != '.')
		return NULL;
	const char *key = path + len + 1;
	struct slice rest = slice_str(key);
	const char *first = arena_slice(w->arena, slice_until(&rest, '.'));
	return str_ends(option_row_in(section, first)->info.path, ".*") ? key : NULL;
}

/* After the "*" row's own comment, so they stand under what explains them. */
static void put_extra(const struct writer *w, const char *section)
{
	const struct template_values *v = w->values;
	for (size_t i = 0; i < v->extra_n; i++) {
		const char *key = key_in(w, v->extra[i].name, section);
		if (key == NULL)
			continue;
		indent(w, section);
		buf_addf(w->out, "  %s: %s\n", yaml_text(w->arena, key), v->extra[i].text);
	}
}

/* Unknown means commented out with its example: taking the "#" away gives a valid line. */
static void put_option(const struct writer *w, const struct option_info *o)
{
	const char *value = known_value(w, o->path);
	if (strchr(o->path, '.') == NULL)
		buf_addc(w->out, '\n');
	put_comment(w, o->path, describe(w, o));
	indent(w, o->path);
	buf_addf(w->out, "%s%s: %s\n", value != NULL ? "" : "# ", option_key(o->path),
		 value != NULL ? value : o->example);
}

/* "[]" and "*" rows are patterns, no options that could be set. */
static void put_row(const struct writer *w, const struct option_info *o)
{
	bool any_key = str_ends(o->path, ".*");
	if (o->type == OPTION_MAP)
		put_section(w, o);
	else if (any_key || strchr(o->path, '[') != NULL)
		put_pattern(w, o);
	else
		put_option(w, o);
	if (any_key)
		put_extra(w,
			  arena_slice(w->arena,
				      (struct slice){ o->path, strlen(o->path) - strlen(".*") }));
}

void project_template(struct buf *out, const struct template_values *values)
{
	struct writer w = { out, arena_new(), values };
	buf_addf(out,
		 "# The cutover project of %s. A line that begins with # is a comment:\n"
		 "# take that sign away to set its option. All options: man cutover\n",
		 values->domain);
	for (size_t i = 0; i < option_count(); i++)
		put_row(&w, option_at(i));
	arena_free(w.arena);
}
