/* MTA-STS policies: a good one, written again, is read as the same, and each of its patterns
 * allows a host made from it. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "dns/sts_policy.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const char *write_again(struct arena *a, const struct sts_policy *p)
{
	const char *text = arena_printf(a, "version: STSv1\nmode: %s\nmax_age: %u\n",
					sts_mode_name(p->mode), (unsigned)p->max_age_s);
	for (size_t i = 0; i < p->mx_n; i++)
		text = arena_printf(a, "%smx: %s\n", text, p->mx[i]);
	return text;
}

static void require(bool ok)
{
	if (!ok)
		abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct arena *a = arena_new();
	struct sts_policy p;
	struct sts_policy q;
	if (sts_policy_wrong(a, (struct slice){ (const char *)data, size }, &p) == NULL) {
		require(sts_policy_wrong(a, slice_str(write_again(a, &p)), &q) == NULL);
		require(q.mode == p.mode && q.max_age_s == p.max_age_s && q.mx_n == p.mx_n);
		for (size_t i = 0; i < p.mx_n; i++) {
			bool star = str_starts(p.mx[i], "*.");
			const char *host = arena_printf(a, "%s%s.", star ? "a" : "",
							star ? p.mx[i] + 1 : p.mx[i]);
			require(str_eq(p.mx[i], q.mx[i]) && sts_mx_matches(p.mx, p.mx_n, host));
		}
	}
	arena_free(a);
	return 0;
}
