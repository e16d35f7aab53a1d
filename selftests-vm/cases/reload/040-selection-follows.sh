# SPDX-License-Identifier: GPL-2.0-or-later
# What a reload no longer selects is free again, what it selects now is confined, and tasks that wait are both.
. /guest/lib.sh

cgroup /web /mail
attack_set_up
attack_policy /web
bailiff_start
attack_denied in-cgroup /web
attack_allowed in-cgroup /mail
probe in-cgroup /web waiting /run/case/ready-1 /run/case/go open-read /srv/secret &
web=$!
probe in-cgroup /mail in-thread /run/case/ready-2 /run/case/go open-read /srv/secret &
mail=$!
wait_until "the first task" test -e /run/case/ready-1
wait_until "the second task" test -e /run/case/ready-2

attack_policy /mail
bailiff_reload
touch /run/case/go
expect_exit 0 $web
expect_exit 1 $mail
attack_allowed in-cgroup /web
attack_denied in-cgroup /mail
