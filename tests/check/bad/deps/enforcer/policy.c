// SPDX-License-Identifier: GPL-2.0-or-later
#include <bpf/bpf.h>
#include "enforcer/sensor.h"
