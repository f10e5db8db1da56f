#include "scenes.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

#include <string.h>

static void look_at_words(size_t i, const struct scene *sc, const struct finding *f)
{
	if (sc->subject != NULL && !str_eq(f->subject, sc->subject))
		fail_msg("scene %zu, %s: subject \"%s\", want \"%s\"", i, sc->check, f->subject,
			 sc->subject);
	if (sc->message != NULL && strstr(f->message, sc->message) == NULL)
		fail_msg("scene %zu, %s: message \"%s\" lacks \"%s\"", i, sc->check, f->message,
			 sc->message);
	if (sc->remedy != NULL && strstr(f->remedy, sc->remedy) == NULL)
		fail_msg("scene %zu, %s: remedy \"%s\" lacks \"%s\"", i, sc->check, f->remedy,
			 sc->remedy);
	assert_true(strlen(f->message) > 20 && strlen(f->remedy) > 10 && strlen(f->subject) > 0);
}

static void run_in(size_t i, const struct scene *sc, enum phase phase, int severity)
{
	struct sample x;
	const struct finding *f = NULL;
	sample_init(&x);
	sc->spoil(&x);
	x.in.phase = phase;
	size_t n = sample_run(&x, sc->check, &f);
	int got = n > 0 ? (int)f->severity : SILENT;
	if (got != severity)
		fail_msg("scene %zu: %s in phase %s: got %d, want %d%s%s", i, sc->check,
			 phase_name(phase), got, severity, n > 0 ? ": " : "",
			 n > 0 ? f->message : "");
	if (n > 0)
		look_at_words(i, sc, f);
	sample_release(&x);
}

static int severity_by_levels(const char *check, enum phase phase)
{
	for (size_t i = 0; i < check_count(); i++) {
		struct check_info info = check_info_at(i);
		if (!str_eq(info.id, check))
			continue;
		switch (info.levels[phase]) {
		case 'b': return SEVERITY_BLOCKER;
		case 'w': return SEVERITY_WARNING;
		case 'i': return SEVERITY_INFO;
		default: return SILENT;
		}
	}
	fail_msg("%s is not in the table", check);
	return SILENT;
}

void scenes_run(const struct scene *scenes, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		const struct scene *sc = &scenes[i];
		if (sc->severity != BY_LEVELS) {
			run_in(i, sc, sc->phase, sc->severity);
			continue;
		}
		for (unsigned p = PHASE_AUDIT; p <= PHASE_POST; p++)
			run_in(i, sc, (enum phase)p, severity_by_levels(sc->check, (enum phase)p));
	}
}

void scenes_cover(const struct check *family, const struct scene *scenes, size_t n)
{
	for (const struct check *row = family; row->run != NULL; row++) {
		bool fires = false;
		bool silent = false;
		for (size_t i = 0; i < n; i++) {
			bool same = str_eq(scenes[i].check, row->info.id);
			fires = fires || (same && scenes[i].severity != SILENT);
			silent = silent || (same && scenes[i].severity == SILENT);
		}
		if (!fires || !silent)
			fail_msg("%s lacks a scene", row->info.id);
	}
}
