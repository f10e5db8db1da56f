/*
 * Colour, width and the progress line are decided here and nowhere else. The width is
 * bounded: lines over 120 columns are hard to read, and below 40 nothing useful fits.
 */
#include "cli/term.h"

#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/str.h"

enum { PLAIN_WIDTH = 80, NARROWEST = 40, WIDEST = 120 };

static size_t width_of(int fd)
{
	struct winsize w;
	if (ioctl(fd, TIOCGWINSZ, &w) != 0 || w.ws_col == 0)
		return PLAIN_WIDTH;
	if (w.ws_col < NARROWEST)
		return NARROWEST;
	return w.ws_col > WIDEST ? WIDEST : w.ws_col;
}

/* NO_COLOR counts when it is not empty (no-color.org); a dumb terminal gets neither colour nor
 * progress. */
struct term term_stdio(void)
{
	const char *no_colour = getenv("NO_COLOR");
	const char *kind = getenv("TERM");
	bool dumb = kind == NULL || str_eq(kind, "dumb");
	bool plain = no_colour != NULL && no_colour[0] != '\0';
	return (struct term){
		.out = stdout,
		.err = stderr,
		.width = isatty(STDOUT_FILENO) ? width_of(STDOUT_FILENO) : PLAIN_WIDTH,
		.colour = isatty(STDOUT_FILENO) != 0 && !dumb && !plain,
		.progress = isatty(STDERR_FILENO) != 0 && !dumb,
	};
}

/* Whatever a zone or a server said may stand in any text, so everything passes here. Tabs stay:
 * they move nothing but the cursor, and a shell script has them. */
static void put_safely(FILE *to, struct slice s)
{
	char *text = mem_alloc(s.len + 1);
	memcpy(text, s.ptr, s.len);
	str_make_printable(text);
	for (size_t i = 0; i < s.len; i++) {
		if (s.ptr[i] == '\t')
			text[i] = '\t';
	}
	(void)fputs(text, to);
	free(text);
}

static void ERR_PRINTF(2, 0) put_formatted(FILE *to, const char *fmt, va_list ap)
{
	va_list again;
	va_copy(again, ap);
	int len = vsnprintf(NULL, 0, fmt, again);
	va_end(again);
	if (len < 0)
		return;
	char *text = mem_alloc((size_t)len + 1);
	(void)vsnprintf(text, (size_t)len + 1, fmt, ap);
	put_safely(to, slice_str(text));
	free(text);
}

void term_print(const struct term *t, const char *fmt, ...)
{
	va_list ap;
	va_start(ap, fmt);
	put_formatted(t->out, fmt, ap);
	va_end(ap);
}

void term_paint(const struct term *t, enum colour c, const char *fmt, ...)
{
	static const char *const codes[] = { "",         "\033[31m", "\033[33m",
					     "\033[32m", "\033[1m",  "\033[2m" };
	va_list ap;
	if (t->colour && c != COLOUR_PLAIN)
		(void)fputs(codes[c], t->out);
	va_start(ap, fmt);
	put_formatted(t->out, fmt, ap);
	va_end(ap);
	if (t->colour && c != COLOUR_PLAIN)
		(void)fputs("\033[0m", t->out);
}

/* Columns that UTF-8 text takes, near enough: one for each character. */
static size_t columns(struct slice s)
{
	size_t n = 0;
	for (size_t i = 0; i < s.len; i++)
		n += ((unsigned char)s.ptr[i] & 0xc0) != 0x80;
	return n;
}

/* A word that is wider than the line stands alone on it: hashes and host names are not cut. */
void term_wrap_at(const struct term *t, size_t indent, const char *text)
{
	size_t at = indent;
	bool line_empty = true;
	struct slice rest = slice_str(text);
	while (rest.len > 0) {
		struct slice word = slice_until(&rest, ' ');
		size_t len = columns(word);
		if (len == 0)
			continue;
		if (!line_empty && at + 1 + len > t->width) {
			(void)fprintf(t->out, "\n%*s", (int)indent, "");
			at = indent;
			line_empty = true;
		}
		if (!line_empty)
			(void)fputc(' ', t->out);
		put_safely(t->out, word);
		at += len + (line_empty ? 0 : 1);
		line_empty = false;
	}
	(void)fputc('\n', t->out);
}

void term_wrap(const struct term *t, const char *first, const char *text)
{
	put_safely(t->out, slice_str(first));
	term_wrap_at(t, columns(slice_str(first)), text);
}

/* Cut between characters: half of one would upset the terminal. */
static int fitting(const char *text, size_t width)
{
	struct slice s = slice_str(text);
	while (columns(s) >= width)
		s.len--;
	while (s.len > 0 && s.len < strlen(text) && ((unsigned char)text[s.len] & 0xc0) == 0x80)
		s.len--;
	return (int)s.len;
}

/* Past put_safely, which lets no text control a terminal: these bytes are our own. */
void term_clear(const struct term *t)
{
	(void)fputs("\033[H\033[J", t->out);
}

void term_print_cut(const struct term *t, const char *text)
{
	int len = isatty(fileno(t->out)) ? fitting(text, t->width) : (int)strlen(text);
	put_safely(t->out, (struct slice){ text, (size_t)len });
	(void)fputc('\n', t->out);
}

/* Up to the first of the lines, then everything below is cleared. */
static void erase(struct term *t)
{
	int n = atomic_exchange(&t->lines_open, 0);
	if (n > 1)
		(void)fprintf(t->err, "\r\033[%dA\033[J", n - 1);
	else if (n == 1)
		(void)fputs("\r\033[K", t->err);
}

/* One write, so that nothing else comes between the lines. */
void term_progress_lines(struct term *t, const char *const *lines, size_t n)
{
	if (!t->progress || t->quiet || n == 0)
		return;
	size_t width = width_of(STDERR_FILENO);
	flockfile(t->err);
	erase(t);
	for (size_t i = 0; i < n; i++) {
		char text[512];
		str_copy(text, sizeof(text), lines[i]);
		str_make_printable(text);
		(void)fprintf(t->err, "%s%.*s", i > 0 ? "\n" : "", fitting(text, width), text);
	}
	atomic_store(&t->lines_open, (int)n);
	(void)fflush(t->err);
	funlockfile(t->err);
}

size_t term_progress_room(void)
{
	enum { ABOVE = 3, MOST = 24, PLAIN_HEIGHT = 24 };
	struct winsize w;
	size_t rows = ioctl(STDERR_FILENO, TIOCGWINSZ, &w) == 0 && w.ws_row > 0 ? w.ws_row
										: PLAIN_HEIGHT;
	size_t room = rows > ABOVE ? rows - ABOVE : 1;
	return room < MOST ? room : MOST;
}

/* Cut into lines at blanks, in place; what is more than `most` lines is cut where it is shown.
 * Their number. */
static size_t fold(char *text, size_t width, const char **lines, size_t most)
{
	size_t n = 0;
	for (;;) {
		size_t end = (size_t)fitting(text, width);
		lines[n++] = text;
		if (text[end] == '\0' || n == most)
			return n;
		while (end > 0 && text[end] != ' ')
			end--;
		if (end == 0)
			return n;
		text[end] = '\0';
		text += end + 1;
	}
}

void term_progress(struct term *t, const char *fmt, ...)
{
	enum { LINES = 4 };
	char text[512];
	const char *lines[LINES];
	va_list ap;
	if (!t->progress || t->quiet)
		return;
	va_start(ap, fmt);
	if (vsnprintf(text, sizeof(text), fmt, ap) < 0)
		text[0] = '\0';
	va_end(ap);
	term_progress_lines(t, lines, fold(text, width_of(STDERR_FILENO), lines, LINES));
}

void term_progress_end(struct term *t)
{
	erase(t);
}

/* Folded between words for a person, in one line for a log. */
static void put_error_line(const struct term *t, const char *head, const char *text)
{
	const struct term beside = { .out = t->err, .width = width_of(STDERR_FILENO) };
	if (t->progress) {
		term_wrap(&beside, head, text);
		return;
	}
	(void)fputs(head, t->err);
	put_safely(t->err, slice_str(text));
	(void)fputc('\n', t->err);
}

void term_error(struct term *t, const struct err *e)
{
	term_progress_end(t);
	(void)fflush(t->out);
	put_error_line(t, "error: ", e->text);
	if (e->hint[0] != '\0')
		put_error_line(t, "  what to do: ", e->hint);
}
