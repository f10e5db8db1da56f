/*
 * json_items.h - a long list in a JSON document, item by item: a tree of the whole would be ten
 * times as large as its text.
 *
 * The list is found by counting brackets, which believes much; so what is left of the document and
 * each item are parsed by js_parse, and only a document that is whole comes through both.
 */
#ifndef BASE_JSON_ITEMS_H
#define BASE_JSON_ITEMS_H

#include "base/buf.h"

/* Cuts out the list at a path of member names ("result/records"; "" is the document itself):
 * appends the document with an empty list in its place to *rest; *list_r is what stood between its
 * brackets, within `doc`. False when there is no list, *rest as it was. */
bool js_cut_list(struct slice doc, const char *path, struct buf *rest, struct slice *list_r);

/* The next item of such a list, to be parsed; *list moves behind it. False at its end. An item may
 * be empty (a comma too many): js_parse refuses it. */
bool js_next_item(struct slice *list, struct slice *item_r);

#endif
