// The members of a device and of a tag, one row each: the forms are made from these tables. A test compares them
// with docs/openapi.json.
import { isByteType } from '../../lib/decode';
import { isSerialHost } from '../../lib/servers';
import type { Device, Tag } from '../../lib/types';
import { withValue, type Json } from './record';

export type Control =
    | 'text' // a member that may be null is null when it is empty
    | 'area'
    | 'number'
    | 'check'
    | 'select'
    | 'key' // of a tag: its name, another key, or the whole payload
    | 'address' // an offset, or in Modicon form
    | 'words' // words and their numbers
    | 'conditions' // keys and the values that they must have
    | 'request' // the message that asks a device for its values
    | 'status' // the status registers of a device
    | 'fallback' // on_stale: nothing, a number, or nan
    | 'setpoint' // a value as it is written by hand
    | 'gateway' // its name
    | 'profile';

export interface Choice {
    value: string;
    label: string;
}

export interface FieldRow<Of> {
    pointer: string;
    label: string;
    control: Control;
    section: string;
    fallback: Json; // what the server sets without the member; null where it chooses
    help?: string;
    choices?: Choice[];
    nullable?: boolean;
    rare?: boolean; // under "More"
    wide?: boolean;
    // A member that does not apply is hidden unless it is set. Of a tag: whether its device is on a foreign server.
    when?: (record: Of, isForeign: boolean) => boolean;
    example?: string;
}

const qosChoices: Choice[] = [
    { value: '0', label: '0: at most once' },
    { value: '1', label: '1: at least once' },
    { value: '2', label: '2: as 1, for a device that wants 2' },
];

export const hasServer = (device: Device) => device.network.modbus_host !== null;
const hasHost = (device: Device) => hasServer(device) && !isSerialHost(device.network.modbus_host);
const hasAvailability = (device: Device) => device.mqtt.availability_topic !== null;

export const deviceSections = ['Device', 'Messages', 'Registers', 'Profile'];

export const deviceFields: FieldRow<Device>[] = [
    { pointer: '/name', label: 'Name', control: 'text', section: 'Device', fallback: '', help: 'Letters, digits, point, underscore and hyphen, at most 64. It is part of the address of each of its tags.', example: 'boiler-7' },
    { pointer: '/label', label: 'Label', control: 'text', section: 'Device', fallback: '', help: 'The name as people write it.', example: 'Boiler of hall 7' },
    { pointer: '/enabled', label: 'Enabled', control: 'check', section: 'Device', fallback: true, help: 'When it is off, messages of this device are not read, and its registers keep their values.' },
    { pointer: '/description', label: 'Description', control: 'area', section: 'Device', fallback: '', rare: true, wide: true },
    { pointer: '/mqtt/topic', label: 'Topic', control: 'text', section: 'Messages', fallback: '', wide: true, help: 'The MQTT topic of its messages. + stands for one level, # at the end for all that follow.', example: 'plant/boiler-7/telemetry' },
    { pointer: '/mqtt/stale_after_s', label: 'Stale after (s)', control: 'number', section: 'Messages', fallback: 0, help: 'Seconds without a message after which its values are stale. 0: no limit.' },
    { pointer: '/mqtt/where', label: 'Only messages with', control: 'conditions', section: 'Messages', fallback: null, nullable: true, rare: true, wide: true, help: 'For a topic that several devices share: keys and the values that a message of this device has there.' },
    { pointer: '/mqtt/availability_topic', label: 'Availability topic', control: 'text', section: 'Messages', fallback: null, nullable: true, rare: true, help: 'Where the device, or the broker for it, says that it is online or offline.', example: 'plant/boiler-7/status' },
    { pointer: '/mqtt/availability_key', label: 'Availability key', control: 'text', section: 'Messages', fallback: null, nullable: true, rare: true, when: hasAvailability, help: 'Key in the JSON of that topic. Empty: the whole payload is the word.' },
    { pointer: '/mqtt/payload_available', label: 'Word for available', control: 'text', section: 'Messages', fallback: 'online', nullable: true, rare: true, when: hasAvailability, help: 'Empty: any word but the other one.' },
    { pointer: '/mqtt/payload_unavailable', label: 'Word for not available', control: 'text', section: 'Messages', fallback: 'offline', nullable: true, rare: true, when: hasAvailability, help: 'Empty: any word but the other one.' },
    { pointer: '/mqtt/timestamp_key', label: 'Key of the time', control: 'text', section: 'Messages', fallback: null, nullable: true, rare: true, help: "Key of the message's own time. A message that is older than the newest one is then ignored." },
    { pointer: '/mqtt/qos', label: 'Quality of service', control: 'select', section: 'Messages', fallback: 1, rare: true, choices: qosChoices, help: 'Of the subscription.' },
    { pointer: '/mqtt/request', label: 'Ask for values', control: 'request', section: 'Messages', fallback: null, nullable: true, rare: true, wide: true, help: 'A message that is published after connecting and at an interval, for a device that answers only when it is asked.' },
    { pointer: '/network/unit_id', label: 'Unit id', control: 'number', section: 'Registers', fallback: 1, help: 'The Modbus unit of its registers, on this gateway one of those in the configuration.' },
    { pointer: '/network/modbus_host', label: 'Other Modbus server', control: 'text', section: 'Registers', fallback: null, nullable: true, help: 'Host of a PLC that holds the registers, or a serial line such as serial:/dev/ttyUSB0:19200,8E1. Empty: this gateway holds them.', example: '10.0.0.17' },
    { pointer: '/network/modbus_port', label: 'Its port', control: 'number', section: 'Registers', fallback: 502, when: hasHost },
    { pointer: '/network/framing', label: 'Framing', control: 'select', section: 'Registers', fallback: 'tcp', rare: true, when: hasHost, choices: [
        { value: 'tcp', label: 'Modbus TCP' },
        { value: 'rtu', label: 'Modbus RTU over TCP, to a serial device server' },
    ], help: 'All devices of a server have the same.' },
    { pointer: '/network/tls', label: 'TLS', control: 'check', section: 'Registers', fallback: false, rare: true, when: hasHost, help: 'Modbus/TCP Security, mostly on port 802, with the certificates that the configuration of tagferry-mqttd names. All devices of a server have the same.' },
    { pointer: '/network/max_write_registers', label: 'Most registers in a write', control: 'number', section: 'Registers', fallback: 123, rare: true, when: hasServer },
    { pointer: '/network/min_interval_ms', label: 'Time between requests (ms)', control: 'number', section: 'Registers', fallback: 0, rare: true, when: hasServer },
    { pointer: '/network/poll_interval_ms', label: 'Poll interval (ms)', control: 'number', section: 'Registers', fallback: 1000, rare: true, when: hasServer, help: 'How often the registers of commands are read for changes by others.' },
    { pointer: '/network/write_single', label: 'Write each register alone', control: 'check', section: 'Registers', fallback: false, rare: true, when: hasServer },
    { pointer: '/network/rewrite_on_reconnect', label: 'Write again after an interruption', control: 'check', section: 'Registers', fallback: true, rare: true, when: hasServer, help: 'The newest values are written when the server answers again.' },
    { pointer: '/network/gateway', label: 'Gateway', control: 'gateway', section: 'Registers', fallback: null, nullable: true, rare: true, help: 'Name of the one gateway that holds this device, where several share a configuration ([common] gateway there). Registers are zeroed at the gateway that it leaves. Empty: every gateway holds it.', example: 'line-1' },
    { pointer: '/network/address', label: "The device's own address", control: 'text', section: 'Registers', fallback: null, nullable: true, rare: true, help: 'For people only.' },
    { pointer: '/status', label: 'Status registers', control: 'status', section: 'Registers', fallback: null, nullable: true, rare: true, wide: true, help: 'Four registers with quality (192 good, 500 stale, 0 bad), age in seconds, messages and rejects.' },
    { pointer: '/profile', label: 'Profile', control: 'profile', section: 'Profile', fallback: null, nullable: true, wide: true, help: 'A description of many equal devices, which sets the topic, other settings and tags.' },
];

const hasCommand = (tag: Tag) => tag.direction === 'to_mqtt' || tag.direction === 'both';
const hasMessages = (tag: Tag) => tag.direction !== 'constant' && tag.direction !== 'companion';
const writesMessages = (tag: Tag) => tag.direction === 'to_modbus' || tag.direction === 'both';
const isConstant = (tag: Tag) => tag.direction === 'constant';
const isCompanion = (tag: Tag) => tag.direction === 'companion';
const isBit = (tag: Tag) => tag.modbus.table === 'coil' || tag.modbus.table === 'discrete_input';
const isByte = (tag: Tag) => isByteType(tag.modbus.type);
const isNumber = (tag: Tag) => !['bool', 'string'].includes(tag.modbus.type) && !isBit(tag);
const isWide = (tag: Tag) => /64|32|string/.test(tag.modbus.type ?? 'float32') && !isBit(tag);

export const tagSections = ['Tag', 'Value in the message', 'Register', 'Command'];

export const tagFields: FieldRow<Tag>[] = [
    { pointer: '/name', label: 'Name', control: 'text', section: 'Tag', fallback: '', help: 'Letters, digits, point, underscore and hyphen, at most 64.', example: 'supply_temperature' },
    { pointer: '/label', label: 'Label', control: 'text', section: 'Tag', fallback: '', help: 'The name as people write it.' },
    { pointer: '/unit', label: 'Unit', control: 'text', section: 'Tag', fallback: '', example: '°C' },
    { pointer: '/direction', label: 'Direction', control: 'select', section: 'Tag', fallback: 'to_modbus', choices: [
        { value: 'to_modbus', label: 'MQTT to Modbus: a measurement' },
        { value: 'to_mqtt', label: 'Modbus to MQTT: a setpoint' },
        { value: 'both', label: 'Both: a setpoint that the device reports' },
        { value: 'constant', label: 'Constant: a fixed value' },
        { value: 'companion', label: 'Companion: quality or time of another tag' },
    ] },
    { pointer: '/enabled', label: 'Enabled', control: 'check', section: 'Tag', fallback: true, help: 'When it is off, values are ignored, and the register keeps its value.' },
    { pointer: '/description', label: 'Description', control: 'area', section: 'Tag', fallback: '', rare: true, wide: true },
    { pointer: '/mqtt/key', label: 'Key', control: 'key', section: 'Value in the message', when: hasMessages, fallback: null, help: 'A name, or a path such as /voltage/l1 or /values/id=T1/v.' },
    { pointer: '/mqtt/payload', label: 'Payload', control: 'select', section: 'Value in the message', when: hasMessages, fallback: 'json', choices: [
        { value: 'json', label: 'JSON' },
        { value: 'text', label: 'Plain text' },
        { value: 'sparkplug', label: 'Sparkplug B: the key is a metric' },
    ] },
    { pointer: '/mqtt/values', label: 'Words and numbers', control: 'words', section: 'Value in the message', when: hasMessages, fallback: null, nullable: true, wide: true, help: 'Words of the message and the numbers that stand for them in the register.' },
    { pointer: '/mqtt/topic', label: 'Topic of its own', control: 'text', section: 'Value in the message', when: hasMessages, fallback: null, nullable: true, rare: true, help: "Empty: the device's topic." },
    { pointer: '/mqtt/pattern', label: 'Pattern', control: 'text', section: 'Value in the message', when: hasMessages, fallback: null, nullable: true, rare: true, help: 'A regular expression that takes the value out of a text.', example: '^(-?[0-9.]+)' },
    { pointer: '/mqtt/number', label: 'Numbers in texts', control: 'select', section: 'Value in the message', when: hasMessages, fallback: 'decimal', rare: true, choices: [
        { value: 'decimal', label: '21.5' },
        { value: 'decimal_comma', label: '21,5' },
        { value: 'hex', label: 'hexadecimal, 0190' },
    ], help: 'How a text writes numbers.' },
    { pointer: '/mqtt/quality_key', label: 'Key of the quality', control: 'text', section: 'Value in the message', when: hasMessages, fallback: null, nullable: true, rare: true, help: 'A value whose quality there is not good is refused.', example: './q' },
    { pointer: '/modbus/table', label: 'Table', control: 'select', section: 'Register', fallback: null, choices: [
        { value: 'holding_register', label: 'Holding register (4x)' },
        { value: 'input_register', label: 'Input register (3x)' },
        { value: 'coil', label: 'Coil (0x)' },
        { value: 'discrete_input', label: 'Discrete input (1x)' },
    ] },
    { pointer: '/modbus/address', label: 'Address', control: 'address', section: 'Register', fallback: null, help: 'The offset from 0, or a Modicon address such as 40101.' },
    { pointer: '/modbus/type', label: 'Type', control: 'select', section: 'Register', fallback: null, choices: [
        { value: 'float32', label: 'float32' },
        { value: 'int16', label: 'int16' },
        { value: 'uint16', label: 'uint16' },
        { value: 'int32', label: 'int32' },
        { value: 'uint32', label: 'uint32' },
        { value: 'int64', label: 'int64' },
        { value: 'uint64', label: 'uint64' },
        { value: 'float64', label: 'float64' },
        { value: 'bool', label: 'bool' },
        { value: 'int8', label: 'int8: one byte of a register' },
        { value: 'uint8', label: 'uint8: one byte of a register' },
        { value: 'bcd16', label: 'bcd16: 4 digits, BCD' },
        { value: 'bcd32', label: 'bcd32: 8 digits, BCD' },
        { value: 'string', label: 'string' },
    ] },
    { pointer: '/modbus/byte', label: 'Byte', control: 'select', section: 'Register', fallback: null, nullable: true, when: isByte, choices: [
        { value: 'low', label: 'low: bits 0 to 7' },
        { value: 'high', label: 'high: bits 8 to 15' },
    ], help: 'Of the register. Another tag may have the other byte. Without a choice it is the low one.' },
    { pointer: '/modbus/bit', label: 'Bit', control: 'number', section: 'Register', fallback: null, nullable: true, when: (tag) => tag.modbus.type === 'bool' && !isBit(tag), help: '0 is the least significant, 15 the most. Empty: the whole register is 0 or 1.' },
    { pointer: '/modbus/length', label: 'Length in registers', control: 'number', section: 'Register', fallback: null, nullable: true, when: (tag) => tag.modbus.type === 'string', help: 'Two bytes of text in each.' },
    { pointer: '/modbus/constant', label: 'Value', control: 'setpoint', section: 'Register', fallback: null, nullable: true, when: isConstant, help: 'The register always holds it: it is written again when a client has overwritten it.' },
    { pointer: '/modbus/companion', label: 'Shows', control: 'select', section: 'Register', fallback: 'none', when: isCompanion, choices: [
        { value: 'none', label: 'choose' },
        { value: 'quality', label: 'quality: 192 good, 500 stale, 0 bad or never' },
        { value: 'age_s', label: 'age of the value in seconds' },
        { value: 'time_s', label: 'time of the value, seconds since 1970' },
        { value: 'time_ms', label: 'time of the value, milliseconds since 1970' },
    ] },
    { pointer: '/modbus/companion_of', label: 'Of the tag', control: 'text', section: 'Register', fallback: null, nullable: true, when: isCompanion, help: 'The name of a tag of this device.' },
    { pointer: '/modbus/scale', label: 'Scale', control: 'number', section: 'Register', fallback: 1, when: isNumber, help: 'value = register × scale + offset. A register of tenths has 0.1.' },
    { pointer: '/modbus/offset', label: 'Offset', control: 'number', section: 'Register', fallback: 0, when: isNumber },
    { pointer: '/modbus/byte_order', label: 'Byte order', control: 'select', section: 'Register', fallback: 'ABCD', rare: true, when: isWide, choices: [
        { value: 'ABCD', label: 'ABCD: high word first' },
        { value: 'CDAB', label: 'CDAB: low word first' },
        { value: 'BADC', label: 'BADC: bytes swapped' },
        { value: 'DCBA', label: 'DCBA: all reversed' },
        { value: 'ABCDEFGH', label: 'ABCDEFGH: 64 bits, as ABCD' },
        { value: 'GHEFCDAB', label: 'GHEFCDAB: 64 bits, as CDAB' },
        { value: 'BADCFEHG', label: 'BADCFEHG: 64 bits, as BADC' },
        { value: 'HGFEDCBA', label: 'HGFEDCBA: 64 bits, as DCBA' },
        { value: 'CDABGHEF', label: 'CDABGHEF: 64 bits, low word of each half first' },
        { value: 'EFGHABCD', label: 'EFGHABCD: 64 bits, low half first' },
        { value: 'DCBAHGFE', label: 'DCBAHGFE: CDABGHEF with bytes swapped' },
        { value: 'FEHGBADC', label: 'FEHGBADC: EFGHABCD with bytes swapped' },
    ] },
    { pointer: '/modbus/on_overflow', label: 'A number out of range', control: 'select', section: 'Register', fallback: 'reject', rare: true, choices: [
        { value: 'reject', label: 'is refused, the register keeps its value' },
        { value: 'clamp', label: 'becomes the limit of the type' },
    ] },
    { pointer: '/modbus/on_stale', label: 'When the value is stale', control: 'fallback', section: 'Register', when: hasMessages, fallback: null, nullable: true, rare: true, help: 'What the register holds when the value is too old or the device is not available.' },
    { pointer: '/modbus/on_null', label: 'A null in the message', control: 'select', section: 'Register', when: hasMessages, fallback: 'hold', rare: true, choices: [
        { value: 'hold', label: 'is refused, the register keeps its value' },
        { value: 'stale', label: 'writes what a stale value has' },
    ] },
    { pointer: '/modbus/min_change', label: 'Smallest change to write', control: 'number', section: 'Register', fallback: 0, rare: true, when: (tag, isForeign) => isForeign && writesMessages(tag) && isNumber(tag), help: 'A number that differs by less from the one sent last is not written. 0: any is written.' },
    { pointer: '/modbus/min_interval_ms', label: 'Shortest time between writes (ms)', control: 'number', section: 'Register', fallback: 0, rare: true, when: (tag, isForeign) => isForeign && writesMessages(tag), help: 'The newest value is written at the end of this time. 0: at once.' },
    { pointer: '/mqtt/command_topic', label: 'Command topic', control: 'text', section: 'Command', fallback: null, nullable: true, wide: true, when: hasCommand, help: 'Where a value that SCADA writes is published.', example: 'plant/boiler-7/set' },
    { pointer: '/mqtt/command_template', label: 'Command payload', control: 'area', section: 'Command', fallback: null, nullable: true, wide: true, when: hasCommand, help: 'With {value}, {tag} and {device}. Empty: an object with the key and the value.', example: '{"setpoint": {value}}' },
    { pointer: '/mqtt/command_qos', label: 'Quality of service', control: 'select', section: 'Command', fallback: 1, rare: true, when: hasCommand, choices: qosChoices },
    { pointer: '/mqtt/command_retain', label: 'Retained', control: 'check', section: 'Command', fallback: false, rare: true, when: hasCommand, help: 'The broker keeps the newest command for devices that connect later.' },
    { pointer: '/mqtt/settle_ms', label: 'Wait for all registers (ms)', control: 'number', section: 'Command', fallback: 50, rare: true, when: (tag) => hasCommand(tag) && isWide(tag), help: 'A value of several registers is published this long after the last write to it.' },
    { pointer: '/mqtt/hold_off_ms', label: 'Ignore the device after a write (ms)', control: 'number', section: 'Command', fallback: 2000, rare: true, when: (tag) => tag.direction === 'both', help: 'So that a setpoint does not jump back.' },
    { pointer: '/mqtt/expires_s', label: 'Expires after (s)', control: 'number', section: 'Command', fallback: 0, rare: true, when: (tag, isForeign) => hasCommand(tag) && !isForeign, help: 'Seconds without a write by SCADA, also of the same value, after which the setpoint expires. 0: never.' },
    { pointer: '/mqtt/expire_value', label: 'Value when it expires', control: 'setpoint', section: 'Command', fallback: null, nullable: true, rare: true, when: (tag) => hasCommand(tag) && tag.mqtt.expires_s > 0, help: 'Written to the register and published once. Empty: the register keeps its value, and the tag is only shown as expired.' },
    { pointer: '/mqtt/command_on', label: 'Publish', control: 'select', section: 'Command', fallback: 'write', rare: true, when: hasCommand, choices: [
        { value: 'write', label: 'each write (of another Modbus server: each change)' },
        { value: 'change', label: 'only values that the device does not have' },
    ] },
    { pointer: '/mqtt/min_change', label: 'Smallest change', control: 'number', section: 'Command', fallback: 0, rare: true, when: (tag, isForeign) => hasCommand(tag) && (isForeign ? isNumber(tag) : tag.mqtt.command_on === 'change'), help: 'A number that differs by less from what the device has is not published. 0: any difference counts.' },
    { pointer: '/mqtt/min_interval_ms', label: 'Shortest time between commands (ms)', control: 'number', section: 'Command', fallback: 0, rare: true, when: hasCommand, help: 'The newest value is published at the end of this time. 0: at once.' },
];

function makeBlank<Of>(rows: FieldRow<Of>[], groups: object): Of {
    let record = structuredClone(groups) as Of;
    for (const row of rows) record = withValue(record, row.pointer, row.fallback);
    return record;
}

// A new device and a new tag: what the server sets without members. Null where it chooses.
export const blankDevice = (): Device => makeBlank<Device>(deviceFields, { network: {}, mqtt: {} });
export const blankTag = (device: string): Tag => ({ ...makeBlank<Tag>(tagFields, { mqtt: {}, modbus: {} }), device });

// The text of a member for people: the label of its choice, or its value.
export function memberText<Of>(row: FieldRow<Of> | undefined, value: unknown): string {
    if (value === null || value === undefined) return 'none';
    const choice = row?.choices?.find((one) => one.value === String(value));
    if (choice) return choice.label;
    if (typeof value === 'boolean') return value ? 'yes' : 'no';
    if (value === '') return 'empty';
    return typeof value === 'string' ? value : JSON.stringify(value);
}
