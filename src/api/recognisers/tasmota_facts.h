/* Members of Tasmota's messages and their units, as its documents say. Data for tasmota.c. */
#ifndef TAGFERRY_API_RECOGNISERS_TASMOTA_FACTS_H
#define TAGFERRY_API_RECOGNISERS_TASMOTA_FACTS_H

/* A unit that the message itself names. */
#define TASMOTA_TEMPERATURE "TempUnit"
#define TASMOTA_PRESSURE    "PressureUnit"
#define TASMOTA_SPEED       "SpeedUnit"

/* Measurements: float32, because the number of decimals is a setting of the device. */
static const struct tasmota_measurement {
    const char *member, *unit;
} tasmota_measurements[] = {
    {"Temperature", TASMOTA_TEMPERATURE},
    {"DewPoint", TASMOTA_TEMPERATURE},
    {"Ambient", TASMOTA_TEMPERATURE},
    {"Object", TASMOTA_TEMPERATURE},
    {"Pressure", TASMOTA_PRESSURE},
    {"SeaPressure", TASMOTA_PRESSURE},
    {"Speed", TASMOTA_SPEED},
    {"Humidity", "%"},
    {"Moisture", "%"},
    {"Total", "kWh"},
    {"Today", "kWh"},
    {"Yesterday", "kWh"},
    {"Period", "Wh"},
    {"TotalTariff", "kWh"},
    {"ExportActive", "kWh"},
    {"ExportTariff", "kWh"},
    {"ImportActive", "kWh"},
    {"ImportReactive", "kVArh"},
    {"ExportReactive", "kVArh"},
    {"Power", "W"},
    {"ActivePower", "W"},
    {"ApparentPower", "VA"},
    {"ReactivePower", "VAr"},
    {"Factor", ""},
    {"PhaseAngle", "\xc2\xb0"},
    {"Frequency", "Hz"},
    {"Voltage", "V"},
    {"Current", "A"},
    {"CurrentNeutral", "A"},
    {"CarbonDioxide", "ppm"},
    {"eCO2", "ppm"},
    {"TVOC", "ppb"},
    {"Distance", "cm"},
    {"Illuminance", "lx"},
    {"Weight", "kg"},
    {"PM1", "\xc2\xb5g/m\xc2\xb3"},
    {"PM2.5", "\xc2\xb5g/m\xc2\xb3"},
    {"PM10", "\xc2\xb5g/m\xc2\xb3"},
};

/* Members of SENSOR that are no values of their own. */
static const char *const tasmota_sensor_silent[] = {
    "Time", "TempUnit", "PressureUnit", "SpeedUnit", "Id", "TotalStartTime",
};

/* Values of STATE, with what the command takes. */
static const struct tasmota_state {
    const char *key, *unit;
    double smallest, largest; /* equal: an unsigned 32-bit counter */
    const char *command;      /* NULL: it cannot be set */
} tasmota_states[] = {
    {"Dimmer", "%", 0, 100, "Dimmer"},      {"CT", "mired", 153, 500, "CT"},
    {"White", "%", 0, 100, "White"},        {"FanSpeed", "", 0, 3, "FanSpeed"},
    {"UptimeSec", "s", 0, 0, NULL},         {"/Wifi/RSSI", "%", 0, 100, NULL},
    {"/Wifi/Signal", "dBm", -120, 0, NULL},
};

#endif
