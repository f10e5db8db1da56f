/*
 * Any bytes as an XML document. What is read can be written, and reads back as the same tree.
 */
#include "base/xml.h"
#include "base/xml_out.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* We write ASCII names only, and expat's tables for Latin-1 and for UTF-8 disagree about which
 * letters a name may have. */
static const char *name_of(const struct xml *x)
{
	for (const char *p = x->name; *p != '\0'; p++) {
		if ((unsigned char)*p >= 0x80)
			return "x";
	}
	return x->name;
}

/* Attributes are not written; what has none and nothing but text or children is. Limits bound
 * the recursion. */
static void write(const struct xml *x, struct buf *out)
{
	if (x->first == NULL) {
		xml_out_text(out, name_of(x), x->text);
		return;
	}
	xml_out_open(out, name_of(x));
	for (const struct xml *child = x->first; child != NULL; child = child->next)
		write(child, out);
	xml_out_close(out, name_of(x));
}

static void compare(const struct xml *a, const struct xml *b)
{
	if (!str_eq(name_of(a), b->name) || (a->first == NULL && !str_eq(a->text, b->text)))
		abort();
	for (a = a->first, b = b->first; a != NULL && b != NULL; a = a->next, b = b->next)
		compare(a, b);
	if (a != NULL || b != NULL)
		abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct arena *a = arena_new();
	struct err e = { 0 };
	struct buf text;
	buf_init(&text);
	const struct xml *x = xml_parse(a, (struct slice){ (const char *)data, size }, &e);
	if (x != NULL) {
		write(x, &text);
		const struct xml *again = xml_parse(a, buf_slice(&text), &e);
		if (again == NULL) {
			(void)fprintf(stderr, "%s\n%s\n", text.at, e.text);
			abort();
		}
		compare(x, again);
	}
	buf_release(&text);
	arena_free(a);
	return 0;
}
