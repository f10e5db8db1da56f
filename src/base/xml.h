/*
 * xml.h - reads an XML document (XML 1.0) into a bounded tree, by expat. The only place that
 * knows it. Writing is base/xml_out.h.
 *
 * Names are without their namespace prefix: providers change prefixes freely. Getters take
 * NULL and answer NULL or "", so a path can be read in one expression. The first element with
 * a name is the one meant; xml_next finds the others.
 */
#ifndef BASE_XML_H
#define BASE_XML_H

#include "base/arena.h"

struct xml_attribute {
	const char *name, *value; /* without prefix; as UTF-8 */
};

/* An element; all of it is the arena's. */
struct xml {
	const char *name;
	const char *text; /* what stands directly in it, blanks and all, joined; "" for none */
	size_t attribute_n;
	const struct xml_attribute *attributes;
	const struct xml *first, *next; /* its first child; its next sibling; NULL */
};

/* What a document may be at most; one that is more is refused (ERR_ITEM). */
enum {
	XML_BYTES_MAX = 16 << 20,
	XML_NODES_MAX = 400000, /* elements and attributes */
	XML_DEPTH_MAX = 32,
	XML_ATTRIBUTES_MAX = 64, /* of one element */
};

/* The document's root. NULL with *e (ERR_ITEM, line and column named): not well-formed, cut,
 * anything but blanks and comments behind its end, over a limit, or with a DOCTYPE: no entity
 * but the five of XML itself is ever expanded and nothing outside is ever read. */
const struct xml *xml_parse(struct arena *a, struct slice s, struct err *e);

/* The first child with that name. */
const struct xml *xml_child(const struct xml *of, const char *name);
/* The next sibling with the same name as `of`. */
const struct xml *xml_next(const struct xml *of);
/* The element that child names lead to, "Error/Message"; each step takes the first. An empty
 * path is the element itself. */
const struct xml *xml_at(const struct xml *of, const char *path);
/* The text of what xml_at finds; "" when there is none. */
const char *xml_text(const struct xml *of, const char *path);
/* Its value; "" when there is none. */
const char *xml_attribute(const struct xml *of, const char *name);
/* True for an element of that name; false for NULL. */
bool xml_is(const struct xml *of, const char *name);

#endif
