/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the policy language means, written down a second time from bailiff-policy(5) alone: slow, by trying
 * everything, and sharing nothing with glob.c, cidr.c and policy_compile.c but the model. Tests and
 * fuzzers compare the tables with it.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "enforcer/policy.h"

#define NAIVE_VARIANTS_MAX 256
#define NAIVE_TOKENS_MAX   256

enum naive_kind {
	NAIVE_LITERAL,
	NAIVE_ONE, /* ? */
	NAIVE_CLASS,
	NAIVE_STAR,     /* zero or more but '/' */
	NAIVE_GLOBSTAR, /* zero or more */
	NAIVE_OPEN,
	NAIVE_COMMA,
	NAIVE_CLOSE,
};

struct naive_token {
	enum naive_kind kind;
	uint8_t byte;
	uint8_t has[32]; /* of a class: a bit for each byte */
};

bool naive_class_has(const struct naive_token *token, uint8_t byte);

/* One way to choose among all alternatives. */
struct naive_variant {
	struct naive_token *tokens;
	size_t count;
};

struct naive_pattern {
	struct naive_variant *variants;
	size_t count;
};

/*
 * false: not a pattern. The reader takes well-formed patterns only for what they are, it does not look for
 * mistakes as glob.c does. Also false when there are more variants or tokens than the maxima.
 */
bool naive_pattern_init(struct naive_pattern *pattern, const char *text);
void naive_pattern_fini(struct naive_pattern *pattern);
bool naive_pattern_matches(const struct naive_pattern *pattern, const uint8_t *text, size_t len);

/* What somebody wants to do something to. */
struct naive_object {
	bool is_address;
	bool is_abstract;
	const uint8_t *text; /* path, or abstract name without '@' */
	size_t text_len;
	bool is_ipv6;
	uint8_t address[16];
	uint16_t port;
	enum bl_network_protocol protocol;
	bool is_socket; /* without an address or a name */
	int family;     /* of such a socket; 0: IPv4 or IPv6, then protocol says which */
	enum bl_section
		facility; /* PROCESS, PRIVILEGE or CAPABILITY, whose object it is; else none */
	unsigned number;  /* enum bl_access of a process */
	enum bl_relation relation;
	enum bl_place peer; /* where that of a unix socket is */
};

bool naive_net_matches(const struct bl_net *net, const struct naive_object *object,
		       uint8_t permission);

/* patterns[i] belongs to rules[i] and is not looked at for addresses. */
struct naive_policy {
	const struct bl_policy *policy;
	struct naive_pattern *patterns;
};

struct naive_answer {
	enum bl_verdict verdict;
	bool is_would;
	bool is_recorded;
	const struct bl_policy *policy; /* NULL: no policy mediates it */
	const struct bl_rule *rule;     /* NULL: the default, or the setting */
	const struct bl_setting *setting;
	bool is_without_line; /* allowed because nothing in the policy says otherwise */
};

/* subjects: the "by" patterns that match the subject, ended by NULL. */
struct naive_answer naive_decide(const struct naive_policy *policies, size_t count,
				 enum bl_section section, unsigned permission,
				 const struct naive_object *object, const char *const *subjects,
				 bool is_audit_forced);
