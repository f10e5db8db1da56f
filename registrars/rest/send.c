/*
 * A write is one request, and the job behind its answer where there is one. What came of it is
 * counted here: after a failure nobody else knows how many of the requests were done.
 */
#include "registrars/rest/send.h"

/* -- jobs -- */

static bool is_word(const struct desc_fields *words, const char *text)
{
	for (size_t i = 0; text != NULL && i < words->n; i++) {
		if (str_eq(words->at[i].name, text))
			return true;
	}
	return false;
}

/* 1: it runs on, 0: it is done. */
static int job_asked(struct sending *w, const struct exchange *x, struct err *e)
{
	const struct desc_job *job = &w->r->desc->job;
	struct answer answer;
	int rc = rest_exchange(w->r, w->a, x, &answer, e);
	const char *status = rc == 0 ? body_text_at(w->a, answer.json, job->status) : NULL;
	const char *words = rc == 0 && w->r->desc->error_text != NULL
				    ? body_text_at(w->a, answer.json, w->r->desc->error_text)
				    : NULL;
	if (rc == 0 && is_word(&job->failed, status)) {
		rc = err_set(e, ERR_REFUSED, "%s says that the change failed (\"%s\")%s%s",
			     w->r->desc->title, status, words != NULL ? ": " : "",
			     words != NULL ? words : "");
		(void)err_hint(e, "look at the zone in the panel, then run `cutover plan` again");
	} else if (rc == 0 && !is_word(&job->done, status)) {
		rc = 1;
	}
	answer_release(&answer);
	return rc;
}

static int job_wait(struct sending *w, const struct exchange *x, struct err *e)
{
	const struct registrar_host *host = w->r->host;
	const struct desc_job *job = &w->r->desc->job;
	int64_t until_ms = clock_mono_ms(host->clock) + job->for_ms;
	int rc;
	while ((rc = job_asked(w, x, e)) == 1) {
		if (clock_mono_ms(host->clock) >= until_ms)
			return err_set(e, ERR_RETRY,
				       "%s did not say that the change is done in %d s",
				       w->r->desc->title, job->for_ms / 1000);
		if (host->wait(host->ctx, job->every_ms, "the provider still works on it", e) != 0)
			return -1;
	}
	return rc;
}

/* An answer without a job is done already. */
static int await_job(struct sending *w, const struct body_scope *scope, const struct answer *answer,
		     struct err *e)
{
	const struct desc_job *job = &w->r->desc->job;
	struct body_scope s = { .vars = { .up = &scope->vars } };
	if (!job->given)
		return 0;
	const char *id = job->id != NULL ? body_text_at(w->a, answer->json, job->id) : NULL;
	const char *url = job->url != NULL ? body_text_at(w->a, answer->json, job->url) : NULL;
	if (id == NULL && url == NULL)
		return 0;
	vars_set(&s.vars, w->a, "job", id);
	vars_set(&s.vars, w->a, "job_url", url);
	return job_wait(w, &(struct exchange){ .request = &job->poll, .scope = &s }, e);
}

/* -- requests -- */

static int send_request(struct sending *w, const struct desc_request *request,
			const struct body_scope *scope, struct err *e)
{
	const struct exchange x = {
		.request = request, .scope = scope, .writes = true, .once = w->once
	};
	struct answer answer;
	int rc = rest_exchange(w->r, w->a, &x, &answer, e);
	w->unknown |= rc != 0 && answer.class == CLASS_UNKNOWN;
	w->limited = rc != 0 && answer.class == CLASS_LIMIT;
	w->wait_ms = answer.wait_ms;
	if (rc == 0) {
		rc = rest_take(w->r, &request->take, answer.json, e);
		rc = rc == 0 ? await_job(w, scope, &answer, e) : rc;
		w->unknown |= rc != 0; /* it was taken; only reading tells how far it came */
		w->done += rc == 0 ? 1 : 0;
	}
	answer_release(&answer);
	return rc;
}

int send_steps(struct sending *w, const struct desc_steps *steps, const struct difference *differs,
	       const struct body_scope *scope, struct err *e)
{
	for (size_t i = 0; i < steps->n; i++) {
		const struct desc_request *request = &steps->at[i];
		if (request->unless != NULL && vars_get(&scope->vars, request->unless) != NULL)
			continue;
		if (differs != NULL && ((request->when == WHEN_TTL && !differs->ttl) ||
					(request->when == WHEN_VALUES && !differs->values)))
			continue;
		if (send_request(w, request, scope, e) != 0)
			return -1;
	}
	return 0;
}
