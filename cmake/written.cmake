# Lets the program write its manual pages and completions, where share/ has them:
#
#   cmake -D PROGRAM=... -D FOLDER=... -P written.cmake

function(write path)
  execute_process(COMMAND ${PROGRAM} ${ARGN} OUTPUT_FILE ${FOLDER}/${path} COMMAND_ERROR_IS_FATAL ANY)
endfunction()

file(REMOVE_RECURSE ${FOLDER})
foreach(folder bash-completion/completions fish/vendor_completions.d zsh/site-functions man/man1)
  file(MAKE_DIRECTORY ${FOLDER}/${folder})
endforeach()
write(bash-completion/completions/mlpsweep completion bash)
write(fish/vendor_completions.d/mlpsweep.fish completion fish)
write(zsh/site-functions/_mlpsweep completion zsh)

# `help` lists a command a line, indented by two blanks.
execute_process(COMMAND ${PROGRAM} help OUTPUT_VARIABLE help COMMAND_ERROR_IS_FATAL ANY)
string(REGEX MATCHALL "\n  [a-z]+" commands "${help}")
foreach(command IN LISTS commands)
  string(STRIP "${command}" command)
  write(man/man1/mlpsweep-${command}.1 help --man ${command})
endforeach()
write(man/man1/mlpsweep.1 help --man) # the last, so that it is there only where all are
