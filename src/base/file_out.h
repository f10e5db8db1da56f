/*
 * file_out.h - a file that a person names for an answer (a report, a plan): whole, or as it was.
 */
#ifndef BASE_FILE_OUT_H
#define BASE_FILE_OUT_H

#include <stdio.h>

#include "base/err.h"
#include "base/str.h"

struct file_out;

/* A regular file is written beside its name and takes it at the end: what is there keeps its mode,
 * a symbolic link keeps pointing at it; a new one has what the umask leaves of 0666. A pipe, a
 * terminal, and a name of an open descriptor (/dev/stdout, /dev/fd/N) are written to as they are:
 * nothing ever takes their names. NULL with ERR_USAGE. */
struct file_out *file_out_open(const char *path, struct err *e);
/* Where to write; what fails shows in file_out_finish. */
FILE *file_out_to(const struct file_out *f);
/* Gives it its name and frees. ERR_WORLD when not all could be written: a regular file is as it
 * was then. */
int file_out_finish(struct file_out *take_f, struct err *e);
/* Gives it up and frees. Takes NULL. */
void file_out_drop(struct file_out *take_f);

/* The three in one. */
int file_out_write(const char *path, struct slice bytes, struct err *e);

#endif
