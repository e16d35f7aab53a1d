# SPDX-License-Identifier: GPL-2.0-or-later
. /guest/lib.sh
name=$(printf '%255s' '' | tr ' ' d)
deep=/srv$(printf '%15s' '' | sed "s| |/$name|g")
mkdir -p "$deep"
cd "$deep"
mkdir "$name"
