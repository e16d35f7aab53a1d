// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * A table of any bytes at all: evaluating reads nothing outside of it, ends, and answers with a verdict. The first
 * byte is the length of the key that follows; the second may put a header in front whose walk begins behind it.
 */
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "enforcer/evaluate.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define require(condition)                                                                         \
	do {                                                                                       \
		if (!(condition))                                                                  \
			abort();                                                                   \
	} while (0)

/* Exactly as long as what it holds, so that the sanitizer sees every byte too many. */
static uint8_t *make_table(const uint8_t *data, size_t size, unsigned header_byte,
			   size_t *ret_bytes)
{
	const size_t header = header_byte & 1 ? sizeof(struct bl_table_header) : 0;
	uint8_t *table = malloc(header + size);

	*ret_bytes = header + size;
	if (!table || !(header + size))
		return table;
	memcpy(table + header, data, size);
	if (header) {
		struct bl_table_header *made = (struct bl_table_header *)(void *)table;

		for (unsigned byte = 0; byte < 256; byte++)
			made->classes[byte] = (uint16_t)((header_byte & 0xf8) + byte % 4 * 8);
		made->start = sizeof(*made);
		made->sinks = UINT32_MAX;
		made->size_bytes = (uint32_t)*ret_bytes;
		made->states = 1;
	}
	return table;
}

static void try_table(const uint8_t *table, size_t bytes, const uint8_t *key, size_t key_len)
{
	struct bl_selected selected;

	for (unsigned section = 0; section <= BL_SECTION_COUNT; section++)
		for (unsigned permission = 0; permission <= BL_PERMISSIONS_MAX; permission++) {
			struct bl_decided decided =
				bl_evaluate(table, bytes, key, key_len, (enum bl_section)section,
					    permission, UINT64_C(0x5555555555555555));

			require(decided.verdict < BL_VERDICT_COUNT);
			require(!(decided.flags & ~(BL_DECISION_RECORD | BL_DECISION_WOULD)));
		}
	(void)bl_evaluate_beyond(table, bytes, key, key_len);
	selected = bl_evaluate_selectors(table, bytes, (const char *)key, key_len);
	if (bytes < sizeof(struct bl_table_header) + sizeof(selected))
		require(!selected.profile && !selected.is_own);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	uint8_t *table;
	size_t key_len;
	size_t bytes;

	if (size < 2)
		return 0;
	key_len = data[0] < size - 2 ? data[0] : size - 2;
	table = make_table(data + 2 + key_len, size - 2 - key_len, data[1], &bytes);
	if (!table)
		return 0;
	try_table(table, bytes, data + 2, key_len);
	free(table);
	return 0;
}
