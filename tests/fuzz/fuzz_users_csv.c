/* Any bytes as a users CSV: a list whose rows are whole, or an error with its remedy. */
#include <string.h>

#include "config/project.h"
#include "fuzz_input.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check(const struct user_list *l)
{
	if (l->n == 0)
		abort();
	for (size_t i = 0; i < l->n; i++) {
		const struct user_row *row = &l->rows[i];
		if (strchr(row->address, '@') == NULL || row->user[0] == '\0' || row->line < 2)
			abort();
		if ((row->password != NULL && secret_is_empty(row->password)) ||
		    row->target_user == NULL)
			abort();
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct err e;
	struct user_list *l = NULL;
	char path[FUZZ_PATH_MAX];
	int fd = fuzz_file(data, size, path);
	if (user_list_load(path, &l, &e) == 0)
		check(l);
	else if (e.kind != ERR_USAGE || e.text[0] == '\0' || e.hint[0] == '\0')
		abort();
	user_list_free(l);
	close(fd);
	return 0;
}
