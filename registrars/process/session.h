/* session.h - shared by process.c and session.c: one plugin, running or to be started again. */
#ifndef REGISTRARS_PROCESS_SESSION_H
#define REGISTRARS_PROCESS_SESSION_H

#include "base/vec.h"
#include "registrars/process/protocol.h"

struct plugin {
	const struct registrar_host *host; /* borrowed */
	struct arena *a;                   /* owned */
	const char *zone;                  /* canonical */
	struct registrar_program program;
	struct secret *gift;     /* owned: the secrets as the plugin reads them */
	struct secret **secrets; /* owned, program.secret_n of them */
	size_t text_n;           /* the plugin's own options */
	struct registrar_value *texts;
	int timeout_ms;
	struct plugin_hello hello;
	struct registrar row;              /* what as_opened gives */
	struct registrar_running *running; /* owned; NULL: it is to be started */
	int64_t last_id;
};

/* One request and what came back. */
struct asking {
	struct plugin *p;
	const char *method;
	struct js *request; /* owned until asking_end: what is asked, its id set for each try */
	bool writes, lists;
	struct arena *a; /* where RRsets of a listing go … */
	VEC(const struct rrset *) rrsets;
	const struct registrar_names *names; /* … that are at these; NULL: all */
	struct arena *line;                  /* owned: of one line, where most are not kept; NULL */
	size_t listed;                       /* lines of the listing */
	struct plugin_line answer;           /* ok, error or end */
	struct plugin_error error; /* class and words, when it is one; the plugin's arena */
	unsigned logs;
};

/* A request of that method, without further members yet. End it with asking_end. */
struct asking asking_for(struct plugin *p, const char *method);
void asking_end(struct asking *k);

/* Starts the program, says hello, and opens the zone with the options of `config`, NULL when they
 * were checked before. Nothing is done when it runs. */
int plugin_begin(struct plugin *p, const struct registrar_config *config, struct err *e);
/* An error on its way out: the secrets are taken out of it. -1. */
int plugin_fail(const struct plugin *p, struct err *e);
/* Ends it; it is begun anew when it is needed. */
void plugin_end(struct plugin *p);
/* Asks; waits and asks again where the answer is that there were too many requests and that none
 * of this one was done. 0: answer is ok or end. -1 with answer.kind PLUGIN_ERROR (told, released):
 * the plugin refused. -1 without: there was no answer, and the program was ended. */
int plugin_ask(struct asking *k, struct err *e);

#endif
