// SPDX-License-Identifier: GPL-2.0-or-later
#include <stdio.h>
#include <string.h>

#include "enforcer/cmd.h"
#include "enforcer/util.h"

/* clang-format off */
const struct bl_verb bl_verbs[] = {
	{"check", "[--run] FILE|DIR...", "Reads policies and says everything that is wrong with them",
	 "A directory stands for its *.ini files, in byte order of their names.\n\n"
	 "  --run             as 'bailiff run' reads them: with [syscall], and selecting nothing\n\n"
	 "Errors and warnings go to standard error as FILE:LINE:COLUMN: MESSAGE.\n\n"
	 "Exit codes: 0 valid, warnings or not; 1 not valid; 2 usage.\n",
	 bl_cmd_check},
	{"confirm", "[--return] [--config FILE]", "Keeps in force what 'reload --confirm' put there",
	 "  --return          does not wait: what was in force before returns at once\n"
	 "  --config FILE     instead of /etc/bailiff/bailiff.ini\n\n"
	 "Exit codes: 0 confirmed, or returned; 1 configuration not valid, or nothing waits to be\n"
	 "confirmed; 2 usage; 3 no daemon runs; 4 anything else.\n",
	 bl_cmd_confirm},
	{"daemon", "[OPTION...]", "Puts the policies into force and records what they decide",
	 "  --config FILE     instead of /etc/bailiff/bailiff.ini\n"
	 "  --policies PATH   policy file or directory, instead of what the configuration says\n"
	 "  --events FILE     where records go\n"
	 "  --pin-dir DIR     where programs and maps are pinned\n"
	 "  --audit           dry run: nothing is denied, what would have been is recorded\n"
	 "  --stdout          records to standard output too\n"
	 "  --no-sandbox      the daemon keeps all it may do after its start\n"
	 "  --seal            nobody but the daemon can change the engine: see 'bailiff seal'\n"
	 "  --log-level LEVEL error, warning, info or debug\n\n"
	 "SIGHUP reads the policies again and opens the files anew, SIGUSR1 only the latter.\n"
	 "SIGTERM and SIGINT end the daemon; what is in force stays: see 'bailiff unload'.\n\n"
	 "Exit codes: 0 ended by a signal; 1 configuration or policies not valid; 2 usage;\n"
	 "3 the kernel or the machine lacks something; 4 anything else.\n",
	 bl_cmd_daemon},
	{"events", "[-f] [--json] [--file FILE] [--config FILE]", "Prints what was recorded",
	 "  -f, --follow      waits for more, also after the file was rotated\n"
	 "  --json            the records as they are, one JSON object a line\n"
	 "  --file FILE       instead of the file the configuration names; '-' is standard input\n"
	 "  --config FILE     instead of /etc/bailiff/bailiff.ini\n\n"
	 "Exit codes: 0; 1 configuration not valid; 2 usage; 4 the file cannot be read.\n",
	 bl_cmd_events},
	{"explain", "POLICY... OPERATION OBJECT [--by EXE] [--json]",
	 "Says what policies decide about an access, and which line does",
	 "POLICY is a file or a directory; all of them together, as if they selected the same container.\n"
	 "OPERATION OBJECT is one of:\n"
	 "  exec PATH    read PATH    write PATH    create PATH    delete PATH    attr PATH    map PATH\n"
	 "  drift PATH    drift-mount PATH    memory PATH    anonymous\n"
	 "  rename OLD NEW    link OLD NEW\n"
	 "  create PROTOCOL, of a socket, or what follows with one of connect, bind, listen, accept, send:\n"
	 "  connect tcp ADDRESS:PORT    connect icmp ADDRESS    connect netlink\n"
	 "  connect unix PATH    connect unix @NAME    connect unix, each with inside or outside behind it\n\n"
	 "  --by EXE  the executable of the subject\n"
	 "  --json    one JSON object\n\n"
	 "Exit codes: 0 allowed; 1 denied; 2 usage, or policies that are not valid.\n",
	 bl_cmd_explain},
	{"help", "[VERB]", "Lists the verbs, or explains one",
	 "Exit codes: 0; 2 usage.\n",
	 bl_cmd_help},
	{"probe", "[--json] [--config FILE] [--pin-dir DIR]", "Says what of this kernel bailiff can use",
	 "  --json            as one JSON object\n"
	 "  --config FILE     instead of /etc/bailiff/bailiff.ini\n"
	 "  --pin-dir DIR     where programs and maps would be pinned\n\n"
	 "Each feature that is not supported is followed by its remedy.\n\n"
	 "Exit codes: 0 enforcement is possible; 1 configuration not valid; 2 usage; 3 it is not.\n",
	 bl_cmd_probe},
	{"ps", "[--json] [--config FILE]", "Lists containers and what they are bound to",
	 "  --json            as one JSON object\n"
	 "  --config FILE     instead of /etc/bailiff/bailiff.ini\n\n"
	 "Exit codes: 0 listed; 1 configuration not valid; 2 usage; 3 no daemon is running; 4 anything\n"
	 "else.\n",
	 bl_cmd_ps},
	{"reload", "[--confirm TIME] [--config FILE]", "Has the daemon read the policies again",
	 "  --confirm TIME    what was in force before returns by itself after that time, such as\n"
	 "                    60s, 5m or 1h, unless 'bailiff confirm' comes; from 1s to 24h\n"
	 "  --config FILE     instead of /etc/bailiff/bailiff.ini, to find the daemon\n\n"
	 "All or nothing. What is wrong with the policies goes to standard error, as 'bailiff check'\n"
	 "prints it. Refused while another generation waits to be confirmed.\n\n"
	 "Exit codes: 0 in force; 1 refused, nothing has changed; 2 usage; 3 no daemon runs;\n"
	 "4 anything else.\n",
	 bl_cmd_reload},
	{"run", "[OPTION...] --policy FILE... -- COMMAND [ARG...]", "Runs a command under policies, in a cgroup of its own",
	 "  --policy FILE     a policy, whatever it selects; given again, all of them hold\n"
	 "  --audit           dry run: nothing is denied, what would have been is recorded\n"
	 "  --config FILE     instead of /etc/bailiff/bailiff.ini\n\n"
	 "The daemon has to run. Its policies that select the cgroup hold as well; whom they confine already is\n"
	 "refused. [syscall] is applied here only.\n\n"
	 "Exit codes: the command's own; 128 and the number of the signal that ended it; 125 bailiff did not\n"
	 "start it, and says why; 126 it could not be executed, or a policy denied it; 127 it was not found.\n",
	 bl_cmd_run},
	{"seal", "[--config FILE]", "Has the daemon seal the engine: nobody else can change it, root included",
	 "  --config FILE     instead of /etc/bailiff/bailiff.ini\n\n"
	 "Until 'bailiff unseal' or a restart of the machine, stopping, reloading and unloading are\n"
	 "refused, and so is whatever else would end or change enforcement: bailiff(8) has it all.\n\n"
	 "Exit codes: 0 sealed; 1 configuration not valid; 2 usage; 3 no daemon runs; 4 anything else.\n",
	 bl_cmd_seal},
	{"status", "[--json] [--config FILE] [--pin-dir DIR]", "Shows what is in force and what it has done",
	 "  --json            as one JSON object\n"
	 "  --config FILE     instead of /etc/bailiff/bailiff.ini\n"
	 "  --pin-dir DIR     where programs and maps are pinned, if no daemon runs\n\n"
	 "Exit codes: 0 something is in force; 1 configuration not valid; 2 usage; 3 nothing is;\n"
	 "4 anything else.\n",
	 bl_cmd_status},
	{"test", "FILE|DIR...", "Runs tests of policies",
	 "FILE is a *.test.ini file; a directory stands for all of its.\n\n"
	 "Exit codes: 0 everything is as expected; 1 something is not, or could not be run; 2 usage.\n",
	 bl_cmd_test},
	{"unload", "[--config FILE] [--pin-dir DIR]", "Ends enforcement: removes programs and maps from the kernel",
	 "  --config FILE     instead of /etc/bailiff/bailiff.ini\n"
	 "  --pin-dir DIR     where programs and maps are pinned\n\n"
	 "Refused while a daemon runs.\n\n"
	 "Exit codes: 0 removed; 1 configuration not valid; 2 usage; 3 nothing was there, or not\n"
	 "permitted; 4 anything else.\n",
	 bl_cmd_unload},
	{"unseal", "[--config FILE] | --hash", "Opens the seal, with the secret",
	 "The secret is the first line of standard input; it is not shown when that is a terminal.\n\n"
	 "  --config FILE     instead of /etc/bailiff/bailiff.ini\n"
	 "  --hash            prints the line for bailiff.ini(5) by which the secret will be known\n\n"
	 "Exit codes: 0 open; 1 refused, or configuration not valid; 2 usage, or no secret; 3 no daemon\n"
	 "runs; 4 anything else.\n",
	 bl_cmd_unseal},
};
/* clang-format on */
const size_t bl_verbs_count = BL_ARRAY_LEN(bl_verbs);

static bool wants_help(int argc, char **argv)
{
	for (int i = 1; i < argc && strcmp(argv[i], "--") != 0; i++) {
		if (!strcmp(argv[i], "--help") || !strcmp(argv[i], "-h"))
			return true;
	}
	return false;
}

/* An answer that did not arrive is no success: the disk may be full, or the reader gone. */
static enum bl_exit finish(enum bl_exit code)
{
	if (!fflush(stdout) && !ferror(stdout))
		return code;
	perror("bailiff: cannot write to standard output");
	return code == BL_EXIT_OK ? BL_EXIT_INTERNAL : code;
}

int main(int argc, char **argv)
{
	static char help[] = "help";
	char *help_argv[] = {help, NULL};
	const struct bl_verb *verb;

	if (argc < 2)
		return bl_cmd_usage("", "expected a verb");
	if (!strcmp(argv[1], "--help") || !strcmp(argv[1], "-h"))
		return finish(bl_cmd_help(1, help_argv));
	if (!strcmp(argv[1], "--version")) {
		puts("bailiff " BL_VERSION);
		return finish(BL_EXIT_OK);
	}

	verb = bl_cmd_find(argv[1]);
	if (!verb)
		return bl_cmd_usage("", "unknown verb '%s'", argv[1]);
	if (wants_help(argc - 1, argv + 1)) {
		bl_cmd_print_help(verb);
		return finish(BL_EXIT_OK);
	}
	return finish(verb->run(argc - 1, argv + 1));
}
