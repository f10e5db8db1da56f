/*
 * route53.h - the provider "route53": AWS Route 53 by its XML API of 2013-04-01, each request
 * signed (Signature Version 4). A change set is one ChangeBatch that deletes what was there, to the
 * letter, and creates what shall be: Route 53 itself does all of it or nothing, and nothing when
 * somebody else was faster.
 */
#ifndef REGISTRARS_ROUTE53_ROUTE53_H
#define REGISTRARS_ROUTE53_ROUTE53_H

#include "registrars/registrar.h"

extern const struct registrar registrar_route53;

#endif
