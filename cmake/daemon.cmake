# tagferry_daemon(NAME SOURCES...): the daemon as a library tagferry_NAME, which tests and fuzzers
# link, and the program bin/tagferry-NAME, which is main.c and that library.
function(tagferry_daemon name)
    add_library(tagferry_${name} STATIC ${ARGN})
    target_link_libraries(tagferry_${name} PUBLIC tagferry_common)
    add_executable(tagferry-${name} main.c)
    target_link_libraries(tagferry-${name} PRIVATE tagferry_${name})
    set_target_properties(tagferry-${name} PROPERTIES
        RUNTIME_OUTPUT_DIRECTORY ${PROJECT_BINARY_DIR}/bin)
    target_link_options(tagferry-${name} PRIVATE -pie)
    install(TARGETS tagferry-${name} RUNTIME DESTINATION ${CMAKE_INSTALL_BINDIR})
endfunction()
