/* What is known about a value: answers of the API. */
#ifndef TAGFERRY_CTL_WHY_WHY_FACTS_H
#define TAGFERRY_CTL_WHY_WHY_FACTS_H

#include <cjson/cJSON.h>

/* Bodies of answers; NULL: not asked, or refused. Texts and answers are borrowed. */
struct why_facts {
    const char *server;        /* URL of the API */
    const char *silence;       /* why the API does not answer; NULL: it answers */
    const char *device_name;   /* as it was asked for */
    const char *tag_name;      /* NULL: the device as a whole */
    const char *lately;        /* the time some minutes ago, as the API writes it; "" without */
    const char *days_ago;      /* the time some days ago */
    const char *value_problem; /* why the value could not be read; NULL: it could, or no tag */
    const cJSON *ready;        /* GET /readyz */
    const cJSON *device;       /* GET /devices/{d} */
    const cJSON *status;       /* GET /devices/{d}/status */
    const cJSON *values;       /* items of GET /values?device={d} */
    const cJSON *tag;          /* GET /devices/{d}/tags/{t} */
    const cJSON *value;        /* GET /devices/{d}/tags/{t}/value */
    const cJSON *preview;      /* POST /discoveries/preview */
    cJSON *payload;        /* of its message, where that is JSON and whole; the caller deletes it */
    const cJSON *messages; /* GET /messages?device={d} */
    const cJSON *heard;    /* GET /messages: of all topics */
    const cJSON *clients;  /* GET /modbus/clients */
    const cJSON *history;  /* GET /devices/{d}/tags/{t}/history, of a tag that SCADA writes */
    const cJSON *changes;  /* GET /audit?device={d}&tag={t} */
};

#endif
