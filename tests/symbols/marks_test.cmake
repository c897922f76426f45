# cmake -D HEADERS=... -P marks_test.cmake
#
# Every function and class that a public header declares is marked ALEXNET_API: without, programs that use it link with the modules
# in this project and not with the library. Declarations begin in the first column, as clang-format writes them.
file(GLOB headers ${HEADERS}/*.h)
set(unmarked "")
set(marked 0)
foreach(header IN LISTS headers)
  file(STRINGS ${header} lines)
  get_filename_component(name ${header} NAME)
  foreach(line IN LISTS lines)
    if(line MATCHES "^ALEXNET_API |^(class|struct) ALEXNET_API ")
      math(EXPR marked "${marked} + 1")
    elseif(line MATCHES "^class [A-Z][A-Za-z]* " OR
           (line MATCHES "^[a-zA-Z_][a-zA-Z0-9_:<>,&* ]*\\(" AND NOT line MATCHES "^(inline|constexpr|template|using|struct|class|enum|namespace) "))
      string(APPEND unmarked "  ${name}: ${line}\n")
    endif()
  endforeach()
endforeach()
if(unmarked)
  message(FATAL_ERROR "not marked ALEXNET_API:\n${unmarked}")
endif()
if(marked LESS 50)
  message(FATAL_ERROR "only ${marked} declarations found in ${HEADERS}")
endif()
message(STATUS "${marked} declarations, all marked")
