/*
 * panel.h - how each DNS host's web panel calls things: a table, one row a panel. Private
 * to the provider.
 */
#ifndef REGISTRARS_MANUAL_PANEL_H
#define REGISTRARS_MANUAL_PANEL_H

#include "zone/rrset.h"

enum panel_apex { PANEL_APEX_AT, PANEL_APEX_EMPTY, PANEL_APEX_DOMAIN };

/* One entry of the panel's TTL list; ends with a NULL label. */
struct panel_ttl {
	uint32_t ttl_s;
	const char *label;
};

struct panel {
	const char *id;    /* "godaddy" */
	const char *title; /* "GoDaddy" */
	const char *where; /* the way to the list of records */
	/* Buttons. */
	const char *add, *edit, *remove;
	/* Fields. */
	const char *type, *host, *priority, *ttl; /* ttl NULL: cannot be set */
	const char *address_value, *target_value, *mx_value, *txt_value;
	enum panel_apex apex;
	bool target_dot;              /* host-name targets are typed with a final dot */
	uint32_t ttl_min;             /* 0: no other limit than the list */
	bool ttl_free;                /* any number besides the list */
	const struct panel_ttl *ttls; /* NULL: only numbers */
	const char *const *mx_first; /* before an MX row can hold; NULL-terminated; NULL: nothing */
	const char *const *notes;    /* NULL-terminated */
};

/* NULL-terminated, "generic" last. */
extern const struct panel *const panels[];
/* The row with this id, static; NULL when unknown. */
const struct panel *panel_find(const char *id);
/* The row for a provider's or DNS host's id ("godaddy-v3" is GoDaddy's panel too); NULL: none. */
const struct panel *panel_of_host(const char *id);
/* The field in which the value of a type goes. */
const char *panel_value_field(const struct panel *p, uint16_t type);
/* What to choose for a wanted TTL: the greatest that is not above it, else the least there
 * is. *got_s_r is what the panel will publish; 0 when it cannot be set. */
const char *panel_ttl_choice(struct arena *a, const struct panel *p, uint32_t want_s,
			     uint32_t *got_s_r);

#endif
