# Installs the configuration, the files for systemd and the manual pages.
# With the prefix /usr they go to systemd's own folders, else to folders that it reads, too.
if(CMAKE_INSTALL_PREFIX STREQUAL "/usr")
    pkg_get_variable(unit_dir systemd systemdsystemunitdir)
endif()
if(NOT unit_dir)
    set(unit_dir lib/systemd/system)
endif()
set(TAGFERRY_UNIT_DIR ${unit_dir} CACHE PATH "Folder of the systemd units")
set(TAGFERRY_CONFIG_DIR /etc/tagferry CACHE PATH "Folder of tagferry.conf")

set(parts ${PROJECT_SOURCE_DIR}/config/systemd)
set(made ${PROJECT_BINARY_DIR}/systemd)

# The lines of a file without comments, for use inside a unit.
function(read_lines file variable)
    file(STRINGS ${file} lines REGEX "^[^#]")
    list(JOIN lines "\n" text)
    set(${variable} "${text}" PARENT_SCOPE)
    set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS ${file})
endfunction()

read_lines(${parts}/service.conf TAGFERRY_SERVICE)
read_lines(${parts}/hardening.conf TAGFERRY_HARDENING)
foreach(daemon api modbusd mqttd)
    configure_file(${parts}/tagferry-${daemon}.service.in ${made}/tagferry-${daemon}.service @ONLY)
    install(FILES ${made}/tagferry-${daemon}.service DESTINATION ${TAGFERRY_UNIT_DIR})
endforeach()
install(FILES ${parts}/tagferry.target ${parts}/tagferry-modbusd.socket
        ${parts}/tagferry-modbusd-tls.socket
        ${parts}/tagferry-api.socket
        DESTINATION ${TAGFERRY_UNIT_DIR})
install(FILES ${parts}/tagferry.sysusers DESTINATION lib/sysusers.d RENAME tagferry.conf)
install(FILES ${parts}/tagferry.tmpfiles DESTINATION lib/tmpfiles.d RENAME tagferry.conf)

# The library of profiles, where [api] profile_dir looks for it.
set(TAGFERRY_PROFILE_DIR /usr/share/tagferry/profiles CACHE PATH "Folder of the library of profiles")
file(GLOB profiles CONFIGURE_DEPENDS ${PROJECT_SOURCE_DIR}/config/profiles/*.json)
install(FILES ${profiles} DESTINATION ${TAGFERRY_PROFILE_DIR})

# The scripts that config/keepalived/keepalived.conf names.
install(PROGRAMS ${PROJECT_SOURCE_DIR}/config/keepalived/check
        ${PROJECT_SOURCE_DIR}/config/keepalived/roles
        DESTINATION /usr/share/tagferry/keepalived)

# An existing configuration is kept.
install(CODE "
    set(file \"\$ENV{DESTDIR}${TAGFERRY_CONFIG_DIR}/tagferry.conf\")
    if(EXISTS \${file})
        message(STATUS \"Kept: \${file}\")
    else()
        file(INSTALL ${PROJECT_SOURCE_DIR}/config/tagferry.conf
             DESTINATION ${TAGFERRY_CONFIG_DIR})
    endif()")

install(FILES ${PROJECT_SOURCE_DIR}/docs/man/tagferry.conf.5 DESTINATION ${CMAKE_INSTALL_MANDIR}/man5)

# Pages that are written for scdoc are made where there is one.
find_program(SCDOC scdoc)
file(GLOB pages CONFIGURE_DEPENDS ${PROJECT_SOURCE_DIR}/docs/man/*.scd)
foreach(page ${pages})
    if(NOT SCDOC)
        message(STATUS "No scdoc: ${page} is not made")
        continue()
    endif()
    get_filename_component(name ${page} NAME_WLE)
    string(REGEX MATCH "[0-9]$" section ${name})
    set(made_page ${PROJECT_BINARY_DIR}/man/${name})
    add_custom_command(OUTPUT ${made_page} DEPENDS ${page}
        COMMAND ${CMAKE_COMMAND} -E make_directory ${PROJECT_BINARY_DIR}/man
        COMMAND ${SCDOC} < ${page} > ${made_page})
    add_custom_target(man-${name} ALL DEPENDS ${made_page})
    install(FILES ${made_page} DESTINATION ${CMAKE_INSTALL_MANDIR}/man${section})
endforeach()
