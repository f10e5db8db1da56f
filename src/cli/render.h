/* render.h - documents as text for people; the same structs that --json is made from. */
#ifndef CLI_RENDER_H
#define CLI_RENDER_H

#include "cli/term.h"
#include "flow/audit.h"
#include "flow/copy.h"
#include "flow/report.h"

/* On standard output, at the terminal's width. */
void render_audit(const struct term *t, const struct audit *au);
void render_plan(const struct term *t, const struct plan *plan);
void render_watch(const struct term *t, const struct watch *w);
void render_gates(const struct term *t, const struct gate *gates, size_t n);
void render_copy(const struct term *t, const struct copy_progress *end);
/* One screen: steps, mailboxes that need attention, what to do next. */
void render_status(const struct term *t, const struct report *r);
/* The whole story. */
void render_report(const struct term *t, const struct report *r);

/* Other forms of the report, as text for a file. */
void render_html(const struct report *r, struct buf *out);
void render_junit(const struct report *r, struct buf *out);
void render_csv(const struct report *r, struct buf *out);

#endif
