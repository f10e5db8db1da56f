/*
 * zone_lines.h - zones as parse_zone gives them, written readably: one line a record,
 * "INDEX NAME TTL TYPE WORD|WORD", or "INDEX $CONTROL …", or "INDEX ; comment".
 */
#ifndef TESTS_ZONE_LINES_H
#define TESTS_ZONE_LINES_H

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <setjmp.h>

#include <cmocka.h>

#include "base/digest.h"
#include "registrars/cpanel/lines.h"

#define SOA_LINE "2 b.a. 60 SOA ns1.a.|r.a.|4711|1|2|3|4\n"

static inline struct js *base64_text(struct slice s)
{
	struct buf b;
	buf_init(&b);
	base64_encode(&b, s);
	struct js *v = js_string(b.at);
	buf_release(&b);
	return v;
}

static inline struct js *line_item(struct arena *a, struct slice line)
{
	struct js *v = js_object();
	uint64_t index = 0;
	assert_true(slice_to_u64(slice_until(&line, ' '), &index));
	js_set_int(v, "line_index", (int64_t)index);
	if (str_has("$;", line.ptr[0])) {
		js_set_str(v, "type", line.ptr[0] == '$' ? "control" : "comment");
		js_set(v, "text_b64", base64_text(line));
		return v;
	}
	struct js *data = js_array();
	js_set_str(v, "type", "record");
	js_set(v, "dname_b64", base64_text(slice_until(&line, ' ')));
	js_set_str(v, "ttl", arena_slice(a, slice_until(&line, ' ')));
	js_set_str(v, "record_type", arena_slice(a, slice_until(&line, ' ')));
	while (line.len > 0)
		js_push(data, base64_text(slice_until(&line, '|')));
	js_set(v, "data_b64", data);
	return v;
}

/* Parses such a zone of "b.a."; what lines_parse says. */
static inline int zone_lines(struct arena *a, const char *text, struct lines *l, struct err *e)
{
	struct js *list = js_array();
	struct slice rest = slice_str(text);
	while (rest.len > 0)
		js_push(list, line_item(a, slice_until(&rest, '\n')));
	int rc = lines_parse(a, "b.a.", list, l, e);
	js_free(list);
	return rc;
}

#endif
