// What is wrong, by its cause: a broken broker is one cause, not two hundred broken tags.
import { capitalText, countText, plural, reasonText } from './format';
import type { Row } from './live';
import { partsDown, partSentence } from './parts';
import { errorWords, partReasons, reasonRemedies, wordsOf } from './remedies';
import { linkTo } from './router';
import { serverText } from './servers';
import type { Device, Readiness } from './types';

export interface Cause {
    key: string;
    level: 'wrong' | 'warning' | 'plain';
    isOfGateway: boolean; // not of one device or server
    title: string;
    since: string | null;
    remedy: string;
    tags: number; // that are not good because of it
    href: string; // where to look next
}

const DEVICES_NAMED = 3; // more with the same trouble become one line

const partOf: Record<string, string> = { mqttd_down: 'mqttd', broker_lost: 'broker', modbusd_down: 'modbusd' };
// The newest error says more than these reasons.
const toldByError = new Set(['refused', 'not_json', 'target_down', 'subscription_refused']);
// These are of single tags; the others of a whole device.
const ofTags = new Set(['refused', 'bad_quality', 'expired', 'never_heard']);
const order = { wrong: 0, warning: 1, plain: 2 };
const levels: Record<string, Cause['level']> = { bad: 'wrong', stale: 'warning' };

interface Group {
    reason: string;
    rows: Row[];
    devices: Set<string>;
}

function partCauses(readiness: Readiness | null, counts: Map<string, number>): Cause[] {
    return (readiness ? partsDown(readiness) : []).map(([name, part]) => {
        const words = wordsOf(partReasons, part.reason);
        const reason = Object.keys(partOf).find((one) => partOf[one] === name) ?? '';
        return {
            key: name,
            level: part.reason === 'starting' || part.reason === 'connecting' ? 'warning' : 'wrong',
            isOfGateway: true,
            title: `${partSentence(name, part)}${part.detail ? `: ${part.detail}` : ''}`,
            since: part.since,
            remedy: part.reason === 'not_running' ? (reasonRemedies[reason] ?? '') : [words.text, words.remedy].filter(Boolean).join(' '),
            tags: counts.get(reason) ?? 0,
            href: linkTo('system'),
        };
    });
}

function serverOf(row: Row, devices: ReadonlyMap<string, Device>): string {
    const network = devices.get(row.device)?.network;
    return network?.modbus_host ? `${serverText(network)}, unit ${network.unit_id}` : '';
}

// The rows that one thing to repair would make good: those of a Modbus server, else those of a device.
function groupRows(rows: Row[], devices: ReadonlyMap<string, Device>): Group[] {
    const groups = new Map<string, Group>();
    for (const row of rows) {
        const reason = row.reason ?? row.quality;
        const key = `${reason} ${reason === 'target_down' ? serverOf(row, devices) || row.device : row.device}`;
        const group = groups.get(key) ?? { reason, rows: [], devices: new Set() };
        groups.set(key, group);
        group.rows.push(row);
        group.devices.add(row.device);
    }
    return [...groups.values()];
}

function levelOf(rows: Row[]): Cause['level'] {
    const found = rows.map((row) => levels[row.quality] ?? 'plain');
    return found.includes('wrong') ? 'wrong' : found.includes('warning') ? 'warning' : 'plain';
}

const nameText = (names: Set<string>) => (names.size > DEVICES_NAMED ? plural(names.size, 'device') : [...names].join(', '));

function causeOf({ reason, rows, devices }: Group, totals: Map<string, number>, known: ReadonlyMap<string, Device>): Cause {
    const device = rows[0]!.device;
    const only = rows.length === 1 && ofTags.has(reason) ? rows[0]! : null;
    const error = toldByError.has(reason) ? rows.find((row) => row.value?.last_error)?.value?.last_error : null;
    const words = error ? wordsOf(errorWords, error.code) : null;
    const cause: Cause = {
        key: `${reason} ${device}`,
        level: levelOf(rows),
        isOfGateway: false,
        title: `${only ? `${device}/${only.tag}` : nameText(devices)}: ${words ? `${words.title}${error!.detail ? ` (${error!.detail})` : ''}` : reasonText(reason)}`,
        since: null,
        remedy: words?.remedy ?? reasonRemedies[reason] ?? '',
        tags: rows.length,
        href: only ? linkTo('tags', device, only.tag) : devices.size > 1 ? `${linkTo('live')}?show=wrong&reason=${reason}` : linkTo('devices', device),
    };
    if (reason === 'refused' && !only) cause.title = `${device}: ${countText(rows.length)} values are refused, such as ${rows[0]!.tag}${words ? `: ${words.title}` : ''}`;
    if (reason === 'never_heard') {
        const topic = known.get(device)?.mqtt.topic;
        const isWhole = rows.length === totals.get(device);
        cause.title = isWhole ? `${device}: no message yet${topic ? ` on ${topic}` : ''}` : only ? `${device}/${only.tag}: no message has had this value yet` : `${device}: ${countText(rows.length)} of ${plural(totals.get(device) ?? 0, 'tag')} have had no value yet`;
        if (!isWhole) cause.remedy = 'Messages of the device come, but do not have these keys. Open a tag to see which keys they have: capital letters matter.';
    }
    return cause;
}

// Many devices with the same trouble are one cause, and so is a part of the gateway.
function joinGroups(groups: Group[]): Group[] {
    const byReason = new Map<string, Group[]>();
    for (const group of groups) byReason.set(group.reason, [...(byReason.get(group.reason) ?? []), group]);
    return [...byReason.values()].flatMap((same) => {
        const reason = same[0]!.reason;
        if (same.length <= DEVICES_NAMED && !(reason in partOf)) return same;
        return [{ reason, rows: same.flatMap((group) => group.rows), devices: new Set(same.flatMap((group) => [...group.devices])) }];
    });
}

const sharedReasons = new Set(['silent', 'never_heard', 'unavailable']);

function joinedCause({ reason, rows, devices }: Group): Cause {
    const isOfGateway = reason in partOf;
    const shared = sharedReasons.has(reason) ? 'If they share a network, a power supply or a gateway, begin there. ' : '';
    return {
        key: reason,
        level: levelOf(rows),
        isOfGateway,
        title: isOfGateway ? capitalText(reasonText(reason)) : `${plural(devices.size, 'device')}: ${reasonText(reason)}`,
        since: null,
        remedy: shared + (reasonRemedies[reason] ?? ''),
        tags: rows.length,
        href: isOfGateway ? linkTo('system') : `${linkTo('live')}?show=wrong&reason=${reason}`,
    };
}

// The causes of all that is not good, the worst first. `wrong`: the rows that are not good; `totals`: how many
// tags each device has.
export function findCauses(wrong: Row[], totals: Map<string, number>, devices: ReadonlyMap<string, Device>, readiness: Readiness | null): Cause[] {
    const counts = new Map<string, number>();
    for (const row of wrong) if (row.reason) counts.set(row.reason, (counts.get(row.reason) ?? 0) + 1);
    const parts = partCauses(readiness, counts);
    const isTold = (reason: string | null) => parts.some((part) => part.key === partOf[reason ?? '']);
    const groups = joinGroups(groupRows(wrong.filter((row) => !isTold(row.reason)), devices));
    const others = groups.map((group) => (group.devices.size > DEVICES_NAMED || group.reason in partOf ? joinedCause(group) : causeOf(group, totals, devices)));
    others.sort((a, b) => order[a.level] - order[b.level] || b.tags - a.tags);
    return [...parts, ...others];
}
