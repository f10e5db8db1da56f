/*
 * schema.h - the tables, by version (PRAGMA user_version).
 */
#ifndef STORE_SCHEMA_H
#define STORE_SCHEMA_H

#include "store/db.h"

/* The version that this program reads and writes. */
int schema_version(void);
/* What the file has; 0 for an empty one. */
int schema_version_of(struct db *db, int *version_r, struct err *e);
/* Brings the file up to date, one transaction a version: a killed upgrade goes on where
 * it was. ERR_REFUSED for a file of a newer program. */
int schema_upgrade(struct db *db, struct err *e);

#endif
