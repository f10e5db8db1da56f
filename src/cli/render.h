/* render.h - documents as text for people; the same structs that --json is made from. */
#ifndef CLI_RENDER_H
#define CLI_RENDER_H

#include "cli/term.h"
#include "flow/audit.h"
#include "flow/copy.h"
#include "flow/logins.h"
#include "flow/report.h"

/* All of these print on standard output, at the terminal's width. */

/* Findings by severity with their remedies, then the clocks. */
void render_audit(const struct term *t, const struct audit *au);
/* Both change sets with their before-images, as they would be applied. */
void render_plan(const struct term *t, const struct plan *plan);
/* A line for each record at each server and resolver: shown or not, what stands there instead
 * and until when a cache may keep it. */
void render_watch(const struct term *t, const struct watch *w);
/* A line a gate: verdict, evidence, who accepted it and why; the remedy where it is closed. */
void render_gates(const struct term *t, const struct gate *gates, size_t n);
/* The end of a pass: each mailbox, with reason and remedy where it failed, then the totals. */
void render_copy(const struct term *t, const struct copy_progress *end);
/* Each login that fails, by class, with reason and remedy; then the counts. */
void render_logins(const struct term *t, const struct login_trial *trial);
/* One screen: steps, mailboxes that need attention, what to do next. */
void render_status(const struct term *t, const struct report *r);
/* The whole story. */
void render_report(const struct term *t, const struct report *r);

/* ---- other forms of the report, appended as text for a file ---- */

/* One page without any outside resource; every text escaped (escape_xml). */
void render_html(const struct report *r, struct buf *out);
/* JUnit XML, for a build server: a test case for each finding, mailbox and gate. */
void render_junit(const struct report *r, struct buf *out);
/* RFC 4180, a row a mailbox; cells that a spreadsheet would run are disarmed (escape_csv). */
void render_csv(const struct report *r, struct buf *out);

#endif
