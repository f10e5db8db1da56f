/*
 * Snapshot documents as another machine might send them. What is read can be judged
 * without harm, and writes to a document that reads the same.
 */
#include "dns/check/check.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void judge(struct arena *a, const struct snapshot *s)
{
	for (unsigned phase = PHASE_AUDIT; phase <= PHASE_POST; phase++) {
		struct findings found = { 0 };
		struct check_input in = { .snap = s,
					  .phase = (enum phase)phase,
					  .now_ms = s->ended_ms,
					  .max_mx_ttl = 3600,
					  .target_spf = "include:a.net",
					  .ownership_name = s->domain,
					  .ownership_txt = "MS=ms1" };
		check_run(a, &in, &found);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct err e = { 0 };
	struct js *v = js_parse((struct slice){ (const char *)data, size }, &e);
	if (v == NULL)
		return 0;
	struct arena *a = arena_new();
	const struct snapshot *s = snapshot_from_js(a, v, &e);
	if (s != NULL) {
		judge(a, s);
		struct js *written = snapshot_to_js(s);
		const struct snapshot *again = snapshot_from_js(a, written, &e);
		struct js *twice = again != NULL ? snapshot_to_js(again) : NULL;
		if (twice == NULL || !str_eq(js_text(a, written), js_text(a, twice))) {
			(void)fprintf(stderr, "%s\n", e.text);
			abort();
		}
		js_free(written);
		js_free(twice);
	}
	js_free(v);
	arena_free(a);
	return 0;
}
