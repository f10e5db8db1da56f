/*
 * zonefile.h - the provider "zonefile": a master file (RFC 1035 §5) on this machine,
 * edited in place.
 *
 * What is not planned keeps its bytes: comments, order, layout. The serial is raised, the
 * result is read again and compared before it replaces the file. The name server must be
 * told to load it by whoever runs it. A file that a server writes itself (dynamic update,
 * inline signing) is no case for this provider: use rfc2136.
 */
#ifndef REGISTRARS_ZONEFILE_ZONEFILE_H
#define REGISTRARS_ZONEFILE_ZONEFILE_H

#include "registrars/registrar.h"

extern const struct registrar registrar_zonefile;

#endif
