# cmake --install: bin/alexnet, share/alexnet, lib/libalexnet.so, include/alexnet/, and find_package(alexnet) with the target
# alexnet::alexnet. What the library itself is linked with is its own affair: users need no other package.
include(GNUInstallDirs)
include(CMakePackageConfigHelpers)
set(package ${CMAKE_INSTALL_LIBDIR}/cmake/alexnet)
install(TARGETS alexnet EXPORT alexnet)
install(DIRECTORY ${PROJECT_SOURCE_DIR}/include/alexnet DESTINATION ${CMAKE_INSTALL_INCLUDEDIR})
install(EXPORT alexnet FILE alexnetConfig.cmake NAMESPACE alexnet:: DESTINATION ${package})
write_basic_package_version_file(${PROJECT_BINARY_DIR}/alexnetConfigVersion.cmake COMPATIBILITY SameMajorVersion)
install(FILES ${PROJECT_BINARY_DIR}/alexnetConfigVersion.cmake DESTINATION ${package})
if(TARGET alexnet_program)
  install(TARGETS alexnet_program)
  install(DIRECTORY ${PROJECT_SOURCE_DIR}/share/ DESTINATION ${CMAKE_INSTALL_DATADIR}/alexnet)
endif()
