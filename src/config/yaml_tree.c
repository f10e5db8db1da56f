/* Built on libyaml's events, not on its document loader: the loader resolves aliases and
 * drops duplicate keys, and we must see both to refuse them (docs/decisions). */
#include "config/yaml_tree.h"

#include <string.h>
#include <yaml.h>

#include "base/vec.h"

struct reader {
	struct arena *arena;
	const char *file;
	yaml_parser_t parser;
	yaml_event_t event; /* the one being looked at; next() replaces it */
	size_t nodes;
	struct err *e;
};

/* libyaml counts from 0. */
static unsigned line_of(yaml_mark_t mark)
{
	return (unsigned)mark.line + 1;
}

/* ---- before libyaml: what it would report badly or not at all ---- */

struct place {
	unsigned line;
	struct slice rest; /* the line's bytes, without its end */
};

/* The CR of CR LF stays with the line: nothing here minds it. */
static bool next_line(struct slice *text, struct place *p)
{
	if (text->len == 0)
		return false;
	p->line++;
	p->rest = slice_until(text, '\n');
	return true;
}

/* libyaml's own message for this is "found character that cannot start any token". */
static bool indented_by_tab(struct slice line)
{
	size_t i = 0;
	bool tab = false;
	for (; i < line.len && (line.ptr[i] == ' ' || line.ptr[i] == '\t'); i++)
		tab = tab || line.ptr[i] == '\t';
	return tab && i < line.len && line.ptr[i] != '#' && line.ptr[i] != '\r';
}

/* NUL and foreign encodings: libyaml would name an offset, not a line. */
static int check_line(const struct reader *r, const struct place *p)
{
	if (memchr(p->rest.ptr, '\0', p->rest.len) != NULL) {
		err_set(r->e, ERR_USAGE, "%s:%u: a NUL byte", r->file, p->line);
		return err_hint(r->e, "save the file as plain UTF-8 text (not UTF-16)");
	}
	if (!str_is_utf8(p->rest)) {
		err_set(r->e, ERR_USAGE, "%s:%u: not UTF-8 text", r->file, p->line);
		return err_hint(r->e, "save the file as UTF-8, for example: "
				      "iconv -f latin1 -t utf-8");
	}
	if (indented_by_tab(p->rest)) {
		err_set(r->e, ERR_USAGE, "%s:%u: a tab in the indentation", r->file, p->line);
		return err_hint(r->e, "indent with blanks; YAML allows no tabs there");
	}
	return 0;
}

/* The size first: what follows reads every byte. */
static int check_bytes(const struct reader *r, struct slice text)
{
	struct place p = { 0 };
	if (text.len > YAML_SIZE_MAX) {
		err_set(r->e, ERR_USAGE, "%s:1: larger than %d bytes", r->file, YAML_SIZE_MAX);
		return err_hint(r->e, "a project file is a page or two: is this the right file?");
	}
	while (next_line(&text, &p))
		if (check_line(r, &p) != 0)
			return -1;
	return 0;
}

/* ---- events ---- */

/* The line is where libyaml noticed, sometimes one below the slip. */
static int syntax_error(struct reader *r)
{
	const yaml_parser_t *p = &r->parser;
	unsigned line = line_of(p->problem_mark);
	err_set(r->e, ERR_USAGE, "%s:%u: no valid YAML: %s%s%s", r->file, line,
		p->problem != NULL ? p->problem : "unreadable", p->context != NULL ? ", " : "",
		p->context != NULL ? p->context : "");
	return err_hint(r->e, "write 'key: value', indent with blanks, close every quote and "
			      "bracket, and quote a value that holds ': ' or ' #'");
}

/* The current event is always ours to delete, also after an error. */
static int next(struct reader *r)
{
	yaml_event_delete(&r->event);
	return yaml_parser_parse(&r->parser, &r->event) != 0 ? 0 : syntax_error(r);
}

/* Events that carry nothing: the begins and ends of stream and document. */
static int skip(struct reader *r, int events)
{
	while (events-- > 0)
		if (next(r) != 0)
			return -1;
	return 0;
}

/* At the start of the current event. */
static int refuse(struct reader *r, const char *what, const char *remedy)
{
	err_set(r->e, ERR_USAGE, "%s:%u: %s", r->file, line_of(r->event.start_mark), what);
	return err_hint(r->e, "%s", remedy);
}

/* Three kinds of event have one, each in its own place. */
static const yaml_char_t *event_anchor(const yaml_event_t *ev)
{
	switch (ev->type) {
	case YAML_SCALAR_EVENT: return ev->data.scalar.anchor;
	case YAML_SEQUENCE_START_EVENT: return ev->data.sequence_start.anchor;
	case YAML_MAPPING_START_EVENT: return ev->data.mapping_start.anchor;
	default: return NULL;
	}
}

/* "!!str" as well: plain values need none. */
static const yaml_char_t *event_tag(const yaml_event_t *ev)
{
	switch (ev->type) {
	case YAML_SCALAR_EVENT: return ev->data.scalar.tag;
	case YAML_SEQUENCE_START_EVENT: return ev->data.sequence_start.tag;
	case YAML_MAPPING_START_EVENT: return ev->data.mapping_start.tag;
	default: return NULL;
	}
}

/* Before anything of the event is used, at every node and key. */
static int check_event(struct reader *r, unsigned depth)
{
	if (r->event.type == YAML_ALIAS_EVENT || event_anchor(&r->event) != NULL)
		return refuse(r, "anchors and aliases (&name, *name) have no place here",
			      "write the value out where it is needed; quote a text that begins "
			      "with & or *");
	if (event_tag(&r->event) != NULL)
		return refuse(r, "tags (!name) have no place here",
			      "write the plain value; quote a text that begins with !");
	if (depth > YAML_DEPTH_MAX)
		return refuse(r, "nested too deeply",
			      "a project file has at most four levels: see docs/project-file.md");
	if (++r->nodes > YAML_NODES_MAX)
		return refuse(r, "too many values",
			      "a project file is a page or two: is this the right file?");
	return 0;
}

/* ---- the tree ---- */

/* On entry the value's first event is current, on return its last one. */
static const struct node *read_node(struct reader *r, unsigned depth);

/* Escapes in double quotes can make any byte, a NUL among them. */
static bool has_control(struct slice s)
{
	for (size_t i = 0; i < s.len; i++)
		if ((unsigned char)s.ptr[i] < 0x20 || s.ptr[i] == 0x7f)
			return true;
	return false;
}

/* By length: the value may hold a NUL until has_control has looked. */
static struct slice scalar_slice(const yaml_event_t *ev)
{
	return (struct slice){ (const char *)ev->data.scalar.value, ev->data.scalar.length };
}

/* The words of YAML 1.1; quoted, they are texts. */
static bool is_null(const yaml_event_t *ev)
{
	static const char *const words[] = { "", "~", "null", "Null", "NULL" };
	if (ev->data.scalar.style != YAML_PLAIN_SCALAR_STYLE)
		return false;
	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++)
		if (slice_eq(scalar_slice(ev), slice_str(words[i])))
			return true;
	return false;
}

/* No types here: "007" and "yes" stay text until the table says what they are. */
static const struct node *read_scalar(struct reader *r, struct node *n)
{
	struct slice s = scalar_slice(&r->event);
	if (has_control(s)) {
		refuse(r, "a control character or line break inside a value",
		       "write the value on one line, without escapes such as \\n or \\0");
		return NULL;
	}
	n->kind = is_null(&r->event) ? NODE_NULL : NODE_SCALAR;
	n->text = arena_slice(r->arena, s);
	return n;
}

/* Items are nodes in the arena; the vector only holds their addresses. */
static const struct node *read_list(struct reader *r, struct node *n, unsigned depth)
{
	VEC(const struct node *) items = { 0 };
	n->kind = NODE_LIST;
	for (;;) {
		if (next(r) != 0)
			return NULL;
		if (r->event.type == YAML_SEQUENCE_END_EVENT)
			break;
		const struct node *item = read_node(r, depth + 1);
		if (item == NULL)
			return NULL;
		*vec_push(r->arena, &items) = item;
	}
	n->n = items.n;
	n->items = items.at;
	return n;
}

/* Linear search; YAML_KEYS_MAX keeps it short. */
static int check_key(struct reader *r, const struct node_pair *pairs, size_t n)
{
	if (r->event.type != YAML_SCALAR_EVENT || scalar_slice(&r->event).len == 0 ||
	    has_control(scalar_slice(&r->event)))
		return refuse(r, "a key that is no word", "write 'key: value'");
	if (n >= YAML_KEYS_MAX)
		return refuse(r, "too many keys in one section",
			      "a project file is a page or two: is this the right file?");
	for (size_t i = 0; i < n; i++) {
		if (!slice_eq(slice_str(pairs[i].key), scalar_slice(&r->event)))
			continue;
		err_set(r->e, ERR_USAGE, "%s:%u: the key '%s' is there twice (first in line %u)",
			r->file, line_of(r->event.start_mark), pairs[i].key, pairs[i].line);
		return err_hint(r->e, "keep one of the two");
	}
	return 0;
}

/* Depth is limited by check_event, so the recursion is. */
static const struct node *read_map(struct reader *r, struct node *n, unsigned depth)
{
	VEC(struct node_pair) pairs = { 0 };
	n->kind = NODE_MAP;
	for (;;) {
		if (next(r) != 0)
			return NULL;
		if (r->event.type == YAML_MAPPING_END_EVENT)
			break;
		if (check_event(r, depth) != 0 || check_key(r, pairs.at, pairs.n) != 0)
			return NULL;
		struct node_pair pair = { .key = arena_slice(r->arena, scalar_slice(&r->event)),
					  .line = line_of(r->event.start_mark) };
		if (next(r) != 0 || (pair.value = read_node(r, depth + 1)) == NULL)
			return NULL;
		*vec_push(r->arena, &pairs) = pair;
	}
	n->n = pairs.n;
	n->pairs = pairs.at;
	return n;
}

/* Everything that recurses comes by here, so the limits are kept in one place. */
static const struct node *read_node(struct reader *r, unsigned depth)
{
	if (check_event(r, depth) != 0)
		return NULL;
	struct node *n = ARENA_NEW(r->arena, struct node);
	n->line = line_of(r->event.start_mark);
	switch (r->event.type) {
	case YAML_SCALAR_EVENT: return read_scalar(r, n);
	case YAML_SEQUENCE_START_EVENT: return read_list(r, n, depth);
	case YAML_MAPPING_START_EVENT: return read_map(r, n, depth);
	default: refuse(r, "no value", "write 'key: value'"); return NULL;
	}
}

/* STREAM-START DOCUMENT-START value DOCUMENT-END STREAM-END, and nothing else. */
static const struct node *read_document(struct reader *r)
{
	if (skip(r, 2) != 0)
		return NULL;
	if (r->event.type == YAML_STREAM_END_EVENT) {
		err_set(r->e, ERR_USAGE, "%s:1: the file is empty", r->file);
		err_hint(r->e, "let 'cutover init DOMAIN' write one");
		return NULL;
	}
	if (next(r) != 0)
		return NULL;
	const struct node *root = read_node(r, 1);
	if (root == NULL || skip(r, 2) != 0)
		return NULL;
	if (r->event.type != YAML_STREAM_END_EVENT) {
		refuse(r, "a second document begins",
		       "one file describes one domain: remove the "
		       "'---' and what follows it");
		return NULL;
	}
	return root;
}

/* Windows' editors begin "UTF-8" files with one; libyaml skips it only where it may guess the
 * encoding, and else takes it for a document's first word. */
static struct slice without_bom(struct slice text)
{
	const struct slice bom = slice_str("\xef\xbb\xbf");
	if (!slice_starts_nocase(text, bom))
		return text;
	return (struct slice){ text.ptr + bom.len, text.len - bom.len };
}

const struct node *yaml_tree_parse(struct arena *a, const char *file, struct slice text,
				   struct err *e)
{
	struct reader r = { .arena = a, .file = file, .e = e };
	const struct node *root = NULL;
	if (check_bytes(&r, text) != 0)
		return NULL;
	if (yaml_parser_initialize(&r.parser) == 0) {
		err_set(e, ERR_BUG, "no memory for the YAML parser");
		return NULL;
	}
	/* Else libyaml would guess by the first bytes, and take UTF-16 after all. */
	yaml_parser_set_encoding(&r.parser, YAML_UTF8_ENCODING);
	text = without_bom(text);
	yaml_parser_set_input_string(&r.parser, (const unsigned char *)text.ptr, text.len);
	root = read_document(&r);
	yaml_event_delete(&r.event);
	yaml_parser_delete(&r.parser);
	return root;
}

const struct node *node_get(const struct node *map, const char *key)
{
	if (map == NULL || map->kind != NODE_MAP)
		return NULL;
	for (size_t i = 0; i < map->n; i++)
		if (str_eq(map->pairs[i].key, key))
			return map->pairs[i].value;
	return NULL;
}
