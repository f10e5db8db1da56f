/* "did you mean": one to three slips, by the word's length, are a typo; more is another word. */
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "config/project.h"

/* A word of three letters with two slips is nearly any other. */
static size_t slips_allowed(const char *word)
{
	size_t len = strlen(word);
	return len <= 3 ? 1 : len <= 7 ? 2 : 3;
}

const char *nearest_word(const char *word, const char *const *words)
{
	const char *best = NULL;
	size_t best_distance = slips_allowed(word) + 1;
	char *typed = mem_strdup(word);
	str_lower(typed);
	for (; *words != NULL; words++) {
		char *known = mem_strdup(*words);
		str_lower(known);
		size_t d = str_distance(typed, known);
		free(known);
		/* "<": of equals the first wins, which is the table's order. */
		if (d < best_distance) {
			best = *words;
			best_distance = d;
		}
	}
	free(typed);
	return best;
}
