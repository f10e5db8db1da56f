/*
 * sheet.h - the change sheet: numbered steps with the rows as the panel shows them. Private
 * to the provider.
 */
#ifndef REGISTRARS_MANUAL_SHEET_H
#define REGISTRARS_MANUAL_SHEET_H

#include "registrars/manual/panel.h"
#include "zone/change.h"

/* Appends the sheet: text of 80 columns at most where values allow, made printable. */
void sheet_print(const struct panel *p, const struct change_set *cs, struct buf *out);

#endif
