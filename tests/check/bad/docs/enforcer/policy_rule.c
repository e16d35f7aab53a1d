static const char *const rule_keys[] = {"allow", "shrug"};
