/*
 * hook.h - named points at which the tests kill the program, to prove that it resumes.
 *
 * In a build without CUTOVER_TEST_HOOKS a point costs nothing and does nothing. With
 * them, CUTOVER_TEST_KILL_AT=NAME[:N] ends the process by SIGKILL at the N-th passing
 * (1 when not given) of the point NAME, and CUTOVER_TEST_LIST_POINTS=FILE appends the
 * name of every point passed, a line each.
 */
#ifndef BASE_HOOK_H
#define BASE_HOOK_H

#ifdef CUTOVER_TEST_HOOKS
/* Passes the point of this name; any thread. */
void hook_point(const char *name);
#else
static inline void hook_point(const char *name)
{
	(void)name;
}
#endif

#endif
