# The dashboard: web_files.c with the compressed files of src/api/web, in ${web_files}. Without the
# dashboard its table is empty, and the API answers / with 404. TAGFERRY_DASHBOARD may be a web_files.c
# that scripts/build-dashboard has made before: it is the same for every architecture.
set(web_source ${PROJECT_SOURCE_DIR}/src/api/web)
set(web_folder ${CMAKE_CURRENT_BINARY_DIR}/web)
set(web_script ${PROJECT_SOURCE_DIR}/scripts/build-dashboard)
set(TAGFERRY_HAS_DASHBOARD OFF CACHE INTERNAL "The dashboard is built")

if(TAGFERRY_DASHBOARD MATCHES "/web_files\\.c$")
    set(TAGFERRY_HAS_DASHBOARD ON CACHE INTERNAL "The dashboard is built")
    set(web_files ${TAGFERRY_DASHBOARD})
    return()
endif()

if(TAGFERRY_DASHBOARD)
    find_program(NPM npm)
    find_program(NODE NAMES node nodejs)
    if(NPM AND NODE)
        set(TAGFERRY_HAS_DASHBOARD ON CACHE INTERNAL "The dashboard is built")
    elseif(TAGFERRY_DASHBOARD STREQUAL "AUTO")
        message(STATUS "The dashboard is left out: npm is not installed (Debian: apt install nodejs npm)")
    else()
        message(FATAL_ERROR "The dashboard needs npm (Debian: apt install nodejs npm). "
                            "Build without it: -DTAGFERRY_DASHBOARD=OFF")
    endif()
endif()

if(NOT TAGFERRY_HAS_DASHBOARD)
    embed(web_files api/base/embedded.h)
    set(web_files ${CMAKE_CURRENT_BINARY_DIR}/web_files.c)
    return()
endif()

# AUTO leaves the dashboard out when npm cannot get its packages. Then there is no web/complete, and
# each build tries again.
set(web_files ${web_folder}/web_files.c)
set(web_mode required)
if(TAGFERRY_DASHBOARD STREQUAL "AUTO")
    set(web_mode optional)
endif()
file(GLOB_RECURSE web_sources CONFIGURE_DEPENDS ${web_source}/*)
list(FILTER web_sources EXCLUDE REGEX "/node_modules/") # of somebody's editor
file(GLOB web_words CONFIGURE_DEPENDS ${PROJECT_SOURCE_DIR}/src/common/words/*.json)
add_custom_command(OUTPUT ${web_files} ${web_folder}/complete
    COMMAND ${web_script} ${web_folder} ${web_mode}
    DEPENDS ${web_sources} ${web_words} ${web_script}
    COMMENT "Dashboard" VERBATIM)

# The types of its sources, as TypeScript checks them; the packages are not beside the sources.
if(TAGFERRY_TESTS)
    file(WRITE ${web_folder}/tsconfig.json "{
    \"extends\": \"${web_source}/tsconfig.json\",
    \"compilerOptions\": { \"paths\": { \"*\": [\"${web_folder}/node_modules/*\"] } },
    \"include\": [\"${web_source}/**/*\"],
    \"exclude\": [\"${web_source}/node_modules\"]
}
")
    add_test(NAME web.types COMMAND ${NODE} ${web_folder}/node_modules/typescript/bin/tsc
             --noEmit --project ${web_folder}/tsconfig.json)
    set_tests_properties(web.types PROPERTIES TIMEOUT 300)
endif()
