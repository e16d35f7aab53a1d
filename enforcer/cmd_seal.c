// SPDX-License-Identifier: GPL-2.0-or-later
#include <getopt.h>
#include <stdio.h>
#include <string.h>
#include <termios.h>
#include <unistd.h>

#include "enforcer/cmd.h"
#include "enforcer/cmd_engine.h"
#include "enforcer/log.h"
#include "enforcer/secret.h"
#include "enforcer/util.h"

/* Has the daemon do it; what went wrong has been said. */
static enum bl_exit ask(const char *verb, const struct bl_config *config,
			struct json_object *request, struct json_object **ret_reply)
{
	enum bl_exit exit_code;

	if (!request || !bl_json_add_string(request, "request", verb))
		return bl_cmd_out_of_memory(verb);
	exit_code = bl_engine_ask(verb, config, request, ret_reply);
	return exit_code == BL_EXIT_OK ? bl_engine_outcome(verb, *ret_reply) : exit_code;
}

enum bl_exit bl_cmd_seal(int argc, char **argv)
{
	bl_cleanup(bl_engine_options_fini) struct bl_engine_options options = {0};
	bl_cleanup_json struct json_object *request = json_object_new_object();
	bl_cleanup_json struct json_object *reply = NULL;
	enum bl_exit exit_code = bl_engine_options_read(argc, argv, false, &options);

	if (exit_code == BL_EXIT_OK)
		exit_code = ask("seal", &options.config, request, &reply);
	if (exit_code != BL_EXIT_OK)
		return exit_code;
	printf("Sealed. %s\n", bl_json_get_bool(reply, "can_be_opened")
				       ? "'bailiff unseal' opens the seal, with the secret."
				       : "A restart of the machine opens the seal.");
	return BL_EXIT_OK;
}

/* --- opening it --- */

static void wipe(char (*secret)[BL_SECRET_MAX])
{
	explicit_bzero(*secret, sizeof(*secret));
}

/* A line of standard input, without echo if that is a terminal. */
static enum bl_exit read_secret(char secret[BL_SECRET_MAX])
{
	struct termios quiet;
	struct termios before;
	bool is_terminal = tcgetattr(STDIN_FILENO, &before) == 0;
	bool is_read;

	if (is_terminal) {
		quiet = before;
		quiet.c_lflag &= ~(tcflag_t)ECHO;
		fputs("Secret: ", stderr);
		tcsetattr(STDIN_FILENO, TCSAFLUSH, &quiet);
	}
	is_read = fgets(secret, BL_SECRET_MAX, stdin);
	if (is_terminal) {
		tcsetattr(STDIN_FILENO, TCSAFLUSH, &before);
		fputc('\n', stderr);
	}
	if (!is_read || secret[0] == '\n') {
		bl_log(BL_LOG_ERROR, "unseal",
		       "standard input has no secret: a line of text is expected");
		return BL_EXIT_USAGE;
	}
	if (!strchr(secret, '\n') && strlen(secret) == BL_SECRET_MAX - 1) {
		bl_log(BL_LOG_ERROR, "unseal", "the secret is longer than %d bytes",
		       BL_SECRET_MAX - 2);
		return BL_EXIT_USAGE;
	}
	secret[strcspn(secret, "\n")] = '\0';
	return BL_EXIT_OK;
}

static enum bl_exit print_hash(void)
{
	bl_cleanup(wipe) char secret[BL_SECRET_MAX] = "";
	bl_cleanup_free char *hash = NULL;
	enum bl_exit exit_code = read_secret(secret);
	int r;

	if (exit_code != BL_EXIT_OK)
		return exit_code;
	r = bl_secret_hash(secret, &hash);
	if (r < 0) {
		bl_log(BL_LOG_ERROR, "unseal", "the secret cannot be hashed: %s", strerror(-r));
		return BL_EXIT_INTERNAL;
	}
	printf("unseal_hash = %s\n", hash);
	return BL_EXIT_OK;
}

static enum bl_exit open_seal(const struct bl_config *config)
{
	bl_cleanup(wipe) char secret[BL_SECRET_MAX] = "";
	bl_cleanup_json struct json_object *request = json_object_new_object();
	bl_cleanup_json struct json_object *reply = NULL;
	enum bl_exit exit_code = read_secret(secret);

	if (exit_code != BL_EXIT_OK)
		return exit_code;
	if (!request || !bl_json_add_string(request, "secret", secret))
		return bl_cmd_out_of_memory("unseal");
	exit_code = ask("unseal", config, request, &reply);
	if (exit_code == BL_EXIT_OK)
		printf("The seal is open. 'bailiff seal' closes it, and so does a daemon that starts with 'seal = yes'.\n");
	return exit_code;
}

enum bl_exit bl_cmd_unseal(int argc, char **argv)
{
	bl_cleanup(bl_engine_options_fini) struct bl_engine_options options = {0};
	enum bl_exit exit_code;

	if (argc == 2 && strcmp(argv[1], "--hash") == 0)
		return print_hash();
	exit_code = bl_engine_options_read(argc, argv, false, &options);
	return exit_code == BL_EXIT_OK ? open_seal(&options.config) : exit_code;
}
