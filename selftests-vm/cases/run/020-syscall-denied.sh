# SPDX-License-Identifier: GPL-2.0-or-later
# timeout: 120
# [syscall]: what is denied fails with EPERM, what kills kills, and everything else works; also where [capability] denies
# what loading a filter takes. In audit mode it works. The
# kernel logs all of it.
. /guest/lib.sh

mkdir -p /srv/dir

# logged N CALL CODE: so often the kernel has logged that system call's number with that return of the filter.
logged() {
	expect_equal "logged of call $2" "$(dmesg | grep -c "type=1326 .* syscall=$2 .*code=$3" || true)" "$1"
}

run_policy try <<-'END'
	[policy]
	name = try
	[syscall]
	allow = rmdir
	deny  = mkdir mkdirat rmdir
	kill  = symlink symlinkat
	audit = sethostname
END

# Without: everything works.
expect_allowed make directory /srv/dir/a

bailiff_start
expect_run 1 --policy /srv/try.ini -- probe make directory /srv/dir/b
expect_run 0 --policy /srv/try.ini -- probe rmdir /srv/dir/a
expect_run 0 --policy /srv/try.ini -- probe open-new /srv/dir/file
expect_run 159 --policy /srv/try.ini -- probe make symlink /srv/dir/c
logged 1 83 0x50000
logged 1 88 0x80000000
expect_run 0 --policy /srv/try.ini -- hostname guest
logged 1 170 0x7ffc0000
expect_allowed make directory /srv/dir/b
expect_allowed rmdir /srv/dir/b

# Children are held as well.
expect_run 1 --policy /srv/try.ini -- sh -c 'probe in-fork make directory /srv/dir/b'

# Nothing but what is allowed: the command is started all the same.
run_policy list <<-'END'
	[policy]
	name = list
	[syscall]
	default = deny
	allow = read write close fstat newfstatat mmap mprotect munmap brk exit_group arch_prctl set_tid_address
	allow = set_robust_list rseq prlimit64 getrandom readlink readlinkat rt_sigaction rt_sigprocmask
	allow = openat open uname getuid getgid geteuid getegid getpid getppid ioctl
END
expect_run 0 --policy /srv/list.ini -- probe open-read /srv/dir/file
expect_run 1 --policy /srv/list.ini -- probe make directory /srv/dir/b
expect_run 1 --policy /srv/list.ini --policy /srv/try.ini -- probe make directory /srv/dir/b

# Without CAP_SYS_ADMIN a filter wants no_new_privs.
run_policy capability <<-'END'
	[policy]
	name = capability
	[capability]
	deny = sys_admin
END
expect_run 1 --policy /srv/capability.ini --policy /srv/try.ini -- probe make directory /srv/dir/b
expect_run 0 --policy /srv/capability.ini --policy /srv/try.ini -- grep -q 'NoNewPrivs:.1' /proc/self/status
expect_run 0 --policy /srv/try.ini -- grep -q 'NoNewPrivs:.0' /proc/self/status

expect_run 0 --audit --policy /srv/try.ini -- probe make directory /srv/dir/b
expect_run 0 --audit --policy /srv/try.ini -- probe make symlink /srv/dir/c
expect_run_gone
expect_records 0 record=access

# A filter that cannot be: said by name, before anything is made.
run_policy wrong <<-'END'
	[policy]
	name = wrong
	[syscall]
	deny = mkdirr
END
expect_run 125 --policy /srv/wrong.ini -- true
run_said "/srv/wrong.ini:4:8: error: unknown system call 'mkdirr'"
run_policy wrong <<-'END'
	[policy]
	name = wrong
	[syscall]
	deny = execve
END
expect_run 125 --policy /srv/wrong.ini -- true
run_said "/srv/wrong.ini:4:8: error: 'execve' starts the command itself"
