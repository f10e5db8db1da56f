/* The users CSV. The whole file is one buffer, decoded in place and wiped at the end:
 * passwords exist there and in their struct secret, nowhere else. */
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/file.h"
#include "base/vec.h"
#include "config/csv.h"
#include "config/imap_url.h"
#include "config/project.h"
#include "zone/dname.h"

enum {
	FILE_MAX = 10 * 1024 * 1024,
	ROWS_MAX = 50000,
	FIELD_MAX = 1024,
	ADDRESS_MAX = 254, /* RFC 5321 §4.5.3.1.3, less the angle brackets */
	LOCAL_MAX = 64,
	READ_AHEAD = 256 * 1024, /* more than file_read asks for at once */
};

enum column {
	COL_ADDRESS,
	COL_USER,
	COL_PASSWORD,
	COL_ROOT,
	COL_TARGET_USER,
	COL_TARGET_PASSWORD,
	COL_SOURCE_IMAP,
	COL_TARGET_IMAP,
	COL_PRIORITY,
	COLUMNS,
	COLUMNS_REQUIRED = COL_ROOT, /* those before it */
};

static const char *const column_names[COLUMNS + 1] = {
	"EmailAddress",   "UserName",   "Password",   "UserRoot", "TargetUserName",
	"TargetPassword", "SourceImap", "TargetImap", "Priority", NULL,
};

struct loader {
	struct user_list *list;
	const char *path;
	struct csv csv;
	size_t columns;                    /* of the header */
	enum column order[CSV_FIELDS_MAX]; /* the header's columns, left to right */
	bool has[COLUMNS];
	VEC(struct user_row) rows;
	struct err *e;
};

/* Line numbers, not row numbers: an editor shows those. */
static int refuse(const struct loader *l, size_t line, const char *text, const char *remedy)
{
	err_set(l->e, ERR_USAGE, "%s:%zu: %s", l->path, line, text);
	return err_hint(l->e, "%s", remedy);
}

/* ---- the bytes ---- */

/* The line is told, for no editor shows where a wrong byte is. */
static int check_line(const struct loader *l, struct slice s, size_t line)
{
	if (memchr(s.ptr, '\0', s.len) != NULL)
		return refuse(l, line, "a NUL byte",
			      "save the file as CSV in UTF-8 (not UTF-16, no spreadsheet file)");
	if (!str_is_utf8(s))
		return refuse(l, line, "not UTF-8 text",
			      "save the file as UTF-8: 'CSV UTF-8' in a spreadsheet, or "
			      "iconv -f latin1 -t utf-8");
	return 0;
}

/* Before the CSV is taken apart, so that a wrong encoding is not told as a wrong quote. */
static int check_bytes(const struct loader *l, struct slice text)
{
	if (text.len > FILE_MAX)
		return refuse(l, 1, "the file is larger than 10 MiB",
			      "split it: 50 000 mailboxes fit into far less");
	for (size_t line = 1; text.len > 0; line++)
		if (check_line(l, slice_until(&text, '\n'), line) != 0)
			return -1;
	return 0;
}

/* ---- the header ---- */

/* A trailing comma of every line is what spreadsheets make of a column that was emptied. */
static int unknown_column(const struct loader *l, size_t line, const char *name)
{
	const char *near = nearest_word(name, column_names);
	if (name[0] == '\0')
		return refuse(l, line, "a column without a name",
			      "name it or delete it, with its comma in every line");
	err_set(l->e, ERR_USAGE, "%s:%zu: unknown column '%.60s'", l->path, line, name);
	if (near != NULL)
		return err_hint(l->e, "did you mean '%s'?", near);
	return err_hint(
		l->e,
		"the first line must be EmailAddress,UserName,Password, then if "
		"wanted UserRoot,TargetUserName,TargetPassword,SourceImap,TargetImap,Priority");
}

/* Exchange ignores case in these names, so do we. */
static int take_column(struct loader *l, const struct csv_field *f)
{
	struct slice name = slice_trim((struct slice){ f->text, f->len });
	for (size_t i = 0; i < COLUMNS; i++) {
		if (!slice_eq_nocase(name, slice_str(column_names[i])))
			continue;
		if (l->has[i])
			return refuse(l, f->line, "the same column twice", column_names[i]);
		l->has[i] = true;
		l->order[l->columns++] = (enum column)i;
		return 0;
	}
	return unknown_column(l, f->line, f->text);
}

/* Exchange's three; the others are ours and optional. */
static int check_columns(const struct loader *l, size_t line)
{
	for (size_t i = 0; i < COLUMNS_REQUIRED; i++) {
		if (l->has[i])
			continue;
		err_set(l->e, ERR_USAGE, "%s:%zu: the column '%s' is missing", l->path, line,
			column_names[i]);
		return err_hint(l->e, "the first line must be EmailAddress,UserName,Password");
	}
	return 0;
}

/* The reason is static text of csv.c; a field's bytes never come into a message. */
static int read_record(struct loader *l, struct csv_record *r, bool *end_r)
{
	const char *why;
	enum csv_result result = csv_next(&l->csv, r, &why);
	*end_r = result == CSV_END;
	if (result != CSV_BAD)
		return 0;
	return refuse(
		l, l->csv.line, why,
		"write \"…\" round a field with commas or quotes, and \"\" for a quote in it");
}

/* Spreadsheets write semicolons where the comma is the decimal sign. Looked at before the line is
 * taken apart, or quoted names would be told as a wrong quote. No column's name has either. */
static int check_separator(const struct loader *l)
{
	struct slice text = { l->csv.at, (size_t)(l->csv.end - l->csv.at) };
	struct slice header = slice_until(&text, '\n');
	bool commas = memchr(header.ptr, ',', header.len) != NULL;
	if (!commas && memchr(header.ptr, ';', header.len) != NULL)
		return refuse(l, 1, "the columns are separated by semicolons",
			      "separate them by commas: Windows' region settings have the list "
			      "separator that Excel writes");
	if (!commas && memchr(header.ptr, '\t', header.len) != NULL)
		return refuse(l, 1, "the columns are separated by tabs",
			      "separate the columns by commas, not by tabs");
	return 0;
}

/* The order of the columns is free, as in Exchange. */
static int read_header(struct loader *l)
{
	struct csv_record r;
	bool end;
	if (check_separator(l) != 0 || read_record(l, &r, &end) != 0)
		return -1;
	if (end)
		return refuse(l, 1, "the file is empty",
			      "the first line must be EmailAddress,UserName,Password");
	for (size_t i = 0; i < r.n; i++)
		if (take_column(l, &r.fields[i]) != 0)
			return -1;
	return check_columns(l, r.line);
}

/* ---- the rows ---- */

/* Passwords included: no login protocol carries these, and none is meant by a person. */
static const char *bad_field(const struct csv_field *f)
{
	if (f->len > FIELD_MAX)
		return "is longer than 1024 bytes";
	if (memchr(f->text, '\n', f->len) != NULL || memchr(f->text, '\r', f->len) != NULL)
		return "holds a line break; is a closing quote missing?";
	for (size_t i = 0; i < f->len; i++)
		if ((unsigned char)f->text[i] < 0x20 || f->text[i] == 0x7f)
			return "holds a control character";
	return NULL;
}

/* A blank is what copying from a page or a table leaves at the end, and no editor shows it. */
static bool has_outer_blank(const char *text)
{
	return text != NULL && slice_trim(slice_str(text)).len != strlen(text);
}

/* What real mailboxes are called, not all of RFC 5322: no quotes, no comments, a dot in
 * the domain; no letters beyond ASCII (RFC 6531), which no big provider gives a mailbox. */
static bool is_mail_address(struct arena *a, const char *text)
{
	struct err ignored;
	const char *at = strchr(text, '@');
	if (at == NULL || at == text || at - text > LOCAL_MAX || strlen(text) > ADDRESS_MAX)
		return false;
	for (const char *p = text; *p != '\0'; p++)
		if (*p <= ' ' || *p >= 0x7f || strchr("\"<>()[],;:\\", *p) != NULL)
			return false;
	return strchr(at + 1, '@') == NULL && strchr(at + 1, '.') != NULL &&
	       dname_canon(a, at + 1, &ignored) != NULL;
}

/* NULL when it is fine or not given. */
static const char *bad_url(struct arena *a, const char *text)
{
	struct imap_url url;
	return text != NULL ? imap_url_parse(a, text, &url) : NULL;
}

/* NULL for an empty field. */
static const char *text_or_null(struct arena *a, const struct csv_field *f)
{
	return f != NULL && f->len > 0 ? arena_strdup(a, f->text) : NULL;
}

/* NULL for an empty field: user_list_check refuses it where one is needed. */
static struct secret *secret_of(const struct csv_field *f)
{
	return f != NULL && f->len > 0 ? secret_new((struct slice){ f->text, f->len }) : NULL;
}

/* One digit; 0 for what is none: check_row refuses it. */
static unsigned priority_of(const struct csv_field *f)
{
	enum { NOT_GIVEN = 5 };
	uint64_t n;
	if (f == NULL || f->len == 0)
		return NOT_GIVEN;
	return slice_to_u64(slice_trim((struct slice){ f->text, f->len }), &n) && n <= 9
		       ? (unsigned)n
		       : 0;
}

/* `by` has a field for each column that the header named. */
static void fill_row(struct loader *l, struct user_row *row, const struct csv_field *const *by)
{
	struct arena *a = l->list->arena;
	row->address = text_or_null(a, by[COL_ADDRESS]);
	row->user = text_or_null(a, by[COL_USER]);
	row->password = secret_of(by[COL_PASSWORD]);
	row->root = text_or_null(a, by[COL_ROOT]);
	row->target_user = text_or_null(a, by[COL_TARGET_USER]);
	row->target_password = secret_of(by[COL_TARGET_PASSWORD]);
	row->source_imap = text_or_null(a, by[COL_SOURCE_IMAP]);
	row->target_imap = text_or_null(a, by[COL_TARGET_IMAP]);
	if (row->target_user == NULL)
		row->target_user = row->address;
	row->priority = priority_of(by[COL_PRIORITY]);
}

/* Whose it is, in the words of what is wrong with it. */
static int check_address(const struct loader *l, const struct user_row *row)
{
	struct arena *a = l->list->arena;
	if (row->address == NULL)
		return refuse(l, row->line, "EmailAddress is empty",
			      "give the mailbox's address, or delete the line");
	if (is_mail_address(a, row->address))
		return 0;
	err_set(l->e, ERR_USAGE, "%s:%zu: EmailAddress '%.60s' is no mail address", l->path,
		row->line, row->address);
	if (has_outer_blank(row->address))
		return err_hint(l->e, "delete the blank before or behind it");
	for (const char *p = row->address; *p != '\0'; p++)
		if ((unsigned char)*p > 0x7f)
			return err_hint(l->e, "write it as the target's mailbox has it, without "
					      "letters beyond ASCII: mueller@treyresearch.com, and "
					      "the domain in its xn-- form");
	return err_hint(l->e, "for example: alice@treyresearch.com");
}

static int check_login_names(const struct loader *l, const struct user_row *row)
{
	static const char remedy[] = "delete the blank: it would be part of the login";
	if (row->user == NULL)
		return refuse(l, row->line, "UserName is empty",
			      "give the login name at the source, often the address itself");
	if (has_outer_blank(row->user))
		return refuse(l, row->line, "UserName begins or ends with a blank", remedy);
	if (has_outer_blank(row->target_user))
		return refuse(l, row->line, "TargetUserName begins or ends with a blank", remedy);
	return 0;
}

/* The first mistake of the first wrong row; a password is only ever called empty. */
static int check_row(const struct loader *l, const struct user_row *row)
{
	struct arena *a = l->list->arena;
	const char *why;
	if (check_address(l, row) != 0 || check_login_names(l, row) != 0)
		return -1;
	if (row->priority == 0)
		return refuse(l, row->line, "Priority is no number from 1 to 9",
			      "1 is copied first, 9 last; leave it empty for 5");
	if ((why = bad_url(a, row->source_imap)) != NULL)
		return refuse(l, row->line, arena_printf(a, "SourceImap %s", why),
			      "leave it empty to use the project file's source.imap");
	if ((why = bad_url(a, row->target_imap)) != NULL)
		return refuse(l, row->line, arena_printf(a, "TargetImap %s", why),
			      "leave it empty to use the project file's target.imap");
	return 0;
}

static bool secret_has_outer_blank(const struct secret *s)
{
	return s != NULL && has_outer_blank(secret_expose(s).ptr);
}

/* A blank may be part of a password, and mostly is a slip that looks like a wrong one. */
static void note_blank_passwords(struct user_list *list, const struct user_row *row)
{
	if (!secret_has_outer_blank(row->password) && !secret_has_outer_blank(row->target_password))
		return;
	if (list->blank_passwords++ == 0)
		list->blank_password_line = row->line;
}

/* The row is pushed before it is judged: the list owns its secrets from then on. */
static int take_row(struct loader *l, const struct csv_record *r)
{
	struct arena *a = l->list->arena;
	const struct csv_field *by[COLUMNS] = { NULL };
	if (r->n != l->columns)
		return refuse(
			l, r->line,
			arena_printf(a, "%zu fields, but the first line has %zu", r->n, l->columns),
			"write one field a column; \"…\" round a field that holds a comma");
	if (l->rows.n == ROWS_MAX)
		return refuse(l, r->line, "more than 50 000 mailboxes",
			      "split the list into several files and projects");
	for (size_t i = 0; i < r->n; i++) {
		const char *why = bad_field(&r->fields[i]);
		by[l->order[i]] = &r->fields[i];
		if (why != NULL)
			return refuse(l, r->fields[i].line,
				      arena_printf(a, "%s %s", column_names[l->order[i]], why),
				      "correct the field in this line");
	}
	struct user_row *row = vec_push(a, &l->rows);
	row->line = r->line;
	fill_row(l, row, by);
	note_blank_passwords(l->list, row);
	return check_row(l, row);
}

/* ---- the same address twice ---- */

struct sighting {
	char *lower;
	size_t line;
};

/* The line decides between equals, for qsort does not keep their order. */
static int by_address_then_line(const void *va, const void *vb)
{
	const struct sighting *a = va;
	const struct sighting *b = vb;
	int order = strcmp(a->lower, b->lower);
	return order != 0 ? order : (a->line > b->line) - (a->line < b->line);
}

/* Sorted, so that 50 000 rows take no time; the first doubled line is the one told. */
static int check_duplicates(const struct loader *l)
{
	size_t n = l->rows.n;
	const struct sighting *first = NULL;
	struct sighting *seen = ARENA_ARRAY(l->list->arena, n, struct sighting);
	for (size_t i = 0; i < n; i++) {
		seen[i].line = l->rows.at[i].line;
		seen[i].lower = arena_strdup(l->list->arena, l->rows.at[i].address);
		str_lower(seen[i].lower);
	}
	qsort(seen, n, sizeof(*seen), by_address_then_line);
	for (size_t i = 1; i < n; i++)
		if (str_eq(seen[i].lower, seen[i - 1].lower) &&
		    (first == NULL || seen[i].line < first[1].line))
			first = &seen[i - 1];
	if (first == NULL)
		return 0;
	err_set(l->e, ERR_USAGE, "%s:%zu: '%s' is in line %zu already", l->path, first[1].line,
		first[1].lower, first[0].line);
	return err_hint(l->e, "keep one of the two lines; case does not make them differ");
}

/* Duplicates at the end: they need all rows. */
static int read_rows(struct loader *l)
{
	struct csv_record r;
	bool end = false;
	if (read_header(l) != 0)
		return -1;
	for (;;) {
		if (read_record(l, &r, &end) != 0)
			return -1;
		if (end)
			break;
		if (take_row(l, &r) != 0)
			return -1;
	}
	if (l->rows.n == 0)
		return refuse(l, 1, "there is no mailbox in the file",
			      "write one line a mailbox below the column names");
	return check_duplicates(l);
}

/* ---- the file ---- */

/* A byte order mark is what Excel writes before "CSV UTF-8". */
static int parse(struct loader *l, struct buf *text)
{
	static const char bom[] = "\xef\xbb\xbf";
	struct slice s = buf_slice(text);
	if (check_bytes(l, s) != 0)
		return -1;
	size_t skip = slice_starts_nocase(s, slice_str(bom)) ? strlen(bom) : 0;
	l->csv = (struct csv){ text->at + skip, text->at + text->len, 1 };
	int rc = read_rows(l);
	/* Also after a failure: what was read owns secrets. */
	l->list->rows = l->rows.at;
	l->list->n = l->rows.n;
	return rc;
}

/* The buffer gets its size at once: one that grows leaves copies of passwords behind. */
static int read_file(const char *path, struct buf *text, struct err *e)
{
	struct stat st;
	/* The stat is only a guess of the size; reading finds the real one. */
	bool known = stat(path, &st) == 0 && st.st_size > 0 && st.st_size <= FILE_MAX;
	(void)buf_reserve(text, (known ? (size_t)st.st_size : 0) + READ_AHEAD);
	/* What is too long is left to check_bytes, which says so with file and line. */
	if (file_read(path, FILE_MAX, text, e) == 0 || text->len > FILE_MAX)
		return 0;
	err_wrap(e, "the users CSV");
	return file_exists(path) ? err_hint(e, "is it yours to read? it holds passwords: `ls -l` "
					       "tells whose it is")
				 : err_hint(e, "the project file's 'mailboxes:' names it, seen "
					       "from the project file");
}

int user_list_load(const char *path, struct user_list **list_r, struct err *e)
{
	struct buf text;
	struct user_list *list = mem_alloc(sizeof(*list));
	struct loader l = { .list = list, .path = path, .e = e };
	buf_init(&text);
	list->arena = arena_new();
	list->shared = file_is_shared(path);
	int rc = read_file(path, &text, e);
	if (rc == 0)
		rc = parse(&l, &text);
	secret_wipe(text.at, text.cap);
	buf_release(&text);
	if (rc == 0)
		*list_r = list;
	else
		user_list_free(list);
	return rc;
}

void user_list_free(struct user_list *l)
{
	if (l == NULL)
		return;
	for (size_t i = 0; i < l->n; i++) {
		secret_free(l->rows[i].password);
		secret_free(l->rows[i].target_password);
	}
	arena_free(l->arena);
	free(l);
}
