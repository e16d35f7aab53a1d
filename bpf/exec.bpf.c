// SPDX-License-Identifier: GPL-2.0
/*
 * Running programs. bprm_check_security is called for the script and again for its interpreter, so
 * both are decided. It is not called for the ELF interpreter (ld.so), which is mapped.
 */
#include "bpf/check.bpf.h"

SEC("lsm/bprm_check_security")
int BPF_PROG(bl_bprm_check_security, struct linux_binprm *bprm, int prev)
{
	const struct bl_label *label;

	if (prev)
		return prev;
	label = subject_current();
	if (!label)
		return 0;
	return check_path(label, &bprm->file->f_path, BL_SECTION_EXEC, 1u << BL_EXEC_EXECUTE,
			  BL_OP_EXEC);
}
