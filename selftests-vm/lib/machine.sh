# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash disable=SC2034,SC2154 # its variables cross files
# One throw-away virtual machine: no network, three serial ports.
#   ttyS0  the kernel's console, to a file
#   ttyS1  what the guest prints, as it is
#   ttyS2  what the guest reports to the harness

# Warnings are shown: what the console says is all that a dead machine leaves.
# The emulator on a loaded host may be too slow for the kernel's test of its timer.
readonly BASE_ARGS="console=ttyS0 quiet loglevel=5 panic=-1 oops=panic no_timer_check"
readonly DEFAULT_BOOT="lsm=landlock,lockdown,yama,bpf"

# What machines are made of; the benchmark changes it.
# Two CPUs, but one thread. With a thread for each, on a loaded host, the 6.12 guest died twice of a breakpoint of the
# kernel's live patching where the code held none any more. That the emulator had translated it in the middle of
# the other CPU's write is likely, and not proved; with one thread it has not been seen.
# Without erms and fsrm: the emulator takes as long for each byte of a "rep movsb" as for an instruction.
machine_args=(-accel "tcg,thread=single" -cpu "max,-erms,-fsrm" -smp 2)

readonly QEMU=(qemu-system-x86_64 -m 1024 -display none -nodefaults -no-reboot -net none)

# run_machine KERNEL IMAGE CONSOLE STATUS TIMEOUT_S APPEND [QEMU_ARG...]: ttyS1 is our stdout.
# Replaces the calling (sub)shell. Exit code 124: the machine outlived its time; else it says nothing.
run_machine() {
	local kernel=$1 image=$2 console=$3 status=$4 timeout_s=$5 append=$6
	local vmlinuz
	shift 6
	vmlinuz=$(kernel_image "$kernel") || exit
	exec timeout --kill-after=5 "$timeout_s" "${QEMU[@]}" "${machine_args[@]}" \
		-monitor none -kernel "$vmlinuz" -initrd "$image" -append "$BASE_ARGS $append" \
		-chardev file,id=console,path="$console" -serial chardev:console \
		-chardev stdio,id=output,signal=off -serial chardev:output \
		-chardev file,id=status,path="$status" -serial chardev:status "$@" </dev/null
}

# run_console KERNEL IMAGE APPEND [QEMU_ARG...]: the console is our terminal; Ctrl-A x ends the machine.
run_console() {
	local kernel=$1 image=$2 append=$3
	local vmlinuz
	shift 3
	vmlinuz=$(kernel_image "$kernel") || exit
	"${QEMU[@]}" "${machine_args[@]}" -kernel "$vmlinuz" -initrd "$image" -append "$BASE_ARGS $append" \
		-serial mon:stdio -serial null -serial null "$@"
}
