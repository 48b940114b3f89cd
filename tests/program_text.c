/* What base/program.h declares, for tests: the program's own text has the commit in it, and each
 * commit would link all of them again. */
#include "base/program.h"

const char program_version[] = "0.0.0 (tests)";
const char program_date[] = "2000-01-01";
const char program_libmd[] = "0.0.0";
const char program_share[] = "../share/mlpsweep";
