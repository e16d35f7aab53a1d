/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Growing arrays and hashing for the compilers. Nothing of it is visible in what they make:
 * hashes only find candidates, equality is always decided by comparing.
 */
#pragma once

#include <errno.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

/* Room for need items of an array that items (a pointer to the array's pointer) holds. */
static inline int bl_grow_sized(void *items, size_t *capacity, size_t size, size_t need)
{
	size_t wanted;
	void *old;
	void *grown;

	if (need <= *capacity)
		return 0;

	wanted = *capacity + *capacity / 2 + 16;
	if (wanted < need)
		wanted = need;
	memcpy(&old, items, sizeof(old));
	grown = reallocarray(old, wanted, size);
	if (!grown)
		return -ENOMEM;
	memcpy(items, &grown, sizeof(grown));
	*capacity = wanted;
	return 0;
}

#define bl_grow(items, capacity, need) bl_grow_sized(items, capacity, sizeof(**(items)), need)

static inline uint64_t bl_hash_add(uint64_t hash, uint64_t value)
{
	hash = (hash ^ value) * UINT64_C(0x9e3779b97f4a7c15);
	return hash ^ (hash >> 32);
}

static inline uint64_t bl_hash_words(const uint32_t *words, size_t count)
{
	uint64_t hash = count;

	for (size_t i = 0; i < count; i++)
		hash = bl_hash_add(hash, words[i]);
	return hash;
}

/*
 * An open hash table of numbers; the owner keeps what they stand for, and their hashes, so that
 * growing needs no call back.
 */
#define BL_INDEX_NONE UINT32_MAX

struct bl_index_slot {
	uint32_t hash;
	uint32_t value;
};

struct bl_index {
	struct bl_index_slot *slots;
	size_t mask;
	size_t count;
};

static inline void bl_index_fini(struct bl_index *index)
{
	free(index->slots);
	*index = (struct bl_index){0};
}

static inline int bl_index_resize(struct bl_index *index, size_t slots)
{
	struct bl_index_slot *old = index->slots;
	size_t old_slots = old ? index->mask + 1 : 0;
	struct bl_index_slot *fresh = reallocarray(NULL, slots, sizeof(*fresh));

	if (!fresh)
		return -ENOMEM;
	memset(fresh, 0xff, slots * sizeof(*fresh));
	for (size_t i = 0; i < old_slots; i++) {
		size_t at = old[i].hash & (slots - 1);

		if (old[i].value == BL_INDEX_NONE)
			continue;
		while (fresh[at].value != BL_INDEX_NONE)
			at = (at + 1) & (slots - 1);
		fresh[at] = old[i];
	}
	free(old);
	index->slots = fresh;
	index->mask = slots - 1;
	return 0;
}

/*
 * Walks the candidates for a hash: *at is any start value of the caller's choosing made by
 * bl_index_first(); returns BL_INDEX_NONE after the last.
 */
static inline size_t bl_index_first(const struct bl_index *index, uint64_t hash)
{
	return hash & index->mask;
}

static inline uint32_t bl_index_next(const struct bl_index *index, uint64_t hash, size_t *at)
{
	if (!index->slots)
		return BL_INDEX_NONE;
	while (index->slots[*at].value != BL_INDEX_NONE) {
		const struct bl_index_slot *slot = &index->slots[*at];

		*at = (*at + 1) & index->mask;
		if (slot->hash == (uint32_t)hash)
			return slot->value;
	}
	return BL_INDEX_NONE;
}

/* Adds a value that is not there. */
static inline int bl_index_add(struct bl_index *index, uint64_t hash, uint32_t value)
{
	size_t at;
	int r;

	if (!index->slots || index->count * 2 > index->mask) {
		r = bl_index_resize(index, index->slots ? (index->mask + 1) * 2 : 64);
		if (r < 0)
			return r;
	}
	at = bl_index_first(index, hash);
	while (index->slots[at].value != BL_INDEX_NONE)
		at = (at + 1) & index->mask;
	index->slots[at] = (struct bl_index_slot){.hash = (uint32_t)hash, .value = value};
	index->count++;
	return 0;
}
