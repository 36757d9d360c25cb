// A proposal while it is changed: devices, profiles and tags, and the body of the import that saves them.
import type { Fault } from '../../lib/api';
import { plural } from '../../lib/format';
import type { Direction, Table, Warning } from '../../lib/types';
import { keyId, keyText, topicId, type KnownDevice } from './heard';

export interface TagBody {
    name: string;
    label?: string;
    unit?: string;
    direction?: Direction;
    mqtt?: { key?: string; topic?: string; command_topic?: string; [member: string]: unknown };
    modbus?: { table?: Table; type?: string; address?: unknown; scale?: unknown; length?: unknown; [member: string]: unknown };
    [member: string]: unknown;
}

interface GroupBody {
    name: string;
    label?: string;
    description?: string;
    mqtt?: { topic?: string; where?: Record<string, unknown>; [member: string]: unknown };
    network?: { unit_id?: number; [member: string]: unknown };
    profile?: { name: string; params?: Record<string, unknown>; base?: Partial<Record<Table, number>> };
    device?: { mqtt?: { topic?: string; where?: Record<string, unknown> }; [member: string]: unknown };
    tags?: TagBody[];
    [member: string]: unknown;
}

export interface Proposal {
    profiles?: GroupBody[];
    devices: GroupBody[];
    notes: { recogniser?: string; devices?: string[]; text: string }[];
}

export interface DraftTag {
    id: string;
    group: DraftGroup;
    body: TagBody;
    wanted: boolean;
    isManual: boolean; // the address was typed
    address: number | null; // that the server would give it
    warnings: Warning[];
}

// A device, or a profile with the tags of its devices.
export interface DraftGroup {
    id: string;
    kind: 'device' | 'profile';
    body: GroupBody;
    wanted: boolean;
    known: KnownDevice | null; // the store has it: it gets new tags
    maker: string; // the recogniser's words, unless it is the shape alone
    tags: DraftTag[];
    base: Partial<Record<Table, number>> | null; // of a device of a profile, as the server would give it
}

export interface Draft {
    groups: DraftGroup[];
    notes: string[];
    dropped: number; // tags that the server proposed, but that were not ticked
}

export const bitTables: Table[] = ['coil', 'discrete_input'];
export const valueTypes = ['bool', 'int16', 'uint16', 'int32', 'uint32', 'int64', 'uint64', 'float32', 'float64', 'bcd16', 'bcd32', 'int8', 'uint8', 'string'];

export function isBitTable(table: Table): boolean {
    return bitTables.includes(table);
}

export function tableOf(tag: TagBody): Table {
    return tag.modbus?.table ?? 'holding_register';
}

export function typeOf(tag: TagBody): string {
    return tag.modbus?.type ?? (isBitTable(tableOf(tag)) ? 'bool' : 'float32');
}

export function widthOf(tag: TagBody): number {
    if (isBitTable(tableOf(tag))) return 1;
    const type = typeOf(tag);
    if (type === 'string') return Number(tag.modbus?.length) || 1;
    return Math.max(1, Number(/\d+$/.exec(type)?.[0] ?? 16) / 16);
}

// The id of the value that a tag reads, as it is ticked.
export function valueIdOf(group: DraftGroup, tag: TagBody): string {
    const mqtt = group.known ?? group.body.mqtt ?? group.body.device?.mqtt;
    return keyId(topicId(tag.mqtt?.topic ?? mqtt?.topic ?? '', mqtt?.where), tag.mqtt?.key ?? tag.name);
}

// Makes a draft of a proposal. `heard` are the ids of all values that were heard and are new, `ticked` those
// that are wanted: of the others none is kept. Values that were not heard, such as commands, are kept.
export function makeDraft(proposal: Proposal, heard: ReadonlySet<string>, ticked: ReadonlySet<string>, devices: ReadonlyMap<string, KnownDevice>): Draft {
    const draft: Draft = { groups: [], notes: [], dropped: 0 };
    const makers = new Map<string, string>();
    for (const note of proposal.notes) {
        if (!note.recogniser) draft.notes.push(note.text);
        else if (note.recogniser !== 'shape') for (const device of note.devices ?? []) makers.set(device, note.text);
    }
    const add = (kind: 'device' | 'profile', body: GroupBody, index: number) => {
        const { tags = [], ...own } = body;
        const group: DraftGroup = {
            id: `${kind} ${index}`,
            kind,
            body: own,
            wanted: true,
            known: kind === 'device' && !own.profile && !own.mqtt?.topic ? (devices.get(own.name) ?? null) : null,
            maker: makers.get(own.name) ?? '',
            tags: [],
            base: own.profile?.base ?? null,
        };
        tags.forEach((tag, at) => {
            const id = valueIdOf(group, tag);
            if (kind === 'device' && heard.has(id) && !ticked.has(id)) {
                draft.dropped++;
                return;
            }
            const address = typeof tag.modbus?.address === 'number' ? tag.modbus.address : null;
            group.tags.push({ id: `${group.id} tag ${at}`, group, body: tag, wanted: true, isManual: false, address, warnings: [] });
        });
        if (group.tags.length > 0 || own.profile) draft.groups.push(group);
    };
    proposal.profiles?.forEach((profile, index) => add('profile', profile, index));
    proposal.devices.forEach((device, index) => add('device', device, index));
    if (!proposal.profiles?.length) noteMissing(draft, ticked);
    if (draft.dropped > 0) releaseAddresses(draft);
    return draft;
}

// Says which ticked values no tag reads.
function noteMissing(draft: Draft, ticked: ReadonlySet<string>): void {
    const missing = new Set(ticked);
    for (const group of draft.groups) for (const tag of group.tags) missing.delete(valueIdOf(group, tag.body));
    const first = missing.values().next().value;
    if (first === undefined) return;
    const [topic = '', key = ''] = first.split('\n\n');
    draft.notes.push(
        `${plural(missing.size, 'ticked value has', 'ticked values have')} no tag here, such as ${keyText(key)} of ${topic}: Tagferry publishes them itself, they are time stamps, ` +
            'or the description of a maker has them in another way or leaves them out.',
    );
}

// Lets the server give new registers to all but those that were typed.
export function releaseAddresses(draft: Draft): void {
    for (const group of draft.groups) {
        group.base = null;
        for (const tag of group.tags) if (!tag.isManual) tag.address = null;
    }
    for (const group of draft.groups) if (group.kind === 'profile') placeInProfile(group);
}

// In a profile tags have registers from 0 on; values of several registers begin at even ones.
function placeInProfile(group: DraftGroup): void {
    const next: Partial<Record<Table, number>> = {};
    for (const tag of group.tags) {
        if (tag.isManual || !tag.wanted) continue;
        const table = tableOf(tag.body);
        const width = widthOf(tag.body);
        const free = next[table] ?? 0;
        tag.address = width > 1 ? free + (free % 2) : free;
        next[table] = tag.address + width;
    }
}

// The body of the import, and which part of the draft each of its places is of.
export interface Sent {
    body: { profiles?: unknown[]; devices: unknown[] };
    profiles: { group: DraftGroup; tags: DraftTag[] }[];
    devices: { group: DraftGroup; tags: DraftTag[] }[];
}

function numberIfOne(text: unknown): unknown {
    if (typeof text !== 'string') return text;
    const trimmed = text.trim();
    return trimmed !== '' && Number.isFinite(Number(trimmed)) ? Number(trimmed) : text;
}

export function tagBody(tag: DraftTag): TagBody {
    const { modbus = {}, ...rest } = tag.body;
    const { address: typed, scale, length, ...others } = modbus;
    const address = tag.isManual ? numberIfOne(typed) : (tag.address ?? undefined);
    return {
        ...rest,
        modbus: {
            ...others,
            ...(address === undefined ? {} : { address }),
            ...(scale === undefined || scale === '' ? {} : { scale: numberIfOne(scale) }),
            ...(length === undefined || length === '' ? {} : { length: numberIfOne(length) }),
        },
    };
}

export function makeBody(draft: Draft): Sent {
    const sent: Sent = { body: { devices: [] }, profiles: [], devices: [] };
    const usedProfiles = new Set(draft.groups.filter((group) => group.wanted && group.body.profile).map((group) => group.body.profile!.name));
    const profileNames = new Map<string, string>(); // as proposed, as they are called now
    for (const group of draft.groups) {
        if (group.kind !== 'profile' || !usedProfiles.has(group.id)) continue;
        profileNames.set(group.id, group.body.name);
    }
    const profiles: unknown[] = [];
    for (const group of draft.groups) {
        if (!group.wanted || (group.kind === 'profile' && !usedProfiles.has(group.id))) continue;
        const tags = group.tags.filter((tag) => tag.wanted);
        if (tags.length === 0 && !group.body.profile) continue;
        const bodies = tags.map(tagBody);
        if (group.kind === 'profile') {
            profiles.push({ ...group.body, tags: bodies });
            sent.profiles.push({ group, tags });
        } else if (group.body.profile) {
            const { base: _base, name, ...profile } = group.body.profile;
            sent.body.devices.push({ ...group.body, profile: { ...profile, name: profileNames.get(name) ?? name, ...(group.base ? { base: group.base } : {}) } });
            sent.devices.push({ group, tags });
        } else {
            sent.body.devices.push({ ...group.body, tags: bodies });
            sent.devices.push({ group, tags });
        }
    }
    if (profiles.length > 0) sent.body.profiles = profiles;
    return sent;
}

// Devices name their profile by the id of its group, so that the profile can be renamed.
export function bindProfiles(draft: Draft): void {
    const byName = new Map(draft.groups.filter((group) => group.kind === 'profile').map((group) => [group.body.name, group]));
    for (const group of draft.groups) {
        const profile = group.body.profile && byName.get(group.body.profile.name);
        if (profile) group.body = { ...group.body, profile: { ...group.body.profile!, name: profile.id } };
    }
}

// A fault of the draft: of a group or a tag of it, and of the member that `cell` names.
export interface DraftFault {
    group: DraftGroup | null;
    tag: DraftTag | null;
    cell: string; // such as name, label, unit, type, table, address, scale; empty: the whole
    detail: string;
    code: string;
}

// Finds the places of the server's faults.
export function placeFaults(faults: Fault[], sent: Sent): DraftFault[] {
    const placed = faults.map(({ pointer = '', code, detail }): DraftFault => {
        const [, list, index, ...rest] = pointer.split('/');
        const place = list === 'devices' ? sent.devices[Number(index)] : list === 'profiles' ? sent.profiles[Number(index)] : undefined;
        const tag = rest[0] === 'tags' && rest[1] !== undefined ? (place?.tags[Number(rest[1])] ?? null) : null;
        return { group: place?.group ?? null, tag, cell: (tag ? rest.slice(2) : rest).filter((part) => !['mqtt', 'modbus', 'network', 'profile'].includes(part))[0] ?? '', detail, code };
    });
    // Where a profile is refused, each of its devices says that there is none.
    return placed.some((fault) => fault.group?.kind === 'profile') ? placed.filter((fault) => fault.code !== 'unknown_profile') : placed;
}

export interface Change {
    action: 'create' | 'change' | 'unchanged' | 'delete';
    profile?: string;
    device?: string;
    tag?: string | null;
    table?: Table;
    address?: number;
    after?: { profile?: { base?: Partial<Record<Table, number>> } } | null;
    warnings?: Warning[];
}

// Takes over what the server answered to a dry run: registers, warnings; and finds names that are in use: an
// import would change what has them.
export function takeChanges(sent: Sent, changes: Change[]): DraftFault[] {
    const found = new Map(changes.map((change) => [`${change.profile ? 'profile' : 'device'} ${change.profile ?? change.device}/${change.tag ?? ''}`, change]));
    const faults: DraftFault[] = [];
    for (const { group, tags } of [...sent.profiles, ...sent.devices]) {
        const own = found.get(`${group.kind} ${group.body.name}/`);
        if (!group.known && own?.action !== 'create')
            faults.push({ group, tag: null, cell: 'name', code: 'taken', detail: `There is a ${group.kind} ${group.body.name} already. Choose another name.` });
        if (group.body.profile) group.base = own?.after?.profile?.base ?? group.base;
        if (group.kind === 'profile') continue;
        for (const tag of tags) {
            const change = found.get(`device ${group.body.name}/${tag.body.name}`);
            if (change && change.action !== 'create' && group.known)
                faults.push({ group, tag, cell: 'name', code: 'taken', detail: `${group.body.name} has a tag ${tag.body.name} already. Choose another name.` });
            tag.address = change?.address ?? tag.address;
            tag.warnings = change?.warnings ?? [];
        }
    }
    return faults;
}

export interface Extent {
    unit: number;
    table: Table;
    from: number;
    to: number;
}

// The registers of what is sent, from the lowest to the highest of each unit and table.
export function extentsOf(sent: Sent): Extent[] {
    const extents = new Map<string, Extent>();
    const add = (unit: number, table: Table, from: number, width: number) => {
        const key = `${unit} ${table}`;
        const extent = extents.get(key) ?? { unit, table, from, to: from };
        extent.from = Math.min(extent.from, from);
        extent.to = Math.max(extent.to, from + width - 1);
        extents.set(key, extent);
    };
    for (const { group, tags } of sent.devices) {
        const unit = group.body.network?.unit_id ?? group.known?.unit ?? 1;
        for (const tag of tags) if (tag.address !== null) add(unit, tableOf(tag.body), tag.address, widthOf(tag.body));
        if (!group.body.profile) continue;
        const profile = sent.profiles.find((one) => one.group.id === group.body.profile!.name);
        for (const tag of profile?.tags ?? []) {
            const table = tableOf(tag.body);
            const base = group.base?.[table];
            if (base !== undefined && tag.address !== null) add(unit, table, base + tag.address, widthOf(tag.body));
        }
    }
    return [...extents.values()].sort((a, b) => a.unit - b.unit || a.table.localeCompare(b.table));
}

export interface Summary {
    profiles: number;
    devices: number;
    known: string[]; // devices of the store that get tags
    tags: number;
}

export function summaryOf(sent: Sent): Summary {
    const perProfile = new Map(sent.profiles.map(({ group, tags }) => [group.id, tags.length]));
    const summary: Summary = { profiles: sent.profiles.length, devices: 0, known: [], tags: 0 };
    for (const { group, tags } of sent.devices) {
        if (group.known) summary.known.push(group.body.name);
        else summary.devices++;
        summary.tags += group.body.profile ? (perProfile.get(group.body.profile.name) ?? 0) : tags.length;
    }
    return summary;
}
