/*
 * report.h - progress from many threads to one callback, a few times a second a mailbox.
 */
#ifndef MIGRATE_REPORT_H
#define MIGRATE_REPORT_H

#include <pthread.h>

#include "migrate/box.h"

struct reporter {
	pthread_mutex_t mutex; /* serialises the callback, guards the rest */
	struct err store_err;  /* the first failure of the store; ERR_NONE */
};

/* A last line, with the reason where there is one. */
void box_report_end(struct box *b, enum mailbox_state state, const struct err *why);

#endif
