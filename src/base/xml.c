/*
 * expat calls back for each tag; a stack of open elements, as deep as a document may be, grows
 * the tree. Elements nest only there and in the arena: nothing here recurses. The first thing
 * that is wrong stops the parser and stays the error; expat may call back once more after that.
 */
#include "base/xml.h"

#include <expat.h>
#include <string.h>

#include "base/buf.h"
#include "base/vec.h"

/* Between a namespace and a name; no namespace can hold it (XML_ERROR_SYNTAX). */
#define NAMESPACE_END '\n'

struct open_element {
	struct xml *at;
	const struct xml **tail; /* where its next child hangs */
	struct buf text;         /* kept for the next one at this depth */
};

struct reader {
	XML_Parser parser;
	struct arena *a;
	const struct xml *root;
	struct open_element open[XML_DEPTH_MAX];
	size_t depth, nodes;
	struct err *e;
	bool failed;
};

static int fail(struct reader *r, const char *why)
{
	r->failed = true;
	(void)XML_StopParser(r->parser, XML_FALSE);
	return err_set(r->e, ERR_ITEM, "XML line %lu, column %lu: %s",
		       (unsigned long)XML_GetCurrentLineNumber(r->parser),
		       (unsigned long)XML_GetCurrentColumnNumber(r->parser) + 1, why);
}

static const char *bare_name(const char *name)
{
	const char *end = strrchr(name, NAMESPACE_END);
	return end != NULL ? end + 1 : name;
}

/* expat gives them as name, value, name, value, NULL. */
static int take_attributes(struct reader *r, struct xml *to, const char **pairs)
{
	VEC(struct xml_attribute) all = { 0 };
	for (size_t i = 0; pairs[i] != NULL; i += 2) {
		if (all.n >= XML_ATTRIBUTES_MAX)
			return fail(r, "an element with too many attributes");
		*vec_push(r->a, &all) = (struct xml_attribute){
			arena_strdup(r->a, bare_name(pairs[i])),
			arena_strdup(r->a, pairs[i + 1]),
		};
	}
	to->attribute_n = all.n;
	to->attributes = all.at;
	return 0;
}

static void hang(struct reader *r, const struct xml *fresh)
{
	if (r->depth == 0) {
		r->root = fresh;
		return;
	}
	struct open_element *parent = &r->open[r->depth - 1];
	*parent->tail = fresh;
}

static int count(struct reader *r, size_t more)
{
	r->nodes += more;
	return r->nodes <= XML_NODES_MAX ? 0 : fail(r, "too many elements and attributes");
}

static void on_start(void *ctx, const char *name, const char **pairs)
{
	struct reader *r = ctx;
	if (r->failed)
		return;
	if (r->depth >= XML_DEPTH_MAX) {
		(void)fail(r, "elements nested too deep");
		return;
	}
	struct xml *fresh = ARENA_NEW(r->a, struct xml);
	fresh->name = arena_strdup(r->a, bare_name(name));
	fresh->text = "";
	if (take_attributes(r, fresh, pairs) != 0 || count(r, 1 + fresh->attribute_n) != 0)
		return;
	hang(r, fresh);
	r->open[r->depth].at = fresh;
	r->open[r->depth].tail = &fresh->first;
	buf_clear(&r->open[r->depth].text);
	r->depth++;
}

static void on_end(void *ctx, const char *name)
{
	struct reader *r = ctx;
	(void)name; /* expat has compared it */
	if (r->failed)
		return;
	struct open_element *done = &r->open[--r->depth];
	if (done->text.len > 0)
		done->at->text = arena_slice(r->a, buf_slice(&done->text));
	if (r->depth > 0)
		r->open[r->depth - 1].tail = &done->at->next;
}

static void on_text(void *ctx, const char *p, int len)
{
	struct reader *r = ctx;
	if (!r->failed && r->depth > 0)
		buf_add(&r->open[r->depth - 1].text, p, (size_t)len);
}

/* A document that brings its own entities wants them expanded, or read from elsewhere. */
static void on_doctype(void *ctx, const char *name, const char *system, const char *public,
		       int has_internal_subset)
{
	(void)name;
	(void)system;
	(void)public;
	(void)has_internal_subset;
	(void)fail(ctx, "a DOCTYPE is not accepted");
}

static void reader_init(struct reader *r, struct arena *a, struct err *e)
{
	*r = (struct reader){ .a = a, .e = e };
	r->parser = mem_must(XML_ParserCreateNS(NULL, NAMESPACE_END));
	for (size_t i = 0; i < XML_DEPTH_MAX; i++)
		buf_init(&r->open[i].text);
	XML_SetUserData(r->parser, r);
	XML_SetElementHandler(r->parser, on_start, on_end);
	XML_SetCharacterDataHandler(r->parser, on_text);
	XML_SetStartDoctypeDeclHandler(r->parser, on_doctype);
}

static void reader_release(struct reader *r)
{
	for (size_t i = 0; i < XML_DEPTH_MAX; i++)
		buf_release(&r->open[i].text);
	XML_ParserFree(r->parser);
}

/* What went wrong, unless a handler has told it. */
static void tell(struct reader *r)
{
	enum XML_Error code = XML_GetErrorCode(r->parser);
	if (code == XML_ERROR_NO_MEMORY)
		(void)mem_must(NULL);
	if (!r->failed)
		(void)fail(r, XML_ErrorString(code));
}

const struct xml *xml_parse(struct arena *a, struct slice s, struct err *e)
{
	struct reader r;
	if (s.len > XML_BYTES_MAX) {
		err_set(e, ERR_ITEM, "an XML document of more than %d MiB", XML_BYTES_MAX >> 20);
		return NULL;
	}
	reader_init(&r, a, e);
	if (XML_Parse(r.parser, s.ptr != NULL ? s.ptr : "", (int)s.len, XML_TRUE) != XML_STATUS_OK)
		tell(&r);
	reader_release(&r);
	return r.failed ? NULL : r.root;
}

bool xml_is(const struct xml *of, const char *name)
{
	return of != NULL && str_eq(of->name, name);
}

/* From `at` on, itself included. */
static const struct xml *named(const struct xml *at, struct slice name)
{
	while (at != NULL && !slice_eq(slice_str(at->name), name))
		at = at->next;
	return at;
}

const struct xml *xml_child(const struct xml *of, const char *name)
{
	return of != NULL ? named(of->first, slice_str(name)) : NULL;
}

const struct xml *xml_next(const struct xml *of)
{
	return of != NULL ? named(of->next, slice_str(of->name)) : NULL;
}

const struct xml *xml_at(const struct xml *of, const char *path)
{
	struct slice rest = slice_str(path);
	while (of != NULL && rest.len > 0)
		of = named(of->first, slice_until(&rest, '/'));
	return of;
}

const char *xml_text(const struct xml *of, const char *path)
{
	const struct xml *at = xml_at(of, path);
	return at != NULL ? at->text : "";
}

const char *xml_attribute(const struct xml *of, const char *name)
{
	for (size_t i = 0; of != NULL && i < of->attribute_n; i++)
		if (str_eq(of->attributes[i].name, name))
			return of->attributes[i].value;
	return "";
}
