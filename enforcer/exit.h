/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Exit codes of the command line, documented in bailiff(8). */
#pragma once

enum bl_exit {
	BL_EXIT_OK = 0,
	BL_EXIT_DENIED = 1,   /* the verdict is no, or the policy is not valid */
	BL_EXIT_USAGE = 2,    /* the command line is wrong */
	BL_EXIT_KERNEL = 3,   /* this kernel or machine lacks what is needed */
	BL_EXIT_INTERNAL = 4, /* anything else: out of memory, I/O */

	/* Of run, whose other codes are the command's */
	BL_EXIT_UNSTARTED = 125, /* bailiff could not start it, whatever the reason */
	BL_EXIT_REFUSED = 126,   /* it was found, and could not be executed */
	BL_EXIT_ABSENT = 127,    /* it was not found */
};
