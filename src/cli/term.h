/*
 * term.h - where the answer and the progress go, and how wide it is there.
 *
 * Standard output carries the answer, standard error the progress and the log. Colour
 * and progress lines only on a terminal (and never with NO_COLOR). All text is made printable on
 * its way (str_make_printable; tabs stay): no zone's record controls a terminal or a log.
 */
#ifndef CLI_TERM_H
#define CLI_TERM_H

#include <stdatomic.h>
#include <stdio.h>

#include "base/digest.h"
#include "base/err.h"

struct term {
	FILE *out, *err; /* borrowed */
	size_t width;    /* columns of the answer; 80 when it is no terminal */
	bool colour;     /* of the answer */
	bool progress;   /* standard error is a terminal */
	bool quiet;
	unsigned verbose;
	/* So many progress lines stand on standard error. Atomic: the log clears them from any
	 * thread. */
	atomic_int lines_open;
	char waited_for[160];           /* what a wait without a terminal was last told to be for */
	char sheet[SHA256_HEX_LEN + 1]; /* hash of the change sheet that was shown last */
};

enum colour { COLOUR_PLAIN, COLOUR_RED, COLOUR_YELLOW, COLOUR_GREEN, COLOUR_BOLD, COLOUR_DIM };

/* Of this process; reads TERM, NO_COLOR and the window's width. */
struct term term_stdio(void);

/* Text in a colour (nothing added when the answer is no terminal). */
void term_paint(const struct term *t, enum colour c, const char *fmt, ...) ERR_PRINTF(3, 4);
/* Plain text on standard output. */
void term_print(const struct term *t, const char *fmt, ...) ERR_PRINTF(2, 3);
/* An empty screen, written from its top; only for an answer on a terminal. */
void term_clear(const struct term *t);
/* One line of the answer, cut to the width on a terminal, whole elsewhere. */
void term_print_cut(const struct term *t, const char *text);
/* Wraps at the width; the first line begins with `first`, the others with as many blanks. */
void term_wrap(const struct term *t, const char *first, const char *text);
/* The same behind something that was printed already and is `indent` columns wide. */
void term_wrap_at(const struct term *t, size_t indent, const char *text);

/* One line on standard error that the next one replaces; nothing without a terminal. */
void term_progress(struct term *t, const char *fmt, ...) ERR_PRINTF(2, 3);
/* Several lines that the next ones replace, each cut to the width; nothing without a terminal. */
void term_progress_lines(struct term *t, const char *const *lines, size_t n);
/* How many of them fit: the terminal's height, less what the eye needs above. */
size_t term_progress_room(void);
/* Removes the progress; call before anything else is written. */
void term_progress_end(struct term *t);

/* "error: TEXT" and "  what to do: HINT" on standard error. */
void term_error(struct term *t, const struct err *e);

#endif
