# What Debian's policy asks of the installed files: cpack runs this on them before it packs them.
#
# * manual pages and changelogs are compressed, without the time, so that they are the same each time;
# * the license is the file `copyright`, in its machine-readable form;
# * zsh has completions of packages in a folder of its own;
# * a commit's package is the same each time: its files have the day of the release, unless SOURCE_DATE_EPOCH is set.

if(NOT DEFINED ENV{SOURCE_DATE_EPOCH})
  execute_process(COMMAND date -u +%s -d ${CPACK_MLPSWEEP_DATE}
                  OUTPUT_VARIABLE epoch OUTPUT_STRIP_TRAILING_WHITESPACE COMMAND_ERROR_IS_FATAL ANY)
  set(ENV{SOURCE_DATE_EPOCH} ${epoch})
endif()

set(share ${CPACK_TEMPORARY_INSTALL_DIRECTORY}/usr/share)
set(doc ${share}/doc/mlpsweep)

function(compress)
  execute_process(COMMAND gzip -9 -n ${ARGN} COMMAND_ERROR_IS_FATAL ANY)
endfunction()

file(GLOB pages ${share}/man/man1/*.1)
compress(${pages})

file(MAKE_DIRECTORY ${share}/zsh/vendor-completions)
file(RENAME ${share}/zsh/site-functions/_mlpsweep ${share}/zsh/vendor-completions/_mlpsweep)
file(REMOVE_RECURSE ${share}/zsh/site-functions)

# A paragraph of the copyright file is indented, and an empty line in it is a period.
file(READ ${doc}/LICENSE license)
file(REMOVE ${doc}/LICENSE)
file(CREATE_LINK copyright ${doc}/LICENSE SYMBOLIC) # the README links to it
string(REGEX REPLACE "^MIT License\n\nCopyright \\(c\\) ([^\n]*)\n\n" "" license "${license}")
set(holder ${CMAKE_MATCH_1})
string(STRIP "${license}" license)
string(REPLACE "\n\n" "\n.\n" license "${license}")
string(REPLACE "\n" "\n " license "${license}")
file(WRITE ${doc}/copyright
"Format: https://www.debian.org/doc/packaging-manuals/copyright-format/1.0/
Upstream-Name: mlpsweep

Files: *
Copyright: ${holder}
License: Expat

License: Expat
 ${license}
")

file(RENAME ${doc}/CHANGELOG.md ${doc}/changelog)
execute_process(COMMAND ${CMAKE_COMMAND} -E env LC_ALL=C date -u -R -d ${CPACK_MLPSWEEP_DATE}
                OUTPUT_VARIABLE date OUTPUT_STRIP_TRAILING_WHITESPACE COMMAND_ERROR_IS_FATAL ANY)
file(WRITE ${doc}/changelog.Debian
"mlpsweep (${CPACK_PACKAGE_VERSION}-${CPACK_DEBIAN_PACKAGE_RELEASE}) unstable; urgency=medium

  * Version ${CPACK_PACKAGE_VERSION}; what is new stands in changelog.gz.

 -- ${CPACK_PACKAGE_CONTACT}  ${date}
")
compress(${doc}/changelog ${doc}/changelog.Debian)
