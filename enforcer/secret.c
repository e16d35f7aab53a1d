// SPDX-License-Identifier: GPL-2.0-or-later
#include "enforcer/secret.h"

#include <crypt.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "enforcer/util.h"

/* More than a stack should hold, and not to be left in memory. */
static void free_crypt_data(struct crypt_data **data)
{
	if (*data)
		explicit_bzero(*data, sizeof(**data));
	free(*data);
}

int bl_secret_hash(const char *secret, char **ret_hash)
{
	bl_cleanup(free_crypt_data) struct crypt_data *data = calloc(1, sizeof(*data));
	bl_cleanup_free char *setting = crypt_gensalt_ra(NULL, 0, NULL, 0);
	const char *hash;

	if (!data || !setting)
		return -ENOMEM;
	if (secret[0] == '\0' || strlen(secret) >= BL_SECRET_MAX)
		return -EINVAL;
	hash = crypt_r(secret, setting, data);
	if (!hash || hash[0] == '*')
		return -EINVAL;
	*ret_hash = strdup(hash);
	return *ret_hash ? 0 : -ENOMEM;
}

/* crypt(3) says of a failure by a hash that begins with '*', which none does that is stored. */
bool bl_secret_matches(const char *secret, const char *hash)
{
	bl_cleanup(free_crypt_data) struct crypt_data *data = calloc(1, sizeof(*data));
	const char *found = data ? crypt_r(secret, hash, data) : NULL;

	return found && found[0] != '*' && strcmp(found, hash) == 0;
}

bool bl_secret_is_hash(const char *hash)
{
	int found = crypt_checksalt(hash);

	return found == CRYPT_SALT_OK || found == CRYPT_SALT_TOO_CHEAP;
}
