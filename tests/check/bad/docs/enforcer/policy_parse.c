static const struct bl_section_parser sections[] = {
	{"exec", bl_parse_exec},
	{"files", bl_parse_file},
};
	static const char *const keys[] = {"name", "nickname"};
	static const char *const modes[] = {"enforce"};
