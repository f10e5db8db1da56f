/* escape.h - hostile text made safe for XML, HTML and spreadsheets. */
#ifndef CLI_ESCAPE_H
#define CLI_ESCAPE_H

#include "base/buf.h"

/* For XML and HTML text and attributes; control characters become '?', as do bytes that
 * are no UTF-8 and what is no character of XML. */
void escape_xml(const char *text, struct buf *out);
/* A CSV cell (RFC 4180), quoted when needed; where a spreadsheet would run a formula (= + - @, TAB
 * CR in front of all), also behind what it may take for the end of a cell, stands an apostrophe. */
void escape_csv(const char *text, struct buf *out);
/* A path as a URI reference (RFC 3986 §2.3): '/' and the unreserved characters stay. */
void escape_uri_path(const char *path, struct buf *out);

#endif
