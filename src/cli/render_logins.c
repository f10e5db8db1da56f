/* The trial of all logins for people: what fails stands together by its class, for rows of one
 * class are mended in one go. A reason that many rows share is told once. */
#include "cli/render.h"
#include "cli/show.h"

enum { ALIKE_SHOWN = 6 };

static const struct login_result *result_of(const struct login_row *r, int side)
{
	return side == 0 ? &r->check.src : &r->check.dst;
}

/* Rows in a row that have one reason, as all have whose host is mistyped. */
struct alike {
	const char *reason;
	size_t n;
};

static void print_row(const struct term *t, const struct login_row *r, int side)
{
	const char *user = side == 0 ? r->src_user : r->dst_user;
	term_print(t, "  line %zu  %s", r->row, r->address);
	if (!str_eq(user, r->address))
		term_print(t, " as %s", user);
	term_print(t, "\n");
}

static void end_alike(const struct term *t, const struct alike *alike)
{
	if (alike->n > ALIKE_SHOWN)
		term_print(t, "  and %zu row%s more, for the same reason\n", alike->n - ALIKE_SHOWN,
			   alike->n - ALIKE_SHOWN == 1 ? "" : "s");
}

/* The reason stands once, behind the first of them; three hundred lines would say no more. */
static void print_failure(const struct term *t, const struct login_row *r, int side,
			  struct alike *alike)
{
	const char *reason = result_of(r, side)->err.text;
	if (!str_eq(alike->reason, reason)) {
		end_alike(t, alike);
		*alike = (struct alike){ reason, 0 };
	}
	if (++alike->n > ALIKE_SHOWN)
		return;
	print_row(t, r, side);
	if (alike->n == 1)
		term_wrap(t, "    ", reason);
}

static void print_class(const struct term *t, const struct login_trial *trial, int side,
			enum login_class class)
{
	const char *hint = "";
	struct alike alike = { "", 0 };
	size_t n = trial->counts[side][class];
	term_paint(t, COLOUR_RED, "%s: %s", side == 0 ? "source" : "target",
		   login_class_words(class));
	term_print(t, " (%zu row%s)\n", n, n == 1 ? "" : "s");
	for (size_t i = 0; i < trial->n; i++) {
		const struct login_result *result = result_of(&trial->rows[i], side);
		if (result->class != class)
			continue;
		print_failure(t, &trial->rows[i], side, &alike);
		hint = result->err.hint;
	}
	end_alike(t, &alike);
	if (hint[0] != '\0')
		term_wrap(t, "  > ", hint);
}

static void print_tight(const struct term *t, const struct login_trial *trial)
{
	for (size_t i = 0; i < trial->n; i++)
		if (trial->rows[i].tight != NULL)
			term_print(t, "line %zu  %s %s\n", trial->rows[i].row,
				   trial->rows[i].address, trial->rows[i].tight);
}

void render_logins(const struct term *t, const struct login_trial *trial)
{
	for (int side = 0; side < 2; side++)
		for (int c = LOGIN_FINE + 1; c < LOGIN_CLASSES; c++)
			if (trial->counts[side][c] > 0)
				print_class(t, trial, side, (enum login_class)c);
	print_tight(t, trial);
	term_print(t, "source: %zu of %zu logins work; target: %zu of %zu\n",
		   trial->counts[0][LOGIN_FINE], trial->n, trial->counts[1][LOGIN_FINE], trial->n);
}
