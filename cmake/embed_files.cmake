# Files that become part of a program: embed(TABLE HEADER FILES...) makes TABLE.c from them, which
# includes HEADER, where the table is declared.
function(embed table header)
    set(output ${CMAKE_CURRENT_BINARY_DIR}/${table}.c)
    add_custom_command(OUTPUT ${output}
        COMMAND ${CMAKE_COMMAND} -DOUTPUT=${output} -DNAME=${table} -DHEADER=${header} "-DFILES=${ARGN}"
                -P ${PROJECT_SOURCE_DIR}/cmake/embed.cmake
        DEPENDS ${ARGN} ${PROJECT_SOURCE_DIR}/cmake/embed.cmake VERBATIM)
endfunction()
