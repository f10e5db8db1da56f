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

/* Flushed, for what goes to the error stream next must come behind it. */
static void stop(const struct audit_github *g)
{
	(void)fprintf(g->to, "::stop-commands::%s\n", g->word);
	(void)fflush(g->to);
}

void audit_github_begin(struct audit_github *g, FILE *to, const struct rng *rng)
{
	g->to = to;
	(void)snprintf(g->word, sizeof(g->word), "cutover-%016llx",
		       (unsigned long long)rng_u64(rng));
	stop(g);
}

void audit_github_end(const struct audit_github *g)
{
	(void)fprintf(g->to, "::%s::\n", g->word);
}

/* Nobody who writes a zone knows the word. */
static void put_commands(const struct audit_github *g, const struct buf *text)
{
	audit_github_end(g);
	(void)fwrite(text->at, 1, text->len, g->to);
	stop(g);
}

void audit_github_add(const struct audit_github *g, const struct audit *au)
{
	struct buf text;
	buf_init(&text);
	for (size_t i = 0; i < au->findings.list.n; i++)
		audit_annotation(&au->findings.list.at[i], &text);
	put_commands(g, &text);
	buf_release(&text);
}

void audit_github_failed(const struct audit_github *g, const char *domain, const char *text)
{
	struct buf out;
	buf_init(&out);
	buf_adds(&out, "::error title=");
	escape_command(domain, true, &out);
	buf_adds(&out, "::");
	escape_command(text, false, &out);
	buf_addc(&out, '\n');
	put_commands(g, &out);
	buf_release(&out);
}
