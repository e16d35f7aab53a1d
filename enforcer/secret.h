/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A secret that is not on the machine, only its hash: crypt(5), of the method the system prefers.
 */
#pragma once

#include <stdbool.h>

/* CRYPT_MAX_PASSPHRASE_SIZE of crypt(3), NUL included. */
#define BL_SECRET_MAX 512

/*
 * *ret_hash is freed with free(). -EINVAL: the secret is empty, or too long for the method.
 */
int bl_secret_hash(const char *secret, char **ret_hash) __attribute__((warn_unused_result));

/* false also if the hash is of no method that is known here. Takes a noticeable time. */
bool bl_secret_matches(const char *secret, const char *hash);

/* Whether a hash is one that bl_secret_matches() can be asked about. */
bool bl_secret_is_hash(const char *hash);
