/* Any bytes as a project file: a value or an error that names a place, nothing else. What is
 * accepted keeps the promises of project.h. */
#include <string.h>

#include "config/project.h"
#include "fuzz_input.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check(const struct project *p)
{
	if (p->domain == NULL || !str_ends(p->domain, "."))
		abort();
	if (p->policy.staged_mx_ttl > p->policy.max_mx_ttl || p->policy.mailboxes_at_once == 0)
		abort();
	for (size_t i = 0; i < p->policy.gate_n; i++)
		if (p->policy.gates[i].id == NULL)
			abort();
	for (size_t i = 0; i < p->dns_credential_n; i++)
		if (strchr(p->dns_credentials[i].text, ':') == NULL)
			abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct err e;
	const struct project *p = NULL;
	char path[FUZZ_PATH_MAX];
	struct arena *a = arena_new();
	int fd = fuzz_file(data, size, path);
	if (project_load(a, path, &p, &e) == 0)
		check(p);
	else if (e.kind != ERR_USAGE || e.text[0] == '\0' || e.hint[0] == '\0')
		abort();
	close(fd);
	arena_free(a);
	return 0;
}
