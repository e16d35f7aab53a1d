# SPDX-License-Identifier: GPL-2.0-or-later
# The story bailiff is for, with the policy it ships: in a web container a miner is written, executed, and connects to
# its pool. Each step is stopped on its own, even if the steps before it had not been.
. /guest/lib.sh

cgroup /web
ip addr add 203.0.113.7/32 dev lo
listen tcp4 203.0.113.7 3333 tcp4 127.0.0.1 9000
program /usr/sbin/nginx
mkdir -p /var/log/nginx
cp /guest/policies/10-miner.ini "$policies/"

expect_allowed in-cgroup /web open-create /tmp/miner
program /tmp/miner
expect_allowed in-cgroup /web exec /tmp/miner
expect_allowed in-cgroup /web connect-tcp4 203.0.113.7 3333
rm /tmp/miner

bailiff_start

expect_denied in-cgroup /web open-create /tmp/miner
expect_records 1 operation=open verdict=deny enforced=true policy=miner object.path=/tmp/miner \
	container.cgroup=/web $(rule 10-miner 'deny = write /tmp/**')
# Put there by another hand.
program /tmp/miner
expect_denied in-cgroup /web exec /tmp/miner
expect_records 1 operation=exec verdict=deny enforced=true policy=miner object.path=/tmp/miner \
	container.cgroup=/web $(rule 10-miner 'deny = /tmp/**')
# By a program that may be executed.
expect_denied in-cgroup /web connect-tcp4 203.0.113.7 3333
expect_records 1 operation=connect verdict=deny enforced=true policy=miner object.address=203.0.113.7 \
	object.port=3333 container.cgroup=/web $(rule 10-miner 'deny  = connect tcp *:3333')
expect_records 3 record=access

expect_allowed in-cgroup /web exec /usr/sbin/nginx
expect_allowed in-cgroup /web open-create /var/log/nginx/access.log
expect_allowed in-cgroup /web connect-tcp4 127.0.0.1 9000
expect_records 3 record=access
ip addr del 203.0.113.7/32 dev lo
rm -r /usr/sbin/nginx /var/log/nginx
