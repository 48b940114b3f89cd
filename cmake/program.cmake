# Writes the definitions of src/base/program.h to OUTPUT: cmake -D OUTPUT=... -P program.cmake
#
# It runs in every build, so that the commit is always that of the tree, and leaves the file alone
# where nothing has changed, so that nothing is compiled again.
#
# SOURCE   the tree
# VERSION, DATE, LIBMD, SHARE   as in program.h

set(text ${VERSION})
if(EXISTS ${SOURCE}/.git)
  execute_process(COMMAND ${CMAKE_COMMAND} -E env GIT_OPTIONAL_LOCKS=0
                          git -C ${SOURCE} describe --always --dirty --abbrev=12 --exclude=*
                  OUTPUT_VARIABLE commit OUTPUT_STRIP_TRAILING_WHITESPACE ERROR_QUIET)
  if(commit)
    set(text "${VERSION} (${commit})")
  endif()
endif()
file(CONFIGURE OUTPUT ${OUTPUT} @ONLY CONTENT [[
#include "base/program.h"

const char program_version[] = "@text@";
const char program_date[] = "@DATE@";
const char program_libmd[] = "@LIBMD@";
const char program_share[] = "@SHARE@";
]])
