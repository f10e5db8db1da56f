/*
 * preset.h - what is known of the big providers' servers: limits that they do not announce
 * and habits that they do not admit. A table of data; which row holds for a server is decided
 * by what it says of itself, never by its host name.
 */
#ifndef MIGRATE_PRESET_H
#define MIGRATE_PRESET_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum preset_flag {
	PRESET_SIZES_ESTIMATED = 1 << 0,    /* RFC822.SIZE is not the size of BODY[] */
	PRESET_REWRITES = 1 << 1,           /* what is read back is not what was appended */
	PRESET_ONE_PER_MESSAGE_ID = 1 << 2, /* a second APPEND of a Message-ID is merged */
	PRESET_LABELS = 1 << 3,             /* folders are labels; All Mail repeats everything */
	PRESET_FOLDS_CASE = 1 << 4,         /* "trash" and "Trash" are one folder */
	PRESET_TRIMS_NAMES = 1 << 5,        /* no blanks at the ends of a folder's name */
	PRESET_NO_KEYWORDS = 1 << 6,        /* user keywords are refused, whatever it says */
};

struct preset {
	const char *name;            /* as the project file spells it: "gmail" */
	const char *title;           /* for people: "Gmail" */
	unsigned flags;              /* enum preset_flag */
	unsigned lanes_max;          /* connections to one mailbox that are safe; 0: not known */
	unsigned line_max;           /* octets of a command line that are safe */
	unsigned body_line_max;      /* longer lines of a message are refused or broken; 0: none */
	unsigned depth_max;          /* levels of folders; 0: not known */
	uint64_t message_max;        /* bytes of a message, when no APPENDLIMIT is told; 0 */
	const char *const *reserved; /* top folders that cannot be made, in any case; NULL-term. */
	const char *const *dropped;  /* flags that must not be set there; NULL-terminated */
};

/* What a server says of itself; empty texts when it said nothing. */
struct preset_signs {
	const char *greeting, *capability, *id;
};

enum { PRESET_WHY_MAX = 256 };

/* The preset of this name; NULL when there is none. */
const struct preset *preset_by_name(const char *name);
/* The one for servers of which nothing special is known. */
const struct preset *preset_generic(void);
/* What these signs speak for: at least two that agree, or one that only this server's makers
 * use; else generic. `forced` (a preset's name, or NULL) outweighs them. why_r tells which
 * signs it were, for people. */
const struct preset *preset_choose(const struct preset_signs *signs, const char *forced,
				   char why_r[PRESET_WHY_MAX]);
/* True when a top folder of this shown name cannot be made at such a server. */
bool preset_is_reserved(const struct preset *p, const char *shown);
/* True when this flag must not be set at such a server. */
bool preset_drops_flag(const struct preset *p, const char *flag);

#endif
