#include "world.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <unistd.h>

#include "base/file.h"

const char world_zone_text[] = "$ORIGIN treyresearch.com.\n$TTL 3600\n"
			       "@ IN SOA ns1 host 1 2 3 4 300 ; the serial is 1\n"
			       "@ IN NS ns1\n"
			       "@ 86400 IN MX 10 mx1.nwtraders.com. ; the old provider\n"
			       "@ IN TXT \"v=spf1 include:nwtraders.com -all\"\n"
			       "ns1 IN A 192.0.2.53\n";

void world_open(struct world *w, bool dry_run)
{
	struct err e = { 0 };
	struct flow_opts opts = {
		.project = &w->project,
		.memory = FLOW_WRITE_STORE,
		.clock = &w->clock.clock,
		.rng = rng_system(),
		.dry_run = dry_run,
	};
	if (flow_open(&opts, &w->f, &e) != 0)
		fail_msg("%s", e.text);
}

int world_setup(void **state)
{
	struct world *w = mem_alloc(sizeof(*w));
	struct err e = { 0 };
	char dir[] = "/tmp/cutover-apply-XXXXXX";
	w->a = arena_new();
	assert_non_null(mkdtemp(dir));
	fake_clock_init(&w->clock, 1790000000000);
	w->zone_path = arena_printf(w->a, "%s/zone", dir);
	w->options[0] = (struct project_value){ "path", w->zone_path };
	w->project = (struct project){
		.path = "cutover.yaml",
		.dir = arena_strdup(w->a, dir),
		.domain = DOMAIN,
		.dns_provider = "zonefile",
		.dns_options = w->options,
		.dns_option_n = 1,
	};
	assert_int_equal(file_replace(w->zone_path, slice_str(world_zone_text), 0600, &e), 0);
	world_open(w, false);
	*state = w;
	return 0;
}

int world_teardown(void **state)
{
	struct world *w = *state;
	static const char *const names[] = { "zone", ".cutover/state.db", ".cutover/state.db-wal",
					     ".cutover/state.db-shm", ".cutover/lock" };
	flow_close(w->f);
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		(void)unlink(arena_printf(w->a, "%s/%s", w->project.dir, names[i]));
	(void)rmdir(arena_printf(w->a, "%s/.cutover", w->project.dir));
	(void)rmdir(w->project.dir);
	arena_free(w->a);
	free(w);
	return 0;
}

const char *world_zone(struct world *w)
{
	struct buf b;
	struct err e;
	buf_init(&b);
	assert_int_equal(file_read(w->zone_path, 1 << 20, &b, &e), 0);
	const char *text = arena_slice(w->a, buf_slice(&b));
	buf_release(&b);
	return text;
}

const struct journal_row *world_journal(struct world *w, size_t *n)
{
	struct journal_row *rows;
	struct err e = { 0 };
	assert_int_equal(journal_rows(w->f->store, w->a, NULL, &rows, n, &e), 0);
	return rows;
}
