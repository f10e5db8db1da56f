/*
 * manual.h - the provider "manual": a person changes the zone in a panel; this prints the
 * sheet that tells them how, in the panel's own words.
 *
 * It cannot read or apply: registrar_read and registrar_apply answer ERR_REFUSED, and the
 * DNS itself is watched until the change is there.
 */
#ifndef REGISTRARS_MANUAL_MANUAL_H
#define REGISTRARS_MANUAL_MANUAL_H

#include "registrars/registrar.h"

extern const struct registrar registrar_manual;

/* The value of the option `panel` for a provider's or DNS host's id ("godaddy-v3": "godaddy"),
 * static; NULL when nobody knows that panel's words. */
const char *manual_panel_of(const char *id);

#endif
