/* Paths and units as Victron's wiki "dbus" and the register list of its Modbus TCP server give
 * them: SI units, but kWh and °C. Names are regular over all services, so that most rows go by the
 * end of a path. */
#include "api/recognisers/victron_paths.h"

#include <fnmatch.h>
#include <stddef.h>
#include <string.h>

/* The first row that fits counts. */
static const struct victron_path victron_paths[] = {
    /* writable */
    {"vebus", "Mode", VICTRON_CODE, "", true},
    {"vebus", "Ac/ActiveIn/CurrentLimit", VICTRON_MEASUREMENT, "A", true},
    {"vebus", "Ac/In/*/CurrentLimit", VICTRON_MEASUREMENT, "A", true},
    {"vebus", "Hub4/*AcPowerSetpoint", VICTRON_MEASUREMENT, "W", true},
    {"vebus", "Hub4/*MaxFeedInPower", VICTRON_MEASUREMENT, "W", true},
    {"vebus", "Hub4/Disable*", VICTRON_SWITCH, "", true},
    {"vebus", "PvInverter/Disable", VICTRON_SWITCH, "", true},
    {"multi", "Mode", VICTRON_CODE, "", true},
    {"multi", "Ac/In/*/CurrentLimit", VICTRON_MEASUREMENT, "A", true},
    {"inverter", "Mode", VICTRON_CODE, "", true},
    {"charger", "Mode", VICTRON_CODE, "", true},
    {"charger", "Ac/In/CurrentLimit", VICTRON_MEASUREMENT, "A", true},
    {"solarcharger", "Mode", VICTRON_CODE, "", true},
    {"battery", "Mode", VICTRON_CODE, "", true},
    {"battery", "Relay/0/State", VICTRON_SWITCH, "", true},
    {"system", "Relay/*/State", VICTRON_SWITCH, "", true},
    {"pvinverter", "Ac/PowerLimit", VICTRON_MEASUREMENT, "W", true},
    {"evcharger", "Mode", VICTRON_CODE, "", true},
    {"evcharger", "StartStop", VICTRON_SWITCH, "", true},
    {"evcharger", "SetCurrent", VICTRON_MEASUREMENT, "A", true},
    {"hub4", "Overrides/Setpoint", VICTRON_MEASUREMENT, "W", true},
    {"settings", "Settings/CGwacs/AcPowerSetPoint", VICTRON_MEASUREMENT, "W", true},
    {"settings", "Settings/CGwacs/MaxChargePower", VICTRON_MEASUREMENT, "W", true},
    {"settings", "Settings/CGwacs/MaxDischargePower", VICTRON_MEASUREMENT, "W", true},
    {"settings", "Settings/CGwacs/MaxFeedInPower", VICTRON_MEASUREMENT, "W", true},
    {"settings", "Settings/CGwacs/BatteryLife/MinimumSocLimit", VICTRON_MEASUREMENT, "%", true},
    {"settings", "Settings/CGwacs/BatteryLife/State", VICTRON_CODE, "", true},
    {"settings", "Settings/CGwacs/Hub4Mode", VICTRON_CODE, "", true},
    {"settings", "Settings/CGwacs/OvervoltageFeedIn", VICTRON_SWITCH, "", true},
    {"settings", "Settings/CGwacs/PreventFeedback", VICTRON_SWITCH, "", true},
    {"settings", "Settings/SystemSetup/MaxChargeCurrent", VICTRON_MEASUREMENT, "A", true},
    {"settings", "Settings/SystemSetup/MaxChargeVoltage", VICTRON_MEASUREMENT, "V", true},

    /* about the device, or of the user interface */
    {"settings", "*", VICTRON_IGNORED, "", false},
    {"platform", "*", VICTRON_IGNORED, "", false},
    {"logger", "*", VICTRON_IGNORED, "", false},
    {"vrmlogger", "*", VICTRON_IGNORED, "", false},
    {"modbusclient", "*", VICTRON_IGNORED, "", false},
    {"fronius", "*", VICTRON_IGNORED, "", false},
    {NULL, "Mgmt/*", VICTRON_IGNORED, "", false},
    {NULL, "Devices/*", VICTRON_IGNORED, "", false},
    {NULL, "Settings/*", VICTRON_IGNORED, "", false},
    {NULL, "Connected", VICTRON_IGNORED, "", false},
    {NULL, "DeviceInstance", VICTRON_IGNORED, "", false},
    {NULL, "ProductId", VICTRON_IGNORED, "", false},
    {NULL, "ProductName", VICTRON_IGNORED, "", false},
    {NULL, "CustomName", VICTRON_IGNORED, "", false},
    {NULL, "Serial", VICTRON_IGNORED, "", false},
    {NULL, "*FirmwareVersion", VICTRON_IGNORED, "", false},
    {NULL, "*HardwareVersion", VICTRON_IGNORED, "", false},
    {NULL, "*IsAdjustable", VICTRON_IGNORED, "", false},
    {NULL, "*Available", VICTRON_IGNORED, "", false},
    {"system", "Service*", VICTRON_IGNORED, "", false},
    {"system", "Available*", VICTRON_IGNORED, "", false},
    {"system", "AutoSelected*", VICTRON_IGNORED, "", false},
    {NULL, "RefreshTime", VICTRON_IGNORED, "", false},
    {NULL, "UpdateIndex", VICTRON_IGNORED, "", false},

    /* exceptions from what the ends say */
    {"tank", "Level", VICTRON_MEASUREMENT, "%", false},
    {"tank", "Remaining", VICTRON_MEASUREMENT, "m³", false},
    {"tank", "Capacity", VICTRON_MEASUREMENT, "m³", false},
    {"temperature", "Humidity", VICTRON_MEASUREMENT, "%", false},
    {"temperature", "Pressure", VICTRON_MEASUREMENT, "hPa", false},
    {"meteo", "Irradiance", VICTRON_MEASUREMENT, "W/m²", false},
    {"meteo", "WindSpeed", VICTRON_MEASUREMENT, "m/s", false},
    {"evcharger", "ChargingTime", VICTRON_COUNTER, "s", false},
    {"evcharger", "Current", VICTRON_MEASUREMENT, "A", false},
    {"evcharger", "MaxCurrent", VICTRON_MEASUREMENT, "A", false},
    {"gps", "Position/*", VICTRON_MEASUREMENT, "°", false},
    {"gps", "Speed", VICTRON_MEASUREMENT, "m/s", false},
    {"gps", "Course", VICTRON_MEASUREMENT, "°", false},
    {"gps", "Altitude", VICTRON_MEASUREMENT, "m", false},
    {"battery", "*ChargeCycles", VICTRON_COUNTER, "", false},
    {"battery", "Capacity", VICTRON_MEASUREMENT, "Ah", false},
    {"battery", "InstalledCapacity", VICTRON_MEASUREMENT, "Ah", false},
    {"battery", "History/*Discharge", VICTRON_MEASUREMENT, "Ah", false},
    {"battery", "History/TotalAhDrawn", VICTRON_MEASUREMENT, "Ah", false},
    {"battery", "History/TimeSinceLastFullCharge", VICTRON_COUNTER, "s", false},
    {"battery", "History/*Energy", VICTRON_MEASUREMENT, "kWh", false},
    {"battery", "History/*Voltage", VICTRON_MEASUREMENT, "V", false},
    {"battery", "History/*", VICTRON_COUNTER, "", false},
    {"digitalinput", "Count", VICTRON_COUNTER, "", false},
    {"pulsemeter", "Count", VICTRON_COUNTER, "", false},
    {"pulsemeter", "Aggregate", VICTRON_MEASUREMENT, "m³", false},
    {"motordrive", "Motor/RPM", VICTRON_MEASUREMENT, "1/min", false},
    {NULL, "*Alarms/*", VICTRON_CODE, "", false},
    {NULL, "*VoltageDeviation", VICTRON_MEASUREMENT, "%", false},
    {NULL, "Io/AllowTo*", VICTRON_SWITCH, "", false},
    {NULL, "Bms/AllowTo*", VICTRON_SWITCH, "", false},
    {NULL, "*Relay/*State", VICTRON_SWITCH, "", false},
    {NULL, "Engine/Speed", VICTRON_MEASUREMENT, "1/min", false},
    {NULL, "Engine/Load", VICTRON_MEASUREMENT, "%", false},
    {NULL, "Engine/OilPressure", VICTRON_MEASUREMENT, "kPa", false},

    /* ends of paths */
    {NULL, "*Voltage", VICTRON_MEASUREMENT, "V", false},
    {NULL, "*/V", VICTRON_MEASUREMENT, "V", false},
    {NULL, "*Current", VICTRON_MEASUREMENT, "A", false},
    {NULL, "*CurrentLimit", VICTRON_MEASUREMENT, "A", false},
    {NULL, "*/I", VICTRON_MEASUREMENT, "A", false},
    {NULL, "*Power", VICTRON_MEASUREMENT, "W", false},
    {NULL, "*/P", VICTRON_MEASUREMENT, "W", false},
    {NULL, "*/S", VICTRON_MEASUREMENT, "VA", false},
    {NULL, "*PowerFactor*", VICTRON_MEASUREMENT, "", false},
    {NULL, "*Frequency", VICTRON_MEASUREMENT, "Hz", false},
    {NULL, "*/F", VICTRON_MEASUREMENT, "Hz", false},
    {NULL, "*Temperature", VICTRON_MEASUREMENT, "°C", false},
    {NULL, "*Soc", VICTRON_MEASUREMENT, "%", false},
    {NULL, "Soh", VICTRON_MEASUREMENT, "%", false},
    {NULL, "*Energy/*", VICTRON_MEASUREMENT, "kWh", false},
    {NULL, "*Yield*", VICTRON_MEASUREMENT, "kWh", false},
    {NULL, "*ConsumedAmphours", VICTRON_MEASUREMENT, "Ah", false},
    {NULL, "*TimeToGo", VICTRON_COUNTER, "s", false},
    {NULL, "*Runtime", VICTRON_COUNTER, "s", false},
    {NULL, "*OperatingHours", VICTRON_COUNTER, "s", false},
    {NULL, "*TimeIn*", VICTRON_MEASUREMENT, "min", false},
    {NULL, "*NumberOf*", VICTRON_CODE, "", false},
    {NULL, "*NrOf*", VICTRON_CODE, "", false},
    {NULL, "*State", VICTRON_CODE, "", false},
    {NULL, "*Mode", VICTRON_CODE, "", false},
    {NULL, "*Error*", VICTRON_CODE, "", false},
    {NULL, "Status*", VICTRON_CODE, "", false},
};

const struct victron_path *victron_path_find(const char *service, const char *path)
{
    for (size_t i = 0; i < sizeof victron_paths / sizeof *victron_paths; i++) {
        const struct victron_path *row = &victron_paths[i];
        if ((!row->service || strcmp(row->service, service) == 0) &&
            fnmatch(row->pattern, path, 0) == 0)
            return row;
    }
    return NULL;
}
