// SPDX-License-Identifier: GPL-2.0-or-later
#include "enforcer/escape.h"

#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

/*
 * C0, DEL and C1 controls, line and paragraph separators, and the characters that turn the
 * direction of what follows: with those a path can make a record read as something else.
 */
static bool is_printable(uint32_t code)
{
	if (code < 0x20 || (code >= 0x7f && code < 0xa0))
		return false;
	if (code == 0x061c || code == 0x200e || code == 0x200f)
		return false;
	return !(code >= 0x2028 && code <= 0x202e) && !(code >= 0x2066 && code <= 0x2069);
}

/* Length of the printable character at the start of bytes; 0 if there is none (RFC 3629). */
static size_t printable_len(const unsigned char *bytes, size_t len)
{
	uint32_t code = bytes[0];
	uint32_t least = 0;
	size_t want = 1;

	if (code >= 0xf0 && code <= 0xf4) {
		want = 4;
		least = 0x10000;
		code &= 0x07;
	} else if (code >= 0xe0 && code <= 0xef) {
		want = 3;
		least = 0x800;
		code &= 0x0f;
	} else if (code >= 0xc2 && code <= 0xdf) {
		want = 2;
		least = 0x80;
		code &= 0x1f;
	} else if (code >= 0x80) {
		return 0;
	}
	if (want > len)
		return 0;

	for (size_t i = 1; i < want; i++) {
		if ((bytes[i] & 0xc0) != 0x80)
			return 0;
		code = code << 6 | (bytes[i] & 0x3f);
	}
	if (code < least || code > 0x10ffff || (code >= 0xd800 && code <= 0xdfff))
		return 0;
	return is_printable(code) ? want : 0;
}

static char *escape(const unsigned char *bytes, size_t len, bool is_backslash_doubled)
{
	static const char digits[] = "0123456789abcdef";
	char *text;
	char *out;

	if (len > (SIZE_MAX - 1) / 4)
		return NULL;
	text = malloc(len * 4 + 1);
	if (!text)
		return NULL;

	out = text;
	for (size_t i = 0; i < len;) {
		size_t n = printable_len(bytes + i, len - i);

		if (n == 0) {
			*out++ = '\\';
			*out++ = 'x';
			*out++ = digits[bytes[i] >> 4];
			*out++ = digits[bytes[i] & 15];
			i++;
			continue;
		}
		if (bytes[i] == '\\' && is_backslash_doubled)
			*out++ = '\\';
		memcpy(out, bytes + i, n);
		out += n;
		i += n;
	}
	*out = '\0';
	return text;
}

char *bl_escape(const void *bytes, size_t len)
{
	return escape(bytes, len, true);
}

char *bl_escape_controls(const char *text)
{
	return escape((const unsigned char *)text, strlen(text), false);
}

static bool is_hex(char c)
{
	return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f');
}

static unsigned hex_value(char c)
{
	return (unsigned)(c <= '9' ? c - '0' : c - 'a' + 10);
}

char *bl_unescape(const char *text)
{
	char *bytes = malloc(strlen(text) + 1);
	char *out = bytes;

	while (bytes && *text) {
		if (text[0] == '\\' && text[1] == '\\') {
			*out++ = '\\';
			text += 2;
		} else if (text[0] == '\\' && text[1] == 'x' && is_hex(text[2]) &&
			   is_hex(text[3])) {
			*out++ = (char)(hex_value(text[2]) << 4 | hex_value(text[3]));
			text += 4;
		} else {
			*out++ = *text++;
		}
	}
	if (bytes)
		*out = '\0';
	return bytes;
}
