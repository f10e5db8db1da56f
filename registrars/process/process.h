/*
 * process.h - a DNS provider that is a program of the user's, in any language, spoken with in
 * lines of JSON (docs/providers-process.md).
 *
 *   command     the program, its arguments behind it, split at blanks; a word without a slash is
 *               cutover-dns-WORD where plugins are installed
 *   timeout     how long it may take for one answer (of a listing: for one line of it)
 *   …           and what the program's own table says
 *
 * Opening starts the program; what it can is known only then (struct registrar, as_opened).
 */
#ifndef REGISTRARS_PROCESS_PROCESS_H
#define REGISTRARS_PROCESS_PROCESS_H

#include "registrars/registrar.h"

extern const struct registrar registrar_process;

#endif
