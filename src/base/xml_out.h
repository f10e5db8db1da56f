/*
 * xml_out.h - XML text straight into a buffer, escaped; no tree is built.
 *
 * The caller opens and closes in pairs; names are plain ASCII of the caller's own. Nothing is
 * put between the tags: what is written is what is meant.
 */
#ifndef BASE_XML_OUT_H
#define BASE_XML_OUT_H

#include "base/buf.h"

/* <?xml version="1.0" encoding="UTF-8"?> */
void xml_out_declaration(struct buf *to);
/* <name>, and with the namespace that it and what is in it belong to. */
void xml_out_open(struct buf *to, const char *name);
void xml_out_open_ns(struct buf *to, const char *name, const char *ns);
/* </name> */
void xml_out_close(struct buf *to, const char *name);
/* <name>text</name>. Octets that XML has no way to say (xml_can_say) become '?'. */
void xml_out_text(struct buf *to, const char *name, const char *text);
/* The same for a number. */
void xml_out_int(struct buf *to, const char *name, int64_t v);

/* True when the text can be written and comes back as it is: UTF-8, and no control characters
 * but tab and newline (XML 1.0 §2.2). */
bool xml_can_say(const char *text);

#endif
