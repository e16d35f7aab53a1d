# SPDX-License-Identifier: GPL-2.0-or-later
# timeout: 300
# Each word of [privilege] denies all the calls that use the facility, to who holds all capabilities, and nothing else.
. /guest/lib.sh

readonly WORDS="mount userns chroot bpf perf module keyring io_uring userfaultfd kexec rawio settime syslog quota swap"
MODULE=$(find /lib/modules -name msr.ko)
readonly uses=/run/case/uses

# Each use of a word. What is before a % is done first, outside of the cgroup.
cat >$uses <<END
mount own-mounts % mount-new tmpfs /srv/there
mount own-mounts % bind /srv/tree /srv/there
mount own-mounts bound /srv/tree /srv/tree % remount /srv/tree
mount own-mounts bound /srv/tree /srv/tree % make-private /srv/tree
mount own-mounts bound /srv/tree /srv/tree % move-mount /srv/tree /srv/there
mount own-mounts bound /srv/tree /srv/tree % unmount /srv/tree
mount own-mounts bound /srv/tree /srv/tree % pivot /srv/tree
mount own-mounts bound /srv/tree /srv/tree % configure-again /srv/tree
mount own-mounts bound /srv/tree /srv/tree % change-mounted /srv/tree
mount own-mounts bound /srv/tree /srv/tree % move-tree /srv/tree /srv/there
mount own-mounts % new-tree /srv/tree
mount own-mounts % new-context tmpfs
mount own-mounts % pick-context /
mount own-mounts % new-mount tmpfs
userns new-users unshare
userns new-users clone
userns new-users clone3
chroot change-root /srv
bpf bpf map
bpf bpf program
bpf bpf next
perf perf self
perf perf everybody
module load-module $MODULE
module load-module-bytes $MODULE
module refused-as EAFNOSUPPORT net tipc create
keyring refused-as ENOKEY key add
keyring key ring
keyring key join
keyring refused-as ENOKEY key find
keyring refused-as ENOKEY key request
keyring refused-as ENOKEY key read
io_uring make-ring
userfaultfd faults call
userfaultfd faults device
kexec load-kernel
kexec load-kernel-file /srv/kernel
rawio raw iopl
rawio raw ioperm
rawio raw msr
rawio open-read /dev/mem
rawio open-read /proc/kcore
settime set-time clock
settime set-time day
settime set-time zone
settime set-time adjust
settime set-time shift
syslog kernel-log read
syslog kernel-log size
syslog kernel-log console
syslog open-read /dev/kmsg
syslog open-read /proc/kmsg
quota quota sync
quota quota /srv/disk
swap swap on /srv/disk/swap
swap swap off /srv/disk/swap
END

# What a use may leave behind.
undo() {
	case $* in
	*load-module* | *"raw msr"*) rmmod msr 2>/dev/null || true ;;
	*tipc*)
		if [ -e /sys/module/tipc ]; then
			wait_until "tipc to be unused" rmmod tipc
		fi
		;;
	*"swap on"*) swapoff /srv/disk/swap 2>/dev/null || true ;;
	esac
}

# use STATEMENT CGROUP [VERB... %] VERB...
use() {
	local statement=$1 cgroup=$2 before=
	shift 2
	case "$*" in
	*%*)
		before="$*"
		before=${before%%%*}
		while [ "$1" != % ]; do
			shift
		done
		shift
		;;
	"raw msr") modprobe msr ;;
	"swap off"*) swapon /srv/disk/swap ;;
	esac
	# shellcheck disable=SC2086
	"$statement" $before in-cgroup "$cgroup" "$@"
	undo "$*"
}

# uses_of WORD STATEMENT CGROUP: all of them.
uses_of() {
	local word rest
	while read -r word rest; do
		# shellcheck disable=SC2086
		[ "$word" != "$1" ] || use "$2" "$3" $rest
	done 3<$uses <&3
	swapoff /srv/disk/swap 2>/dev/null || true
}

# first_use_of WORD STATEMENT CGROUP
first_use_of() {
	use "$2" "$3" $(sed -n "s/^$1 //p" $uses | head -n 1)
}

mkdir -p /srv/tree /srv/there
echo none >/srv/kernel
modprobe quota_v2
file_system ext4 /srv/disk 16M -O quota
trap 'umount /srv/disk; echo /sbin/modprobe >/proc/sys/kernel/modprobe' EXIT
dd if=/dev/zero of=/srv/disk/swap bs=1M count=2 2>/dev/null
mkswap /srv/disk/swap >/dev/null
helper /srv/modprobe "/bin/modprobe tipc"
echo /../srv/modprobe >/proc/sys/kernel/modprobe

for word in $WORDS; do
	cgroup "/$word"
	uses_of "$word" expect_allowed "/$word"
done

for word in $WORDS; do
	policy "10-$word" <<-END
		[policy]
		name = $word
		[select]
		cgroup = /$word
		[privilege]
		deny = $word
	END
done
bailiff_start

for word in $WORDS; do
	uses_of "$word" expect_denied "/$word"
	count=$(grep -c "^$word " $uses)
	expect_records "$count" record=access operation=privilege verdict=deny enforced=true mode=enforce \
		policy="$word" permissions.denied='["use"]' object.kind=privilege object.name="$word" \
		container.cgroup="/$word" $(rule "10-$word" "deny = $word")
	expect_counted "$count" "10-$word" "deny = $word"
done
expect_records "$(wc -l <$uses)" record=access

for word in $WORDS; do
	for other in $WORDS; do
		case "$word $other" in
		# A module's signature is checked with keys.
		"$word $word" | "keyring module") ;;
		*) first_use_of "$other" expect_allowed "/$word" ;;
		esac
	done
	uses_of "$word" expect_allowed /
done
expect_records "$(wc -l <$uses)" record=access
