/* What the build says of the program: its version, and where its files are once it is installed. */
#ifndef MLPSWEEP_BASE_PROGRAM_H
#define MLPSWEEP_BASE_PROGRAM_H

#include "base/arena.h"

/** The version with the commit that it was built from: "1.0.0 (0123456789ab)". The commit ends in
 * "-dirty" where files differed from it, and is left out where there is no repository. */
extern const char program_version[];

/** What compiled it. */
extern const char program_compiler[];

/** The day of the release, as YYYY-MM-DD. */
extern const char program_date[];

/** The version of libmd that it was built with: the library cannot be asked. */
extern const char program_libmd[];

/** From the folder of the installed program to the folder of its files: "../share/mlpsweep". */
extern const char program_share[];

/** The path of an installed file of that folder; NULL where it is not there, as in a folder that
 * the program was only built in. Owns: the path lives in the arena. */
const char *program_file(const char *name, struct arena *arena);

#endif
