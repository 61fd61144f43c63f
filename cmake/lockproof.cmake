# How a layer, a test and a program of this project are declared.
#
# A layer is one folder and one static library. Its headers are reached only through the target: a folder
# build/layers/X holds nothing but a link X -> the sources, and only targets that name X as a dependency have
# it on their include path. So an arrow that the design does not have is an include that does not compile.

add_compile_options(-ffile-prefix-map=${CMAKE_SOURCE_DIR}/=)
if(CMAKE_COMPILE_WARNING_AS_ERROR)
  add_compile_options(-Wall -Wextra -Wshadow -Wnon-virtual-dtor -Woverloaded-virtual -Wvla)
else()
  # Who only builds it has no use for them; at -O3 GCC 12 invents some about std::string (its PR 105651).
  add_compile_options(-Wno-restrict -Wno-stringop-overflow)
endif()
# Names are looked up once, at the start: processes that are forked for each run would look them up in each.
add_link_options(-Wl,-z,now)
# Assertions are documentation that runs: they stay on in every build type.
string(REPLACE "-DNDEBUG" "" CMAKE_CXX_FLAGS_RELEASE "${CMAKE_CXX_FLAGS_RELEASE}")
string(REPLACE "-DNDEBUG" "" CMAKE_CXX_FLAGS_RELWITHDEBINFO "${CMAKE_CXX_FLAGS_RELWITHDEBINFO}")
if(LOCKPROOF_SANITIZE)
  add_compile_options(-fsanitize=${LOCKPROOF_SANITIZE} -fno-omit-frame-pointer)
  add_link_options(-fsanitize=${LOCKPROOF_SANITIZE})
endif()
if(LOCKPROOF_FUZZ)
  add_compile_options(-fsanitize=fuzzer-no-link)
endif()
if(LOCKPROOF_COVERAGE)
  add_compile_options(--coverage)
  add_link_options(--coverage)
endif()

if(LOCKPROOF_TESTS)
  enable_testing()
  include(GoogleTest)
  find_package(GTest REQUIRED)
  find_package(rapidcheck REQUIRED)
endif()

# lockproof_layer(NAME [SOURCES x.cc...] [USES layer-or-library...]): the layer in this folder.
function(lockproof_layer name)
  cmake_parse_arguments(ARG "" "" "SOURCES;USES" ${ARGN})
  set(door ${CMAKE_BINARY_DIR}/layers/${name})
  file(MAKE_DIRECTORY ${door})
  file(CREATE_LINK ${CMAKE_CURRENT_SOURCE_DIR} ${door}/${name} SYMBOLIC)
  if(ARG_SOURCES)
    add_library(lockproof_${name} STATIC ${ARG_SOURCES})
    target_include_directories(lockproof_${name} PUBLIC ${door})
    target_link_libraries(lockproof_${name} PUBLIC ${ARG_USES})
  else()
    add_library(lockproof_${name} INTERFACE)
    target_include_directories(lockproof_${name} INTERFACE ${door})
    target_link_libraries(lockproof_${name} INTERFACE ${ARG_USES})
  endif()
endfunction()

# lockproof_tests(NAME USES library...): every *_test.cc of this folder, as one program. The glob is checked
# at each build, so a test file cannot be forgotten.
function(lockproof_tests name)
  if(NOT LOCKPROOF_TESTS)
    return()
  endif()
  cmake_parse_arguments(ARG "" "" "USES" ${ARGN})
  file(GLOB tests CONFIGURE_DEPENDS ${CMAKE_CURRENT_SOURCE_DIR}/*_test.cc)
  if(NOT tests)
    message(FATAL_ERROR "${CMAKE_CURRENT_SOURCE_DIR} has no *_test.cc")
  endif()
  add_executable(${name}_test ${tests})
  set_target_properties(${name}_test PROPERTIES RUNTIME_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR}/tests)
  target_link_libraries(${name}_test PRIVATE ${ARG_USES} GTest::gtest_main GTest::gtest rapidcheck_gtest)
  # Compiled after each change and run once: half the time of -O2 -g. With -O0 the inline functions of the
  # libraries, of which the linker takes the tests' copies, would be slow.
  target_compile_options(${name}_test PRIVATE -O1 -g1)
  target_compile_definitions(${name}_test PRIVATE
    LOCKPROOF_BIN="${CMAKE_RUNTIME_OUTPUT_DIRECTORY}" LOCKPROOF_SOURCE="${CMAKE_SOURCE_DIR}")
  gtest_discover_tests(${name}_test TEST_PREFIX ${name}/ DISCOVERY_TIMEOUT 60 PROPERTIES TIMEOUT 300)
endfunction()
