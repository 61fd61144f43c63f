# The library for other projects: find_package(solo) or pkg-config solo. Headers go below a folder of their own, as one of them
# is called port/sys.h.
include(CMakePackageConfigHelpers)
set(solo_headers ${CMAKE_INSTALL_INCLUDEDIR}/libsolo)
set(solo_package ${CMAKE_INSTALL_LIBDIR}/cmake/solo)

set_target_properties(solo_port PROPERTIES EXPORT_NAME port)
install(TARGETS solo solo_port EXPORT solo ARCHIVE DESTINATION ${CMAKE_INSTALL_LIBDIR} COMPONENT solo
        INCLUDES DESTINATION ${solo_headers})
install(EXPORT solo NAMESPACE solo:: FILE solo-targets.cmake DESTINATION ${solo_package} COMPONENT solo)
install(DIRECTORY include/solo DESTINATION ${solo_headers} COMPONENT solo FILES_MATCHING PATTERN "*.h")
install(FILES port/sys.h port/forward.h DESTINATION ${solo_headers}/port COMPONENT solo)

configure_package_config_file(install/solo-config.cmake.in ${CMAKE_CURRENT_BINARY_DIR}/solo-config.cmake
                              INSTALL_DESTINATION ${solo_package})
write_basic_package_version_file(${CMAKE_CURRENT_BINARY_DIR}/solo-config-version.cmake COMPATIBILITY SameMinorVersion)
install(FILES ${CMAKE_CURRENT_BINARY_DIR}/solo-config.cmake ${CMAKE_CURRENT_BINARY_DIR}/solo-config-version.cmake
        DESTINATION ${solo_package} COMPONENT solo)
file(RELATIVE_PATH solo_up /${CMAKE_INSTALL_LIBDIR}/pkgconfig /)  # so that the prefix can be moved
configure_file(install/solo.pc.in ${CMAKE_CURRENT_BINARY_DIR}/solo.pc @ONLY)
install(FILES ${CMAKE_CURRENT_BINARY_DIR}/solo.pc DESTINATION ${CMAKE_INSTALL_LIBDIR}/pkgconfig COMPONENT solo)

# A project of somebody else's finds it, builds with it both ways, and owns.
if(LOCKPROOF_TESTS)
  set(flags "")
  if(LOCKPROOF_SANITIZE)
    set(flags "-fsanitize=${LOCKPROOF_SANITIZE}")
  endif()
  if(LOCKPROOF_COVERAGE)
    set(flags "${flags} --coverage")
  endif()
  add_test(NAME solo/installed
           COMMAND ${CMAKE_COMMAND} -D build=${CMAKE_BINARY_DIR} -D work=${CMAKE_CURRENT_BINARY_DIR}/consumer
                   -D libdir=${CMAKE_INSTALL_LIBDIR} -D compiler=${CMAKE_CXX_COMPILER} -D "flags=${flags}"
                   -D source=${CMAKE_CURRENT_SOURCE_DIR}/consumer -P ${CMAKE_CURRENT_SOURCE_DIR}/consumer/check.cmake)
  set_tests_properties(solo/installed PROPERTIES TIMEOUT 120)
endif()
