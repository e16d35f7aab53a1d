// SPDX-License-Identifier: GPL-2.0-or-later
#include "bailiff.skel.h"
#include "enforcer/cmd.h"
#include "enforcer/policy_parse.h"
