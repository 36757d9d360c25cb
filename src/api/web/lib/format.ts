// Texts of values, times and words of the API, for people.
import reasons from '../../../common/words/reasons.json';
import { isByteType } from './decode';
import { titlesOf } from './remedies';
import type { Quality, Table, Tag, Value } from './types';

export const qualityWords: Record<Quality, string> = { good: 'good', stale: 'stale', bad: 'bad', never: 'never' };

// What each reason means, in a few words: the full text is in docs/troubleshooting.md.
export const reasonWords = titlesOf(reasons);

// The same for a narrow place, such as a row of a table.
export const shortReasonWords: Record<string, string> = {
    never_heard: 'not heard yet',
    silent: 'silent for too long',
    unavailable: 'unavailable',
    broker_lost: 'broker lost',
    mqttd_down: 'tagferry-mqttd is down',
    modbusd_down: 'tagferry-modbusd is down',
    target_down: 'Modbus server is down',
    refused: 'value refused',
    old_messages: 'messages are old',
    not_json: 'not JSON',
    subscription_refused: 'topic refused',
    bad_quality: 'device says not good',
    expired: 'setpoint expired',
    disabled: 'switched off',
    other_gateway: 'other gateway',
};

// `gateway`: that which holds the device.
export function reasonText(reason: string | null | undefined, gateway?: string | null): string {
    if (reason === 'other_gateway' && gateway) return `the gateway ${gateway} holds the device`;
    return reason ? (reasonWords[reason] ?? reason.replaceAll('_', ' ')) : '';
}

export function shortReasonText(reason: string, gateway?: string | null): string {
    if (reason === 'other_gateway' && gateway) return `at ${gateway}`;
    return shortReasonWords[reason] ?? reasonText(reason);
}

// The reasons of what is wrong: not of what is switched off, nor of what another gateway holds.
export const wrongReasons = Object.keys(reasonWords).filter((reason) => reason !== 'disabled' && reason !== 'other_gateway');

export const tableWords: Record<Table, string> = {
    coil: 'coil',
    discrete_input: 'discrete input',
    input_register: 'input register',
    holding_register: 'holding register',
};

export const directionWords: Record<string, string> = {
    to_modbus: 'MQTT to Modbus',
    to_mqtt: 'Modbus to MQTT',
    both: 'both ways',
    constant: 'constant',
    companion: 'companion of a tag',
};

// The same for a narrow place.
export const shortDirectionWords: Record<string, string> = { to_modbus: 'to Modbus', to_mqtt: 'to MQTT', both: 'both ways', constant: 'constant', companion: 'companion' };

// "holding register 100.3"
export function registerText(tag: Tag): string {
    const { table, address, bit, type, byte } = tag.modbus;
    return `${tableWords[table]} ${address}${bit === null ? '' : `.${bit}`}${isByteType(type) ? `, ${byte ?? 'low'} byte` : ''}`;
}

export function valueText(value: Value['value'] | undefined): string {
    if (value === null || value === undefined) return '–';
    if (typeof value === 'string') return value;
    return String(value);
}

// A long text for a place with little room: its beginning.
export function cutText(text: string, most = 160): string {
    return text.length > most ? `${text.slice(0, most)}…` : text;
}

export function rawText(raw: number[] | null | undefined): string {
    return raw ? raw.map((word) => word.toString(16).padStart(4, '0')).join(' ') : '';
}

// An age: 0.4 s, 12 s, 3 min, 5 h, 2 d.
export function ageText(ms: number | null | undefined): string {
    if (ms === null || ms === undefined || !Number.isFinite(ms)) return '–';
    const s = Math.max(0, ms) / 1000;
    if (s < 1) return 'now';
    if (s < 120) return `${Math.floor(s)} s`;
    if (s < 7200) return `${Math.floor(s / 60)} min`;
    if (s < 172800) return `${Math.floor(s / 3600)} h`;
    return `${Math.floor(s / 86400)} d`;
}

const clock = new Intl.DateTimeFormat(undefined, { hour: '2-digit', minute: '2-digit', second: '2-digit', hourCycle: 'h23' });
const date = new Intl.DateTimeFormat(undefined, { year: 'numeric', month: '2-digit', day: '2-digit' });

// The time of today, the date and the time of another day.
export function timeText(at: string | number | Date | null | undefined): string {
    if (at === null || at === undefined) return '–';
    const time = at instanceof Date ? at : new Date(at);
    if (Number.isNaN(time.getTime())) return String(at);
    const today = new Date().toDateString() === time.toDateString();
    return today ? clock.format(time) : `${date.format(time)} ${clock.format(time)}`;
}

const grouped = new Intl.NumberFormat('en', { maximumFractionDigits: 1 });

// 12,345: groups of digits, as in the documents.
export function countText(count: number | null | undefined): string {
    return count === null || count === undefined ? '–' : grouped.format(count);
}

export function plural(count: number, one: string, many = `${one}s`): string {
    return `${countText(count)} ${count === 1 ? one : many}`;
}

export function bytesText(bytes: number): string {
    if (bytes < 1000) return `${bytes} B`;
    if (bytes < 1e6) return `${grouped.format(bytes / 1e3)} kB`;
    if (bytes < 1e9) return `${grouped.format(bytes / 1e6)} MB`;
    return `${grouped.format(bytes / 1e9)} GB`;
}

export function capitalText(text: string): string {
    if (text.startsWith('tagferry-')) return text; // the name of a program
    return text.charAt(0).toUpperCase() + text.slice(1);
}

// What a search compares: letters in small form.
export function foldText(text: string): string {
    return text.toLowerCase();
}
