/*
 * pipeline.h - what we say to an IMAP server: commands written one behind the other,
 * many unanswered at once, tags "A1", "A2" … matched to their results.
 *
 * Holds the bytes to be sent. A literal is announced as "{n+}" where the server takes
 * that (RFC 7888: LITERAL+ always, LITERAL- up to 4096 bytes), else as "{n}", and then
 * nothing behind it is handed out before the server's "+" came. No socket, no clock;
 * one thread.
 */
#ifndef MIGRATE_IMAP_PIPELINE_H
#define MIGRATE_IMAP_PIPELINE_H

#include "base/buf.h"
#include "migrate/imap/response.h"

enum imap_literals { IMAP_LITERAL_SYNC, IMAP_LITERAL_MINUS, IMAP_LITERAL_PLUS };

enum { IMAP_LITERAL_MINUS_MAX = 4096, IMAP_IN_FLIGHT_MAX = 1024 };

struct imap_pipeline;

/* Literals are IMAP_LITERAL_SYNC until imap_pipeline_literals tells more: every server takes
 * those. */
struct imap_pipeline *imap_pipeline_new(void);
/* Takes NULL. What was not sent is lost; the server may still answer what was. */
void imap_pipeline_free(struct imap_pipeline *p);
/* What the server's CAPABILITY offered; holds for the literals added from now on. */
void imap_pipeline_literals(struct imap_pipeline *p, enum imap_literals how);
/* The server took ENABLE UTF8=ACCEPT (RFC 6855 §3): mailbox names go out as UTF-8 from now on. */
void imap_pipeline_utf8(struct imap_pipeline *p);

/* Begins a command: tag and blank are written. The tag is in flight from here on. At most
 * IMAP_IN_FLIGHT_MAX at once (the caller looks before). */
uint32_t imap_begin(struct imap_pipeline *p);
/* Adds to the command that was begun last: into its line, control characters as '?'; behind
 * imap_add_literal, as they are, the bytes of the literal. Nothing when the server refused
 * that command meanwhile. */
void imap_add(struct imap_pipeline *p, const char *text);
/* imap_add of a formatted text; for numbers and fixed words, cut at 511 bytes. */
void imap_addf(struct imap_pipeline *p, const char *fmt, ...) ERR_PRINTF(2, 3);
/* imap_add of bytes that may hold NULs; a literal's data comes in as many pieces as it likes. */
void imap_add_slice(struct imap_pipeline *p, struct slice s);
/* Quoted when that can be, else a literal; NUL is left out, no mailbox name has one. */
void imap_add_astring(struct imap_pipeline *p, struct slice s);
/* A mailbox name, given in modified UTF-7 as all of ours are; as imap_add_astring, in the
 * coding that this server wants. */
void imap_add_mailbox(struct imap_pipeline *p, struct slice name);
/* "{n+}CRLF" or "{n}CRLF" and the wait for "+"; the caller adds n bytes of data then. */
void imap_add_literal(struct imap_pipeline *p, uint64_t len);
/* The message of an APPEND, around its data: a literal; after imap_pipeline_utf8 the form for
 * messages that may have UTF-8 in their headers, "UTF8 (~{n+}CRLF…)" (RFC 6855 §4). */
void imap_message_begin(struct imap_pipeline *p, uint64_t len);
void imap_message_end(struct imap_pipeline *p);
/* Ends the command's line; it may be sent as far as no "+" is awaited. */
void imap_end(struct imap_pipeline *p);
/* A whole command of fixed text: begin, add, end; its tag. */
uint32_t imap_command(struct imap_pipeline *p, const char *text);

/* What may be sent now; empty while a "+" is awaited or all is sent. */
struct slice imap_pending(const struct imap_pipeline *p);
/* The same for who gives it to a stream now: one that takes nothing may have sent a part of it all
 * the same (stream_send), and the server answers what it got. */
struct slice imap_offer(struct imap_pipeline *p);
/* `len` bytes of imap_pending went out: not more than it showed. Slices from it are void then. */
void imap_sent(struct imap_pipeline *p, size_t len);
/* Bytes that are held, to be sent now or later. */
size_t imap_held(const struct imap_pipeline *p);
/* True when all that may be sent is sent and only the server's "+" lets more go. */
bool imap_awaits_plus(const struct imap_pipeline *p);
/* Commands begun whose tagged result has not come yet. */
size_t imap_in_flight(const struct imap_pipeline *p);

/* Tells the pipeline of a continuation or a status; other events are ignored. A command
 * refused before its literal went out has the rest of it dropped, by position: nothing of a
 * literal is ever taken for a command. -1 (ERR_RETRY) for a tag that is not in flight or was
 * not sent, or a "+" that nobody awaits. */
int imap_pipeline_event(struct imap_pipeline *p, const struct imap_event *ev, struct err *e);

#endif
