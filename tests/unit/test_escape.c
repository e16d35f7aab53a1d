// SPDX-License-Identifier: GPL-2.0-or-later
#include "enforcer/escape.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "enforcer/util.h"

static int hex(char digit)
{
	return digit <= '9' ? digit - '0' : digit - 'a' + 10;
}

/* What bailiff-events.5 tells readers to do. Returns the length. */
static size_t unescape(const char *text, unsigned char *bytes)
{
	size_t len = 0;

	while (*text) {
		if (text[0] != '\\') {
			bytes[len++] = (unsigned char)*text++;
		} else if (text[1] == '\\') {
			bytes[len++] = '\\';
			text += 2;
		} else {
			assert_int_equal(text[1], 'x');
			bytes[len++] = (unsigned char)(hex(text[2]) << 4 | hex(text[3]));
			text += 4;
		}
	}
	return len;
}

static void test_text_is_safe_and_reads_well(void **state)
{
	static const struct {
		const char *bytes;
		const char *text;
	} cases[] = {
		{"", ""},
		{"/usr/bin/sh", "/usr/bin/sh"},
		{"/a\nb", "/a\\x0ab"},
		{"/a\\b", "/a\\\\b"},
		{"/a\\x0a", "/a\\\\x0a"},
		{"\x7f\x1b[31m", "\\x7f\\x1b[31m"},
		{"/gr\xc3\xbc\xc3\x9f", "/gr\xc3\xbc\xc3\x9f"},
		{"\xe2\x82\xac", "\xe2\x82\xac"},
		{"\xf0\x9f\x98\x80", "\xf0\x9f\x98\x80"},
		{"\xff\xfe", "\\xff\\xfe"},
		{"\xc0\xaf", "\\xc0\\xaf"},                   /* over-long */
		{"\xe0\x80\xaf", "\\xe0\\x80\\xaf"},          /* over-long */
		{"\xf0\x80\x80\xaf", "\\xf0\\x80\\x80\\xaf"}, /* over-long */
		{"\xed\xa0\x80", "\\xed\\xa0\\x80"},          /* surrogate */
		{"\xf4\x90\x80\x80", "\\xf4\\x90\\x80\\x80"}, /* beyond U+10FFFF */
		{"\xe2\x82", "\\xe2\\x82"},                   /* cut */
		{"\xc3(", "\\xc3("},
		{"\xc2\x9b", "\\xc2\\x9b"},          /* C1: CSI */
		{"\xe2\x80\xae", "\\xe2\\x80\\xae"}, /* right-to-left override */
		{"\xe2\x80\xa8", "\\xe2\\x80\\xa8"}, /* line separator */
	};

	for (size_t i = 0; i < BL_ARRAY_LEN(cases); i++) {
		bl_cleanup_free char *text = bl_escape(cases[i].bytes, strlen(cases[i].bytes));

		assert_non_null(text);
		assert_string_equal(text, cases[i].text);
	}
}

static void test_bytes_can_be_had_back(void **state)
{
	uint32_t random = 12345;

	for (unsigned round = 0; round < 20000; round++) {
		unsigned char bytes[40];
		unsigned char back[40];
		bl_cleanup_free char *ours = NULL;
		bl_cleanup_free char *text = NULL;
		size_t len;

		random = random * 1664525 + 1013904223;
		len = random >> 16 & 31;
		for (size_t i = 0; i < len; i++) {
			/* Mostly bytes that begin, continue or break characters, and backslashes. */
			static const unsigned char likely[] =
				"\\x0\xc3\xbc\xe2\x82\xac\xf0\x9f\x80\x9b\x00\n";

			random = random * 1664525 + 1013904223;
			bytes[i] = random & 0x800000 ? likely[(random >> 24) % (sizeof(likely) - 1)]
						     : (unsigned char)(random >> 24);
		}
		text = bl_escape(bytes, len);
		assert_non_null(text);
		for (const char *c = text; *c; c++)
			assert_true((unsigned char)*c >= 0x20 && *c != 0x7f);
		assert_int_equal(unescape(text, back), len);
		assert_memory_equal(back, bytes, len);
		ours = bl_unescape(text);
		assert_non_null(ours);
		assert_memory_equal(ours, bytes, len);
	}
}

static void test_controls_only_leaves_backslashes(void **state)
{
	bl_cleanup_free char *text = bl_escape_controls("a\\x0a\n\xff");

	assert_non_null(text);
	assert_string_equal(text, "a\\x0a\\x0a\\xff");
}

static void test_what_is_not_escaped_stays(void **state)
{
	static const char *const texts[] = {"",     "a",     "\\",    "a\\", "\\x",
					    "\\x0", "\\xg0", "\\X00", "\\n"};

	for (size_t i = 0; i < BL_ARRAY_LEN(texts); i++) {
		bl_cleanup_free char *bytes = bl_unescape(texts[i]);

		assert_non_null(bytes);
		assert_string_equal(bytes, texts[i]);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_text_is_safe_and_reads_well),
		cmocka_unit_test(test_bytes_can_be_had_back),
		cmocka_unit_test(test_what_is_not_escaped_stays),
		cmocka_unit_test(test_controls_only_leaves_backslashes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
