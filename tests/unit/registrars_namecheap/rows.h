/*
 * rows.h - a domain's rows written readably, one a line: "NAME TYPE PREF TTL ADDRESS"; they go
 * through the XML that the API would give.
 */
#ifndef TESTS_ROWS_H
#define TESTS_ROWS_H

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <setjmp.h>

#include <cmocka.h>

#include "registrars/namecheap/hosts.h"

static inline void row_xml(struct arena *a, struct slice line, struct buf *xml)
{
	static const char *const names[] = { "Name", "Type", "MXPref", "TTL" };
	buf_adds(xml, "<host");
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		buf_addf(xml, " %s=\"%s\"", names[i], arena_slice(a, slice_until(&line, ' ')));
	buf_adds(xml, " Address=\"");
	for (size_t i = 0; i < line.len; i++) {
		if (str_has("&<\"", line.ptr[i]))
			buf_addf(xml, "&#%d;", line.ptr[i]);
		else
			buf_addc(xml, line.ptr[i]);
	}
	buf_adds(xml, "\"/>");
}

/* The rows of "b.a." with that mail setting; what hosts_parse says. */
static inline int parse_rows(struct arena *a, const char *mail, const char *text, struct hosts *h,
			     struct err *e)
{
	struct slice rest = slice_str(text);
	struct buf xml;
	buf_init(&xml);
	buf_addf(&xml,
		 "<DomainDNSGetHostsResult Domain=\"B.a\" EmailType=\"%s\" "
		 "IsUsingOurDNS=\"true\">",
		 mail);
	while (rest.len > 0)
		row_xml(a, slice_until(&rest, '\n'), &xml);
	buf_adds(&xml, "</DomainDNSGetHostsResult>");
	const struct xml *root = xml_parse(a, buf_slice(&xml), e);
	if (root == NULL)
		fail_msg("%s", e->text);
	int rc = hosts_parse(a, "b.a.", root, h, e);
	buf_release(&xml);
	return rc;
}

static inline struct hosts rows_of(struct arena *a, const char *mail, const char *text)
{
	struct hosts h;
	struct err e = { 0 };
	if (parse_rows(a, mail, text, &h, &e) != 0)
		fail_msg("%s", e.text);
	return h;
}

/* One line a row, as rows_of takes them. */
static inline const char *rows_text(struct arena *a, const struct hosts *h)
{
	struct buf b;
	buf_init(&b);
	for (size_t i = 0; i < h->list.n; i++) {
		const struct host *r = &h->list.at[i];
		buf_addf(&b, "%s %s %u %u %s\n", r->name, r->type, (unsigned)r->mx_pref,
			 (unsigned)r->ttl, r->address);
	}
	const char *text = arena_slice(a, buf_slice(&b));
	buf_release(&b);
	return text;
}

#endif
