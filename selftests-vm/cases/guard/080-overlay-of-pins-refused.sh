# SPDX-License-Identifier: GPL-2.0-or-later
# An overlay with a bpffs as its upper layer would remove what is in there without a hook of ours. The kernel mounts none:
# if this fails, tree.bpf.c has to guard pins in other hooks.
. /guest/lib.sh

module overlay
mkdir -p /srv/lower /srv/merged /srv/upper /srv/work /sys/fs/bpf/upper /sys/fs/bpf/work
mount -t overlay -o lowerdir=/srv/lower,upperdir=/srv/upper,workdir=/srv/work overlay /srv/merged
umount /srv/merged
if mount -t overlay -o lowerdir=/srv/lower,upperdir=/sys/fs/bpf/upper,workdir=/sys/fs/bpf/work overlay /srv/merged; then
	umount /srv/merged
	fail "an overlay of a bpffs is mounted"
fi
rm -r /sys/fs/bpf/upper /sys/fs/bpf/work
