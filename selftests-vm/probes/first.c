// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * An entry point whose first instructions are an open: of "/secret", to be read. Its exit codes are
 * none of a runtime's own: 0 did it, 71 denied with EPERM, 73 failed otherwise.
 */
#include <errno.h>
#include <fcntl.h>
#include <sys/syscall.h>

static long system_call(long number, long first, long second)
{
	long result;

	__asm__ volatile("syscall"
			 : "=a"(result)
			 : "a"(number), "D"(first), "S"(second), "d"(0L)
			 : "rcx", "r11", "memory");
	return result;
}

void _start(void);
void _start(void)
{
	long fd = system_call(SYS_open, (long)"/secret", O_RDONLY);

	system_call(SYS_exit_group, fd >= 0 ? 0 : fd == -EPERM ? 71 : 73, 0);
	__builtin_unreachable();
}
