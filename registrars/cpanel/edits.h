/*
 * edits.h - changes as the parameters of cPanel's mass_edit_zone: lines to add, to edit and to
 * remove, all of them in one request. Only for this folder.
 */
#ifndef REGISTRARS_CPANEL_EDITS_H
#define REGISTRARS_CPANEL_EDITS_H

#include "registrars/cpanel/lines.h"
#include "zone/change.h"

/* Appends the form's body: zone, serial and the edits that lead from `l` to the after-images.
 * Lines that stay as they are, are not named; of the planned RRsets every
 * line must be readable (lines_rrset). ERR_REFUSED for a value that JSON cannot carry (bytes
 * that are no UTF-8). */
int edits_form(struct arena *a, const struct lines *l, const struct change_set *cs,
	       struct buf *form, struct err *e);

#endif
