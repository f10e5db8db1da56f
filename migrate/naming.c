/*
 * Order: a rule is a person's word; an attribute (RFC 6154) the server's; a name only custom,
 * so it decides only where the target has no folder of that very name.
 */
#include "migrate/naming.h"

#include <string.h>

#include "migrate/special.h"

static const char *text_of(struct arena *a, struct buf *b)
{
	const char *s = arena_strdup(a, b->at);
	buf_release(b);
	return s;
}

/* A folder may have no hierarchy (delimiter NIL) though its server has one: then a '/' in its
 * name is a letter. */
static struct imap_name_style style_of(const struct naming *n, const struct listed *f)
{
	struct imap_name_style style = *n->src;
	style.delimiter = f->delimiter;
	return style;
}

const char *naming_shown(const struct naming *n, const struct listed *src)
{
	const struct imap_name_style style = style_of(n, src);
	struct buf b;
	buf_init(&b);
	imap_name_show(&b, slice_str(src->name), &style);
	str_make_printable(b.at);
	return text_of(n->arena, &b);
}

/* -- by rule -- */

/* "Projekte" also names "Projekte/2024": what is below moves with it. */
static const char *below(const char *shown, const char *from)
{
	size_t len = strlen(from);
	if (!str_starts(shown, from) || (shown[len] != '\0' && shown[len] != '/'))
		return NULL;
	return shown + len;
}

static const char *by_rule(const struct naming *n, const char *shown)
{
	const char *best = NULL;
	size_t longest = 0;
	for (const struct migrate_folder_rule *r = n->rules; r != NULL && r->from != NULL; r++) {
		const char *rest = below(shown, r->from);
		if (rest == NULL || strlen(r->from) < longest)
			continue;
		longest = strlen(r->from);
		best = arena_printf(n->arena, "%s%s", r->to, rest);
	}
	return best;
}

static const char *wire_name(const struct naming *n, const char *shown)
{
	struct buf b;
	buf_init(&b);
	imap_name_wire(&b, slice_str(shown), n->dst);
	return text_of(n->arena, &b);
}

/* -- by use -- */

static const char *custom_of(const struct naming *n, const struct listed *dst)
{
	struct buf b;
	buf_init(&b);
	imap_name_show(&b, slice_str(dst->name), n->dst);
	const char *use = special_by_name(b.at);
	buf_release(&b);
	return use;
}

static bool has_uses(const struct listing *l)
{
	for (size_t i = 0; i < l->n; i++)
		if (listing_special(&l->at[i]) != NULL)
			return true;
	return false;
}

/* By attribute; at a server that tells none (Exchange), by the names of its standard folders. */
static const struct listed *dst_for_use(const struct naming *n, const char *use)
{
	bool by_name = !has_uses(n->at_dst);
	for (size_t i = 0; i < n->at_dst->n; i++) {
		const struct listed *f = &n->at_dst->at[i];
		const char *has = by_name ? custom_of(n, f) : listing_special(f);
		if (has != NULL && !f->noselect && str_eq(has, use))
			return f;
	}
	return NULL;
}

struct naming_wish naming_by_use(const struct naming *n, const struct listed *src,
				 const char *shown)
{
	const char *ruled = by_rule(n, shown);
	const char *use = listing_special(src);
	if (ruled != NULL)
		return (struct naming_wish){ wire_name(n, ruled), "the project file says so",
					     false };
	const struct listed *dst = use != NULL ? dst_for_use(n, use) : NULL;
	if (dst == NULL && listing_find(n->at_dst, naming_own(n, src, shown).name) == NULL) {
		use = special_by_name(shown);
		dst = use != NULL ? dst_for_use(n, use) : NULL;
	}
	if (dst == NULL)
		return (struct naming_wish){ .name = NULL };
	return (struct naming_wish){ dst->name, "it is the target's folder for the same use",
				     true };
}

/* -- its own name -- */

/* Levels of a wire name. */
static size_t depth_of(const char *name, char delimiter)
{
	size_t n = 1;
	for (; *name != '\0' && delimiter != '\0'; name++)
		n += *name == delimiter ? 1 : 0;
	return n;
}

/* From the level `keep` on all is one level. */
static const char *flatten(const struct naming *n, const char *name, size_t keep)
{
	char delimiter = n->dst->delimiter;
	size_t prefix = str_starts(name, n->dst->prefix) ? strlen(n->dst->prefix) : 0;
	char *flat = arena_strdup(n->arena, name);
	size_t level = 1;
	for (char *c = flat + prefix; *c != '\0' && delimiter != '\0'; c++) {
		if (*c == delimiter && level < keep)
			level++;
		else if (*c == delimiter)
			*c = '_';
	}
	return flat;
}

/* The level that ends at `len` without the blanks at its end; never empty. */
static size_t end_level(char *to, size_t len, char delimiter)
{
	while (len > 0 && to[len - 1] == ' ')
		len--;
	if (len == 0 || (delimiter != '\0' && to[len - 1] == delimiter))
		to[len++] = '_';
	return len;
}

/* Blanks at both ends of each level are taken out, the characters of `odd` become '_'. */
static const char *clean(const struct naming *n, const char *name, const char *odd)
{
	char delimiter = n->dst->delimiter;
	char *to = arena_printf(n->arena, "%s_", name); /* the copy is one longer at most */
	size_t len = 0;
	for (const char *c = name; *c != '\0'; c++) {
		bool at_begin = len == 0 || (delimiter != '\0' && to[len - 1] == delimiter);
		if (delimiter != '\0' && *c == delimiter)
			len = end_level(to, len, delimiter);
		if (*c != ' ' || !at_begin)
			to[len++] = (char)(str_has(odd, *c) ? '_' : *c);
	}
	len = end_level(to, len, delimiter);
	to[len] = '\0';
	return to;
}

static const char *mapped(const struct naming *n, const struct listed *src)
{
	const struct imap_name_style style = style_of(n, src);
	struct buf b;
	buf_init(&b);
	imap_name_map(&b, slice_str(src->name), &style, n->dst);
	return text_of(n->arena, &b);
}

struct naming_wish naming_own(const struct naming *n, const struct listed *src, const char *shown)
{
	const struct preset *at = n->dst_preset;
	struct naming_wish w = { mapped(n, src), NULL, false };
	if ((at->flags & PRESET_TRIMS_NAMES) != 0) {
		const char *trimmed = clean(n, w.name, "");
		if (!str_eq(trimmed, w.name))
			w = (struct naming_wish){ trimmed, "blanks cannot end a name there",
						  false };
	}
	if (at->depth_max > 0 && depth_of(w.name, n->dst->delimiter) > at->depth_max)
		w = (struct naming_wish){ flatten(n, w.name, at->depth_max),
					  "it is too deep for the target", false };
	if (preset_is_reserved(at, shown))
		w = (struct naming_wish){ arena_printf(n->arena, "%s_2", w.name),
					  "the target keeps its name for itself", false };
	return w;
}

bool naming_same(const struct naming *n, const char *a, const char *b)
{
	bool folds = (n->dst_preset->flags & PRESET_FOLDS_CASE) != 0;
	return folds ? str_eq_nocase(a, b) : str_eq(a, b);
}

/* Characters beyond U+FFFF, four bytes of UTF-8 each, become '_': Courier names no folder with
 * an emoji. */
static const char *within_bmp(const struct naming *n, const char *name)
{
	struct buf shown, out;
	buf_init(&shown);
	buf_init(&out);
	imap_name_show(&shown, slice_str(name), n->dst);
	for (size_t i = 0; i < shown.len; i++) {
		bool beyond = (unsigned char)shown.at[i] >= 0xF0 && shown.len - i >= 4;
		buf_addc(&out, (char)(beyond ? '_' : shown.at[i]));
		i += beyond ? 3 : 0;
	}
	buf_release(&shown);
	const char *plain = wire_name(n, out.at);
	buf_release(&out);
	return plain;
}

/* What Cyrus takes in no name, and Dovecot (the tilde) not at the begin of one. */
#define ODD "^'\"\\`{}|<>;~"

const char *naming_plainer(const struct naming *n, const char *name, unsigned try)
{
	const char *plain = try == 0 ? clean(n, within_bmp(n, name), ODD) : flatten(n, name, 1);
	return str_eq(plain, name) || plain[0] == '\0' ? NULL : plain;
}
