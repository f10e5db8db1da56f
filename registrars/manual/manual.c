/*
 * Only the sheet is made here; that a change by hand cannot be read back or applied is
 * answered by the call.
 */
#include "registrars/manual/manual.h"

#include <stdlib.h>

#include "registrars/manual/sheet.h"

static const struct registrar_option options[] = {
	{ .name = "panel",
	  .help = "whose words the sheet speaks: godaddy, ionos, namecheap, squarespace, wix, "
		  "strato, hover, bluehost, cloudflare, cpanel or generic; when it is not given, "
		  "those of whom the zone's name servers belong to" },
	{ .name = NULL },
};

static int refuse_panel(const char *id, struct err *e)
{
	const char *best = "generic";
	size_t distance = SIZE_MAX;
	for (size_t i = 0; panels[i] != NULL; i++) {
		size_t d = str_distance(id, panels[i]->id);
		if (d < distance) {
			distance = d;
			best = panels[i]->id;
		}
	}
	(void)err_set(e, ERR_USAGE, "there is no panel \"%.40s\"", id);
	return err_hint(e, "the nearest is \"%s\"; \"generic\" speaks no panel's own words", best);
}

/* The session is the table's row: nothing to own. */
static int manual_open(const struct registrar *self, const struct registrar_host *host,
		       const struct registrar_config *config, void **session_r, struct err *e)
{
	(void)self;
	const char *id = registrar_text(config, "panel", "generic");
	const struct panel **session = mem_alloc(sizeof(*session));
	(void)host;
	*session = panel_find(id);
	if (*session == NULL) {
		free(session);
		return refuse_panel(id, e);
	}
	*session_r = session;
	return 0;
}

static void manual_close(void *session)
{
	free(session);
}

static int manual_sheet(void *session, struct arena *a, const struct change_set *changes,
			const char **text_r, struct err *e)
{
	const struct panel *const *panel = session;
	struct buf b;
	(void)e;
	buf_init(&b);
	sheet_print(*panel, changes, &b);
	*text_r = arena_slice(a, buf_slice(&b));
	buf_release(&b);
	return 0;
}

const char *manual_panel_of(const char *id)
{
	const struct panel *p = panel_of_host(id);
	return p != NULL ? p->id : NULL;
}

const struct registrar registrar_manual = {
	.abi = REGISTRAR_ABI,
	.name = "manual",
	.title = "by hand, in the DNS host's panel",
	.capabilities = REGISTRAR_BY_HAND,
	.options = options,
	.open = manual_open,
	.close = manual_close,
	.sheet = manual_sheet,
};
