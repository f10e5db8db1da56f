/*
 * cpanel.h - a zone on a cPanel server, by UAPI over HTTPS with an API token. The zone's
 * serial goes with every change, and the server refuses one that is not the zone's own.
 */
#ifndef REGISTRARS_CPANEL_CPANEL_H
#define REGISTRARS_CPANEL_CPANEL_H

#include "registrars/registrar.h"

extern const struct registrar registrar_cpanel;

#endif
