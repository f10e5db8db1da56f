/* Prints the table of options as the generated part of docs/project-file.md;
 * tests/lint/docs_in_step compares the two. */
#include <stdio.h>
#include <string.h>

#include "config/project.h"

/* A bar ends a cell of a Markdown table. */
static void print_cell(const char *text)
{
	for (; text != NULL && *text != '\0'; text++)
		(void)printf("%s%c", *text == '|' ? "\\" : "", *text);
}

static void print_range(const struct option_info *o)
{
	(void)printf("%s", option_type_name(o->type));
	if (o->range != NULL) {
		(void)printf(", ");
		print_cell(o->range);
	}
	if (o->unit != NULL)
		(void)printf(" %s", o->unit);
}

int main(void)
{
	(void)printf("| Option | Value | Default | Meaning | Example |\n|---|---|---|---|---|\n");
	for (size_t i = 0; i < option_count(); i++) {
		const struct option_info *o = option_at(i);
		(void)printf("| `%s` | ", o->path);
		print_range(o);
		(void)printf(" | %s | ", o->required    ? "**needed**"
					 : o->otherwise ? o->otherwise
							: "");
		print_cell(o->help);
		(void)printf(" | %s%s%s |\n", o->example != NULL ? "`" : "",
			     o->example != NULL ? o->example : "", o->example != NULL ? "`" : "");
	}
	(void)printf("\nGates: ");
	for (const char *const *id = gate_ids(); *id != NULL; id++)
		(void)printf("%s`%s`", id != gate_ids() ? ", " : "", *id);
	(void)printf("\n");
	return 0;
}
