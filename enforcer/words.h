/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Lists of words a file or a command line may use: finding one, and saying what was expected
 * instead of another. No memory is allocated.
 */
#pragma once

#include <stddef.h>

struct bl_words {
	const char *const *items;
	size_t count;
};

#define BL_WORDS(array) ((struct bl_words){array, sizeof(array) / sizeof((array)[0])})

/* Its index, or -1. */
int bl_words_find(struct bl_words words, const char *word);

/* Long enough for every list of the policy language. */
#define BL_EXPECTED_MAX 768

/*
 * "expected allow, deny or kill", with "; did you mean 'deny'?" when one of them is a slip away
 * from given. Cut when it does not fit. Returns buffer.
 */
const char *bl_words_expected(char buffer[BL_EXPECTED_MAX], struct bl_words words,
			      const char *given);
