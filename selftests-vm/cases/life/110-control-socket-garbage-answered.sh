# SPDX-License-Identifier: GPL-2.0-or-later
# timeout: 180
# The control socket answers root and hangs up on everybody else; garbage, endless requests and clients that say
# nothing cost the daemon neither its life nor its time.
. /guest/lib.sh

readonly socket=/run/bailiff/bailiff.sock

cgroup /web
secret /srv/secret
policy 10-web <<-'END'
	[policy]
	name = web
	[select]
	cgroup = /web
	[file]
	deny = read /srv/secret
END
bailiff_start
expect_allowed ask $socket
expect_equal "the socket's mode" "$(stat -c %a $socket)" 600

# Also where the file's mode would let others in. The root of a user namespace is root if it is so outside.
chmod 666 $socket
expect_denied as-user 65534 ask $socket
expect_allowed own-users ask $socket

expect_allowed garbage $socket &
garbage=$!
for _ in 1 2 3; do
	expect_equal "policies" "$(status_value '.policies | length')" 1
done
expect_denied in-cgroup /web open-read /srv/secret
expect_records 1 object.path=/srv/secret
expect_exit 0 $garbage
bailiff_reload
expect_equal "policies" "$(status_value '.policies | length')" 1
expect_equal "the daemon" "$(status_value .daemon.pid)" "$daemon"
