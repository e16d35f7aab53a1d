// SPDX-License-Identifier: GPL-2.0-or-later
#include "enforcer/policy_address.h"

#include <arpa/inet.h>
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#define PORT_MAX 65535u

static const uint8_t mapped_prefix[12] = {[10] = 0xff, [11] = 0xff};

static int refuse(struct bl_address_error *error, size_t offset, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

static int refuse(struct bl_address_error *error, size_t offset, const char *format, ...)
{
	va_list arguments;

	error->offset = offset;
	va_start(arguments, format);
	vsnprintf(error->message, sizeof(error->message), format, arguments);
	va_end(arguments);
	return -EINVAL;
}

/*
 * Decimal digits only, no sign, no blanks; what follows them is the caller's to judge. Returns
 * their number.
 */
static size_t parse_number(const char *text, size_t len, unsigned max, unsigned *ret_number)
{
	unsigned number = 0;
	size_t i;

	for (i = 0; i < len && text[i] >= '0' && text[i] <= '9'; i++) {
		number = number * 10 + (unsigned)(text[i] - '0');
		if (number > max)
			return 0;
	}
	*ret_number = number;
	return i;
}

static bool has_host_bits(const struct bl_net *net)
{
	unsigned bits = net->is_ipv6 ? 128 : 32;

	for (unsigned i = net->prefix_len; i < bits; i++) {
		if (net->address[i / 8] >> (7 - i % 8) & 1)
			return true;
	}
	return false;
}

static int refuse_host_bits(const struct bl_net *net, struct bl_address_error *error)
{
	struct bl_net masked = *net;
	char text[INET6_ADDRSTRLEN] = "";

	for (unsigned i = net->prefix_len; i < (net->is_ipv6 ? 128 : 32); i++)
		masked.address[i / 8] &= (uint8_t) ~(1u << (7 - i % 8));
	inet_ntop(net->is_ipv6 ? AF_INET6 : AF_INET, masked.address, text, sizeof(text));
	return refuse(error, 0, "the address has bits set beyond its prefix: expected '%s/%u'",
		      text, net->prefix_len);
}

/* The address alone, and the prefix of a single host. */
static int parse_host(const char *text, size_t len, struct bl_net *ret_net,
		      struct bl_address_error *error)
{
	struct bl_net net = {0};
	char copy[INET6_ADDRSTRLEN];

	if (len >= sizeof(copy) || memchr(text, '\0', len))
		return refuse(error, 0, "'%.*s' is no address: expected IPv4 or IPv6", (int)len,
			      text);
	memcpy(copy, text, len);
	copy[len] = '\0';

	if (inet_pton(AF_INET, copy, net.address) == 1) {
		net.prefix_len = 32;
	} else if (inet_pton(AF_INET6, copy, net.address) == 1) {
		net.is_ipv6 = true;
		net.prefix_len = 128;
	} else {
		return refuse(error, 0, "'%s' is no address: expected IPv4 or IPv6", copy);
	}
	*ret_net = net;
	return 0;
}

/* What is mapped is decided under its IPv4 address and must be written so in the tables too. */
static void unmap(struct bl_net *net)
{
	if (!net->is_ipv6 || net->prefix_len < 96 ||
	    memcmp(net->address, mapped_prefix, sizeof(mapped_prefix)))
		return;

	memmove(net->address, net->address + 12, 4);
	memset(net->address + 4, 0, 12);
	net->is_ipv6 = false;
	net->prefix_len -= 96;
}

/* "/LEN" after an address. */
static int parse_prefix(const char *text, size_t len, size_t offset, struct bl_net *net,
			struct bl_address_error *error)
{
	unsigned bits = net->is_ipv6 ? 128 : 32;
	unsigned prefix_len;
	size_t digits = parse_number(text + 1, len - 1, bits, &prefix_len);

	if (!digits || digits != len - 1)
		return refuse(error, offset, "'%.*s' is no prefix length: expected '/0' to '/%u'",
			      (int)len, text, bits);
	net->prefix_len = (uint8_t)prefix_len;
	return 0;
}

struct net_text {
	size_t host; /* offset */
	size_t host_len;
	const char *slash; /* or NULL */
};

/*
 * "ADDRESS[/LEN]", "[ADDRESS]", "[ADDRESS/LEN]" or "[ADDRESS]/LEN" to where address and prefix
 * stand.
 */
static int find_parts(const char *text, size_t len, struct net_text *parts,
		      struct bl_address_error *error)
{
	const char *slash = memchr(text, '/', len);
	const char *close = memchr(text, ']', len);

	parts->slash = slash;
	if (!len || *text != '[') {
		parts->host_len = slash ? (size_t)(slash - text) : len;
		return 0;
	}
	if (!close || (close != text + len - 1 && slash != close + 1))
		return refuse(error, 0, "'%.*s' is no address: expected '[ADDRESS]'", (int)len,
			      text);

	parts->host = 1;
	parts->host_len = (size_t)((slash && slash < close ? slash : close) - text) - 1;
	return 0;
}

int bl_net_parse(const char *text, size_t len, struct bl_net *ret_net,
		 struct bl_address_error *reterr_error)
{
	struct net_text parts = {0};
	struct bl_net net = {0};
	int r;

	r = find_parts(text, len, &parts, reterr_error);
	if (r < 0)
		return r;
	r = parse_host(text + parts.host, parts.host_len, &net, reterr_error);
	if (r < 0) {
		reterr_error->offset += parts.host;
		return r;
	}
	if (parts.host && !net.is_ipv6)
		return refuse(reterr_error, 0, "IPv4 in brackets: only IPv6 is written so");

	if (parts.slash) {
		size_t offset = (size_t)(parts.slash - text);
		size_t prefix_len = len - offset - (text[len - 1] == ']');

		r = parse_prefix(parts.slash, prefix_len, offset, &net, reterr_error);
		if (r < 0)
			return r;
	}
	if (has_host_bits(&net))
		return refuse_host_bits(&net, reterr_error);

	unmap(&net);
	*ret_net = net;
	return 0;
}

static int parse_port(const char *text, size_t len, size_t offset, unsigned *ret_port,
		      struct bl_address_error *error)
{
	size_t digits = parse_number(text, len, PORT_MAX, ret_port);

	if (!digits || digits != len)
		return refuse(error, offset, "'%.*s' is no port: expected 0 to %u", (int)len, text,
			      PORT_MAX);
	return 0;
}

/* What follows the ':'. */
static int parse_ports(const char *text, size_t offset, struct bl_endpoint *endpoint,
		       struct bl_address_error *error)
{
	const char *dash = strchr(text, '-');
	size_t low_len = dash ? (size_t)(dash - text) : strlen(text);
	unsigned low, high;
	int r;

	if (!strcmp(text, "*"))
		return 0;

	r = parse_port(text, low_len, offset, &low, error);
	if (r < 0)
		return r;
	high = low;
	if (dash) {
		r = parse_port(dash + 1, strlen(dash + 1), offset + low_len + 1, &high, error);
		if (r < 0)
			return r;
	}
	if (low > high)
		return refuse(error, offset, "the ports '%s' are upside down: expected '%u-%u'",
			      text, high, low);

	endpoint->port_low = (uint16_t)low;
	endpoint->port_high = (uint16_t)high;
	return 0;
}

/* Where the address ends and ":PORT" begins, or the end of the text. */
static const char *find_port(const char *text)
{
	const char *close = *text == '[' ? strchr(text, ']') : NULL;

	return (close ? close : text) + strcspn(close ? close : text, ":");
}

/* Its colons would be taken for the one in front of a port. */
static bool is_bare_ipv6(const char *text)
{
	char host[INET6_ADDRSTRLEN];
	struct in6_addr address;

	snprintf(host, sizeof(host), "%.*s", (int)strcspn(text, "/"), text);
	return inet_pton(AF_INET6, host, &address) == 1;
}

int bl_endpoint_parse(const char *text, struct bl_endpoint *ret_endpoint,
		      struct bl_address_error *reterr_error)
{
	struct bl_endpoint endpoint = {.port_high = PORT_MAX};
	const char *colon = find_port(text);
	size_t len = (size_t)(colon - text);
	int r;

	if (is_bare_ipv6(text))
		return refuse(reterr_error, 0, "IPv6 without brackets: expected '[%s]'", text);
	if (*text == '[' && !strchr(text, ']'))
		return refuse(reterr_error, 0, "'%s' has no ']'", text);

	if (len == 1 && *text == '*') {
		endpoint.is_any = true;
	} else if (*text == '@') {
		endpoint.set = text + 1;
		endpoint.set_len = len - 1;
	} else {
		r = bl_net_parse(text, len, &endpoint.net, reterr_error);
		if (r < 0)
			return r;
	}

	if (*colon) {
		endpoint.has_port = true;
		r = parse_ports(colon + 1, len + 1, &endpoint, reterr_error);
		if (r < 0)
			return r;
	}
	*ret_endpoint = endpoint;
	return 0;
}

void bl_net_resolve_target(struct bl_net *net)
{
	static const uint8_t unspecified[16];

	if (net->prefix_len != (net->is_ipv6 ? 128 : 32) ||
	    memcmp(net->address, unspecified, 16) != 0)
		return;

	if (net->is_ipv6) {
		net->address[15] = 1;
	} else {
		net->address[0] = 127;
		net->address[3] = 1;
	}
}
