/*
 * special.h - what well-known folder names are for, in the languages of mail programs.
 */
#ifndef MIGRATE_SPECIAL_H
#define MIGRATE_SPECIAL_H

/* The special use ("\Sent") that a top folder of this shown name has by custom, or NULL. */
const char *special_by_name(const char *shown);

#endif
