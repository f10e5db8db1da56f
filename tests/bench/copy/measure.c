/*
 * measure - runs a command and tells what it cost. For the bench only.
 *
 *   measure RESULT COMMAND ARGUMENT…
 *
 * RESULT gets one line: exit status (128 + signal when killed), then wall, user and system time
 * in microseconds, then the peak resident set of the biggest process of its tree in KiB. Python's
 * own figures would not do: a child is charged with the memory of the process that forked it, and
 * this one has next to none.
 */
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static long long micros(struct timeval t)
{
	return (long long)t.tv_sec * 1000000 + t.tv_usec;
}

static long long now(void)
{
	struct timespec t;
	(void)clock_gettime(CLOCK_MONOTONIC, &t);
	return (long long)t.tv_sec * 1000000 + t.tv_nsec / 1000;
}

int main(int argc, char **argv)
{
	struct rusage used;
	int status;
	if (argc < 3)
		return 2;
	long long began = now();
	pid_t pid = fork();
	if (pid == 0) {
		(void)execvp(argv[2], argv + 2);
		_exit(127);
	}
	if (pid < 0 || wait4(pid, &status, 0, &used) != pid)
		return 2;
	long long wall = now() - began;
	FILE *result = fopen(argv[1], "w");
	if (result == NULL)
		return 2;
	(void)fprintf(result, "%d %lld %lld %lld %ld\n",
		      WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status), wall,
		      micros(used.ru_utime), micros(used.ru_stime), used.ru_maxrss);
	return fclose(result) == 0 ? 0 : 2;
}
