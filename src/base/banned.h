/*
 * banned.h - calls that have no place in a program that reads hostile bytes. The
 * build includes this file first everywhere; using one of them does not compile.
 */
#ifndef BASE_BANNED_H
#define BASE_BANNED_H

/* The system's headers come first: their own declarations must not trip. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#pragma GCC poison strcpy strcat strncpy strncat sprintf vsprintf gets
#pragma GCC poison strtok strtok_r atoi atol atoll atof
#pragma GCC poison localtime gmtime ctime asctime tmpnam mktemp

#endif
