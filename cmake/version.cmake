# Writes `out`, the version as every report has it: `version`, and behind it the commit, unless that is the tagged one.
# What git does not tell (a source archive, a clone inside of another one) is left out. A file that would be the same is
# left as it is, so that nothing is built anew.
cmake_minimum_required(VERSION 3.25)
function(git)
  execute_process(COMMAND git -C ${source} ${ARGN} OUTPUT_VARIABLE said ERROR_QUIET OUTPUT_STRIP_TRAILING_WHITESPACE
                  RESULT_VARIABLE status)
  if(NOT status EQUAL 0)
    set(said "")
  endif()
  set(said "${said}" PARENT_SCOPE)
endfunction()
git(rev-parse --show-cdup)
if(EXISTS ${source}/.git AND said STREQUAL "")
  git(describe --always --dirty --abbrev=9 --match v${version})
  if(said MATCHES "(-dirty)$")
    set(dirty ".dirty")
  endif()
  string(REGEX REPLACE "-dirty$" "" said "${said}")
  if(NOT said STREQUAL "" AND NOT "${said}${dirty}" STREQUAL "v${version}")
    string(REGEX REPLACE "^.*-g" "" commit "${said}")
    set(version "${version}+g${commit}${dirty}")
  endif()
endif()
file(CONFIGURE OUTPUT ${out} CONTENT "// Made by cmake/version.cmake.
#include \"cli/command.h\"
namespace lockproof {
const char* const kVersion = \"${version}\";
}
" @ONLY)
