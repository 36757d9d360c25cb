# How ctest fills the processors. Most tests wait for daemons, brokers and clocks and use a quarter of a core, so
# scripts/test runs four at once for each core: those of AddressSanitizer, those of ThreadSanitizer and scripts/lint as
# one list, so that no stage ends with few tests that leave the processors idle. PROCESSORS is set for none: ctest
# gives each place that gets free to tests that need one, and those that need more come last.
#
# tests_begin_early(NAME...): these take longest, so that the others fill the time beside them, also in a build
# folder where no run has measured yet.
function(tests_begin_early)
    set_tests_properties(${ARGN} PROPERTIES COST 100)
endfunction()

# Files of pytest that take longest, as one test each.
set(LONG_TESTS memory heap install discovery_makers devices docs spreadsheet profile_library slices shared_files api_replica
    mqttd_mirror mqttd_writeback mqttd_truth mqttd_shared_topic mqttd_broker mqttd_publications api_read_only api_tags
    api_connections api_contract sparkplug upgrade troubleshooting systemd restart)

# Files of pytest that wait for minutes, with the number of parts that run at the same time. conftest.py divides
# the cases; no case may depend on another.
set(PARTS_cases 6)
set(PARTS_mqttd_session 3)
set(PARTS_api_history 3)
set(PARTS_api_discoveries 3)
set(PARTS_mqttd 2)
set(PARTS_mqttd_quality 2)
set(PARTS_mqttd_subscriptions 2)
set(PARTS_mqttd_units 2)
set(PARTS_discovery_engine 2)
set(PARTS_api_live 2)
set(PARTS_api_http 2)
set(PARTS_api_change 2)
