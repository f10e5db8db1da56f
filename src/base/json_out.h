/*
 * json_out.h - JSON text straight into a buffer, for documents that are written by the thousand:
 * no tree is built. Byte for byte what js_write gives with indent 0 for the same members.
 *
 * The caller opens and closes in pairs. `key` is a member's, plain ASCII without quotes; NULL in a
 * list and for the root.
 */
#ifndef BASE_JSON_OUT_H
#define BASE_JSON_OUT_H

#include "base/buf.h"

struct js_out {
	struct buf *to; /* borrowed */
	bool comma;     /* something stands before, on this level */
};

/* An object or a list begins, and ends. */
void js_out_object(struct js_out *o, const char *key);
void js_out_object_end(struct js_out *o);
void js_out_array(struct js_out *o, const char *key);
void js_out_array_end(struct js_out *o);
/* NULL gives null; bytes that are no UTF-8 become '?'. */
void js_out_str(struct js_out *o, const char *key, const char *s);
void js_out_int(struct js_out *o, const char *key, int64_t v);
void js_out_bool(struct js_out *o, const char *key, bool v);
void js_out_null(struct js_out *o, const char *key);
/* An RFC 3339 time; 0 gives null. */
void js_out_time(struct js_out *o, const char *key, int64_t ms);

#endif
