// The profile of a device: which one, its parameters, and where the registers begin.
import { getAll, pathOf, type Fault } from '../../lib/api';
import { tableWords } from '../../lib/format';
import { memberOf } from '../../lib/members';
import { linkTo } from '../../lib/router';
import type { Table } from '../../lib/types';
import { SelectField, TextField } from '../../ui/form';
import { usePolled } from '../../ui/use';
import { NumberField, textOf, type ControlProps } from './controls';
import { isObject, tokensOf, type Json, type JsonObject } from './record';

export interface ProfileParam {
    default?: Json;
    description?: string | null;
}

export interface Profile {
    name: string;
    label: string;
    description: string;
    params: Record<string, ProfileParam>;
    room: Partial<Record<Table, number>>;
    device: JsonObject;
    tags: JsonObject[];
    devices: number;
    id: number;
    revision: number;
    created_at: string;
    updated_at: string;
}

export const tables: Table[] = ['holding_register', 'input_register', 'coil', 'discrete_input'];

// The value of a parameter as it was meant: a number or a flag where the default is one, or where it was quoted as such.
export function readParam(text: string, param: ProfileParam | undefined): Json {
    if (typeof param?.default === 'number' && text.trim() !== '' && Number.isFinite(Number(text))) return Number(text);
    if (typeof param?.default === 'boolean' && (text === 'true' || text === 'false')) return text === 'true';
    return text;
}

export function readProfiles(signal: AbortSignal): Promise<Profile[]> {
    return getAll<Profile>(pathOf('profiles'), {}, 10000).catch((error) => {
        if (signal.aborted) return [];
        throw error;
    });
}

// The members that a profile sets, by pointer: the device cannot change them.
export function pointersSet(profile: Profile | undefined): Set<string> {
    const found = new Set<string>();
    const walk = (value: Json, pointer: string) => {
        found.add(pointer);
        if (isObject(value)) for (const [name, member] of Object.entries(value)) walk(member, `${pointer}/${name}`);
    };
    for (const [name, member] of Object.entries(profile?.device ?? {})) walk(member, `/${name}`);
    return found;
}

const faultsOf = (faults: Fault[], pointer: string) => faults.filter((fault) => fault.pointer === pointer);

export function ProfileField({ label, help, faults, value, onInput, isNew }: ControlProps & { isNew: boolean }) {
    const { data: profiles } = usePolled(readProfiles, 0, []);
    const use = isObject(value) ? value : null;
    const profile = profiles?.find((one) => one.name === use?.name);
    const params = isObject(use?.params) ? use.params : {};
    const base = isObject(use?.base) ? use.base : {};
    const shown = Object.keys({ ...profile?.params, ...params });
    const setParam = (name: string, text: string) => {
        const next = { ...params };
        if (text === '') delete next[name];
        else next[name] = readParam(text, memberOf(profile?.params, name));
        onInput({ ...use!, params: next });
    };
    const setBase = (table: Table, number: Json) => {
        const next = { ...base };
        if (number === null) delete next[table];
        else next[table] = number;
        onInput({ ...use!, base: next });
    };
    return (
        <div class="profile-field">
            <SelectField
                label={label}
                help={use && profile ? profile.description || profile.label : help}
                faults={faults.filter((fault) => tokensOf(fault.pointer ?? '').length < 3)}
                value={textOf(use?.name)}
                onInput={(name) => onInput(name ? { name, params: {}, base: {} } : null)}
                choices={[{ value: '', label: isNew ? 'none' : 'none: the device keeps its settings and tags' }, ...[...new Set([...(profiles ?? []).map((one) => one.name), ...(use ? [textOf(use.name)] : [])])].map((name) => ({ value: name, label: name }))]}
            />
            {use && (
                <>
                    <div class="fields">
                        {shown.map((name) => (
                            <TextField
                                key={name}
                                label={name}
                                help={memberOf(profile?.params, name)?.description ?? undefined}
                                faults={faultsOf(faults, `/profile/params/${name}`)}
                                value={textOf(memberOf(params, name))}
                                onInput={(text) => setParam(name, text)}
                                attributes={{ placeholder: textOf(memberOf(profile?.params, name)?.default) }}
                            />
                        ))}
                    </div>
                    <details class="more">
                        <summary>Where its registers begin</summary>
                        <p class="help">Empty: {isNew ? 'the next free block.' : 'it keeps the one that it has, or gets a free one.'}</p>
                        <div class="fields">
                            {tables.map((table) => (
                                <NumberField key={table} label={`First ${tableWords[table]}`} faults={faultsOf(faults, `/profile/base/${table}`)} value={base[table] ?? null} onInput={(number) => setBase(table, number)} />
                            ))}
                        </div>
                    </details>
                    <p>
                        <a href={linkTo('profiles', textOf(use.name))}>What this profile sets</a>
                    </p>
                </>
            )}
            {profiles?.length === 0 && (
                <p class="help">
                    There is no profile yet. <a href={linkTo('profiles')}>Take one from the library</a>
                </p>
            )}
        </div>
    );
}
