/*
 * Any bytes as a document with a list at "r" or as one that is a list: what comes through item by
 * item must be what the tree of the whole has, and what is no JSON must not come through.
 */
#include <stdint.h>
#include <stdlib.h>

#include "base/json.h"
#include "base/json_items.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Adds the items to *list; false: one of them is none. */
static bool collect(struct slice items, struct js *list)
{
	struct slice item;
	struct err e;
	while (js_next_item(&items, &item)) {
		struct js *v = js_parse(item, &e);
		if (v == NULL)
			return false;
		js_push(list, v);
	}
	return true;
}

static void compare(struct slice doc, const char *path)
{
	struct err e;
	struct buf rest;
	struct slice items;
	buf_init(&rest);
	if (js_cut_list(doc, path, &rest, &items)) {
		struct arena *a = arena_new();
		struct js *whole = js_parse(doc, &e);
		struct js *frame = js_parse(buf_slice(&rest), &e);
		struct js *list = js_array();
		bool through = collect(items, list) && frame != NULL;
		const struct js *there = path[0] != '\0' ? js_get(whole, path) : whole;
		/* The depth is counted from the item there: that alone may be let through. */
		if (through && whole != NULL && !str_eq(js_text(a, there), js_text(a, list)))
			abort();
		if (!through && whole != NULL)
			abort();
		js_free(list);
		js_free(frame);
		js_free(whole);
		arena_free(a);
	}
	buf_release(&rest);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const struct slice doc = { (const char *)data, size };
	compare(doc, "");
	compare(doc, "r");
	return 0;
}
