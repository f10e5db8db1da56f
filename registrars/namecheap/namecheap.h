/*
 * namecheap.h - a zone at Namecheap, by its XML API, which can only replace all of a domain's
 * rows at once, the setting of its mail included.
 */
#ifndef REGISTRARS_NAMECHEAP_NAMECHEAP_H
#define REGISTRARS_NAMECHEAP_NAMECHEAP_H

#include "registrars/registrar.h"

extern const struct registrar registrar_namecheap;

#endif
