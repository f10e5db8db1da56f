/*
 * One request each. An id that the answer does not have is no snapshot: nobody could find it again.
 */
#include "registrars/rest/snapshot.h"

#include "registrars/rest/session.h"

static int call_once(struct rest *r, struct arena *a, const struct desc_request *request,
		     const struct vars *vars, struct answer *answer_r, struct err *e)
{
	const struct body_scope scope = { .vars = *vars };
	const struct exchange x = { .request = request, .scope = &scope, .writes = true };
	*answer_r = (struct answer){ .class = CLASS_OK };
	return session_ready(r, e) == 0 ? rest_exchange(r, a, &x, answer_r, e) : -1;
}

int rest_snapshot(struct rest *r, struct arena *a, const char **id_r, struct err *e)
{
	char moment[TIME_TEXT_MAX];
	struct vars vars = { .up = &r->vars };
	struct answer answer;
	vars_set(&vars, a, "moment", time_format(clock_now_ms(r->host->clock), moment));
	int rc = call_once(r, a, &r->desc->snapshot.take, &vars, &answer, e);
	const char *id = rc == 0 ? body_text_at(a, answer.json, r->desc->snapshot.id) : NULL;
	if (rc == 0 && (id == NULL || id[0] == '\0'))
		rc = err_set(e, ERR_WORLD, "%s took a snapshot, and does not say its id",
			     r->desc->title);
	*id_r = rc == 0 ? arena_strdup(a, id) : NULL;
	answer_release(&answer);
	return rc;
}

int rest_restore(struct rest *r, const char *id, enum registrar_applied *applied_r, struct err *e)
{
	struct arena *a = arena_new();
	struct vars vars = { .up = &r->vars };
	struct answer answer;
	vars_set(&vars, a, "snapshot", id);
	int rc = call_once(r, a, &r->desc->snapshot.restore, &vars, &answer, e);
	*applied_r = rc == 0                         ? APPLIED_ALL
		     : answer.class == CLASS_UNKNOWN ? APPLIED_UNKNOWN
						     : APPLIED_NONE;
	answer_release(&answer);
	arena_free(a);
	return rc;
}
