// Members of a resource by JSON Pointer, merge patches (RFC 7396), and what two people changed at once.
import { hasMember, memberOf, setMember } from '../../lib/members';

export type Json = null | boolean | number | string | Json[] | { [member: string]: Json };
export type JsonObject = { [member: string]: Json };

export function isObject(value: unknown): value is JsonObject {
    return typeof value === 'object' && value !== null && !Array.isArray(value);
}

export function isEqual(one: unknown, other: unknown): boolean {
    if (one === other) return true;
    if (Array.isArray(one) && Array.isArray(other))
        return one.length === other.length && one.every((item, index) => isEqual(item, other[index]));
    if (!isObject(one) || !isObject(other)) return false;
    const names = Object.keys(one);
    return names.length === Object.keys(other).length && names.every((name) => hasMember(other, name) && isEqual(one[name], other[name]));
}

export function tokensOf(pointer: string): string[] {
    return pointer
        .split('/')
        .slice(1)
        .map((token) => token.replaceAll('~1', '/').replaceAll('~0', '~'));
}

export function valueAt(record: unknown, pointer: string): Json | undefined {
    let at = record as Json | undefined;
    for (const token of tokensOf(pointer)) {
        if (Array.isArray(at)) at = at[Number(token)];
        else if (isObject(at)) at = memberOf(at, token);
        else return undefined;
    }
    return at;
}

// A copy of the record with another value there.
export function withValue<Of>(record: Of, pointer: string, value: Json): Of {
    const [token, ...rest] = tokensOf(pointer);
    const copy: JsonObject = { ...(record as JsonObject) };
    if (rest.length === 0) copy[token!] = value;
    else copy[token!] = withValue(isObject(copy[token!]) ? copy[token!] : {}, `/${rest.join('/')}`, value) as Json;
    return copy as Of;
}

// The merge patch that makes `after` of `before`; undefined if they are equal.
export function mergePatch(before: unknown, after: Json): Json | undefined {
    if (isEqual(before, after)) return undefined;
    if (!isObject(after)) return after;
    const patch: JsonObject = {};
    const old = isObject(before) ? before : {};
    for (const [name, value] of Object.entries(after)) {
        const change = mergePatch(memberOf(old, name), value);
        if (change !== undefined) setMember(patch, name, change);
    }
    for (const name of Object.keys(old)) if (!hasMember(after, name)) setMember(patch, name, null);
    return patch;
}

// A member that two people changed at the same time, each to another value.
export interface Clash {
    pointer: string;
    mine: Json;
    theirs: Json;
}

// Joins two changes of one record, member by member: what only one of them changed is taken, what both changed to
// other values is a clash, in which `joined` keeps mine.
export function joinChanges<Of>(base: Of, mine: Of, theirs: Of, pointers: string[]): { joined: Of; clashes: Clash[] } {
    let joined = theirs;
    const clashes: Clash[] = [];
    for (const pointer of pointers) {
        const was = valueAt(base, pointer) ?? null;
        const my = valueAt(mine, pointer) ?? null;
        const their = valueAt(theirs, pointer) ?? null;
        if (isEqual(my, was) || isEqual(my, their)) continue;
        joined = withValue(joined, pointer, my);
        if (!isEqual(their, was)) clashes.push({ pointer, mine: my, theirs: their });
    }
    return { joined, clashes };
}
