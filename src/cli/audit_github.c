/*
 * Annotations of a GitHub workflow: commands on standard output, so whatever a zone says is
 * escaped before it stands in one.
 */
#include "cli/audit_github.h"

#include <stdlib.h>

/* GitHub's rules for workflow commands: in a property ':' and ',' are special as well. */
static void escape_command(const char *text, bool property, struct buf *out)
{
	for (const char *p = text; *p != '\0'; p++) {
		unsigned char c = (unsigned char)*p;
		bool special = c == '%' || c == '\r' || c == '\n' ||
			       (property && (c == ':' || c == ','));
		if (special)
			buf_addf(out, "%%%02X", c);
		else
			buf_addc(out, *p);
	}
}

/* What a zone says may hold what controls a terminal, and logs are read at one. */
static void add_text(const char *text, bool property, struct buf *out)
{
	char *shown = mem_strdup(text);
	str_make_printable(shown);
	escape_command(shown, property, out);
	free(shown);
}

void audit_annotation(const struct finding *f, struct buf *out)
{
	static const char *const commands[] = { "notice", "warning", "error" };
	buf_addf(out, "::%s title=", commands[f->severity]);
	add_text(f->check, true, out);
	buf_adds(out, "%3A ");
	add_text(f->subject, true, out);
	buf_adds(out, "::");
	add_text(f->message, false, out);
	buf_adds(out, ". What to do: ");
	add_text(f->remedy != NULL ? f->remedy : "-", false, out);
	buf_addc(out, '\n');
}

void audit_github_add(FILE *to, const struct audit *au)
{
	struct buf text;
	buf_init(&text);
	for (size_t i = 0; i < au->findings.list.n; i++)
		audit_annotation(&au->findings.list.at[i], &text);
	(void)fwrite(text.at, 1, text.len, to);
	buf_release(&text);
}

void audit_github_failed(FILE *to, const char *domain, const char *text)
{
	struct buf out;
	buf_init(&out);
	buf_adds(&out, "::error title=");
	escape_command(domain, true, &out);
	buf_adds(&out, "::");
	escape_command(text, false, &out);
	buf_addc(&out, '\n');
	(void)fwrite(out.at, 1, out.len, to);
	buf_release(&out);
}
