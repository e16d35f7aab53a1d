// SPDX-License-Identifier: GPL-2.0-or-later
#include "enforcer/secret.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "enforcer/util.h"

static void test_hash_matches_its_secret_only(void **state)
{
	static const char *const others[] = {"open sesam", "open sesame ", "Open sesame", ""};
	bl_cleanup_free char *hash = NULL;

	assert_int_equal(bl_secret_hash("open sesame", &hash), 0);
	assert_true(bl_secret_is_hash(hash));
	assert_null(strstr(hash, "sesame"));
	assert_true(bl_secret_matches("open sesame", hash));
	for (size_t i = 0; i < BL_ARRAY_LEN(others); i++)
		assert_false(bl_secret_matches(others[i], hash));
}

static void test_same_secret_twice_is_hashed_differently(void **state)
{
	bl_cleanup_free char *first = NULL;
	bl_cleanup_free char *second = NULL;

	assert_int_equal(bl_secret_hash("open sesame", &first), 0);
	assert_int_equal(bl_secret_hash("open sesame", &second), 0);
	assert_string_not_equal(first, second);
	assert_true(bl_secret_matches("open sesame", second));
}

static void test_what_is_no_secret_is_refused(void **state)
{
	char long_secret[BL_SECRET_MAX + 1];
	char *hash = NULL;

	memset(long_secret, 'x', sizeof(long_secret) - 1);
	long_secret[sizeof(long_secret) - 1] = '\0';
	assert_int_equal(bl_secret_hash("", &hash), -EINVAL);
	assert_int_equal(bl_secret_hash(long_secret, &hash), -EINVAL);
	assert_null(hash);
}

/* A configuration with one of these would be sealed for good by mistake. */
static void test_what_is_no_hash_matches_nothing(void **state)
{
	static const char *const hashes[] = {
		"", "*", "*0", "open sesame", "$y$", "$unknown$salt$hash", "$6$"};

	for (size_t i = 0; i < BL_ARRAY_LEN(hashes); i++) {
		assert_false(bl_secret_matches("open sesame", hashes[i]));
		assert_false(bl_secret_matches("", hashes[i]));
	}
	assert_false(bl_secret_is_hash("open sesame"));
	assert_false(bl_secret_is_hash("*0"));
	assert_false(bl_secret_is_hash(""));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_hash_matches_its_secret_only),
		cmocka_unit_test(test_same_secret_twice_is_hashed_differently),
		cmocka_unit_test(test_what_is_no_secret_is_refused),
		cmocka_unit_test(test_what_is_no_hash_matches_nothing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
