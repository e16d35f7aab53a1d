# SPDX-License-Identifier: GPL-2.0-or-later
# Nor is one that failed in another way.
. /guest/lib.sh
expect_denied open-read /no/such/file
