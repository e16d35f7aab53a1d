// SPDX-License-Identifier: GPL-2.0-or-later
#include "enforcer/words.h"

#include <stdio.h>
#include <string.h>

/* Words longer than this are taken for no slip of each other. */
#define SLIP_LENGTH_MAX 32

int bl_words_find(struct bl_words words, const char *word)
{
	for (size_t i = 0; i < words.count; i++) {
		if (!strcmp(words.items[i], word))
			return (int)i;
	}
	return -1;
}

static size_t min(size_t a, size_t b)
{
	return a < b ? a : b;
}

/*
 * Letters to insert, remove, replace or swap with their neighbour; SLIP_LENGTH_MAX for long words.
 */
static size_t distance(const char *a, const char *b)
{
	size_t a_len = strlen(a), b_len = strlen(b);
	size_t rows[SLIP_LENGTH_MAX + 1][SLIP_LENGTH_MAX + 1];

	if (a_len > SLIP_LENGTH_MAX || b_len > SLIP_LENGTH_MAX)
		return SLIP_LENGTH_MAX;

	for (size_t i = 0; i <= a_len; i++) {
		for (size_t j = 0; j <= b_len; j++) {
			if (!i || !j) {
				rows[i][j] = i + j;
				continue;
			}
			rows[i][j] = min(rows[i - 1][j] + 1, rows[i][j - 1] + 1);
			rows[i][j] = min(rows[i][j], rows[i - 1][j - 1] + (a[i - 1] != b[j - 1]));
			if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1])
				rows[i][j] = min(rows[i][j], rows[i - 2][j - 2] + 1);
		}
	}
	return rows[a_len][b_len];
}

static const char *nearest(struct bl_words words, const char *given)
{
	const char *best = NULL;
	size_t best_distance = strlen(given) > 4 ? 3 : 2;

	for (size_t i = 0; i < words.count; i++) {
		size_t slips = distance(words.items[i], given);

		if (slips < best_distance && slips < strlen(words.items[i])) {
			best = words.items[i];
			best_distance = slips;
		}
	}
	return best;
}

const char *bl_words_expected(char buffer[BL_EXPECTED_MAX], struct bl_words words,
			      const char *given)
{
	const char *guess = nearest(words, given);
	size_t len = (size_t)snprintf(buffer, BL_EXPECTED_MAX, "expected ");

	for (size_t i = 0; i < words.count && len < BL_EXPECTED_MAX; i++) {
		const char *joint = !i ? "" : i + 1 < words.count ? ", " : " or ";

		len += (size_t)snprintf(buffer + len, BL_EXPECTED_MAX - len, "%s%s", joint,
					words.items[i]);
	}
	if (guess && len < BL_EXPECTED_MAX)
		snprintf(buffer + len, BL_EXPECTED_MAX - len, "; did you mean '%s'?", guess);
	return buffer;
}
