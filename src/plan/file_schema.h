/* The experiment file as a JSON Schema (2020-12), for editors and other programs: made from the
 * tables that the program itself reads by. */
#ifndef MLPSWEEP_PLAN_FILE_SCHEMA_H
#define MLPSWEEP_PLAN_FILE_SCHEMA_H

#include <stdio.h>

/** Writes the schema. It is as strict as JSON Schema can be: ranges, names and the form of calls;
 * not what one setting means for another. */
void file_schema_write(FILE *out);

#endif
