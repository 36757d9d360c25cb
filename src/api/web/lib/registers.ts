// The registers of a table: who owns which, which are free, and the notations of addresses.
import type { Table } from './types';

export const REGISTER_MAX = 65535;

export interface RegisterOwner {
    first: number;
    last: number;
    bit: number | null;
    byte: 'low' | 'high' | null; // of a register, of int8 and uint8
    gateway: string | null; // that holds the device; null: every gateway
    device: string;
    tag: string | null; // null: the status block of the device
    type: string | null;
    byte_order: string | null;
    unit: string | null;
    scale: number;
    offset: number;
}

export interface RegisterPlace {
    server: string | null; // null: the local one
    gateway: string | null; // whose local one; null: this gateway, or in a list every gateway
    unit: number;
    table: Table;
}

export interface RegisterPlaces {
    server: string; // host:port at which tagferry-api reaches the local one
    gateway: string | null; // the name of this gateway
    units: number[];
    items: (RegisterPlace & { owners: number; first: number; last: number })[];
}

// The registers of a gateway: its own, and those that every gateway has.
export function isAtGateway(item: RegisterPlace, gateway: string | null, places: RegisterPlaces): boolean {
    return item.gateway === null || item.gateway === (gateway ?? places.gateway);
}

export interface Range {
    first: number;
    last: number;
}

export const tables: Table[] = ['coil', 'discrete_input', 'input_register', 'holding_register'];
const modiconDigits: Record<Table, number> = { coil: 0, discrete_input: 1, input_register: 3, holding_register: 4 };

export function isBitTable(table: Table): boolean {
    return table === 'coil' || table === 'discrete_input';
}

export function modiconText(table: Table, address: number): string {
    return `${modiconDigits[table]}${String(address + 1).padStart(5, '0')}`;
}

// An address that somebody typed: an offset (100, 0x64), Modicon (300101, 30101, 3x00101) or IEC (%MW100). The table
// is null where the notation does not have it. Null if it is none of these.
export function parseAddress(text: string): { table: Table | null; address: number } | null {
    const typed = text.trim();
    const iec = /^%(MW?)(\d{1,5})$/i.exec(typed);
    if (iec) return within(iec[1]!.toUpperCase() === 'MW' ? 'holding_register' : 'coil', Number(iec[2]));
    const modicon = /^([0134])x?(\d{5})$/i.exec(typed) ?? /^([0134])(\d{4})$/.exec(typed);
    if (modicon && Number(modicon[2]) > 0) {
        const table = tables.find((one) => modiconDigits[one] === Number(modicon[1]))!;
        return within(table, Number(modicon[2]) - 1);
    }
    if (/^\d{1,5}$/.test(typed) || /^0x[0-9a-f]{1,4}$/i.test(typed)) return within(null, Number(typed));
    return null;
}

function within(table: Table | null, address: number) {
    return address <= REGISTER_MAX ? { table, address } : null;
}

// The registers that somebody owns, as ranges in order that do not touch.
export function usedRanges(owners: RegisterOwner[]): Range[] {
    const ranges: Range[] = [];
    for (const { first, last } of owners) {
        const newest = ranges[ranges.length - 1];
        if (newest && first <= newest.last + 1) newest.last = Math.max(newest.last, last);
        else ranges.push({ first, last });
    }
    return ranges;
}

export function freeRanges(used: Range[]): Range[] {
    const free: Range[] = [];
    let next = 0;
    for (const { first, last } of used) {
        if (first > next) free.push({ first: next, last: first - 1 });
        next = last + 1;
    }
    if (next <= REGISTER_MAX) free.push({ first: next, last: REGISTER_MAX });
    return free;
}

// The first free block of `count` registers behind `from`, or else the first of all.
export function findFree(used: Range[], count: number, from: number): number | null {
    const fits = (range: Range) => range.last - range.first + 1 >= count;
    const free = freeRanges(used);
    const behind = free.filter((range) => range.last >= from).map((range) => ({ ...range, first: Math.max(range.first, from) }));
    return (behind.find(fits) ?? free.find(fits))?.first ?? null;
}

// A line of the map: registers, or a gap between lines that nobody owns.
export interface MapLine {
    start: number; // of a line of registers
    gap: Range | null; // free registers
}

// Lines of `columns` registers. Lines without an owner are left out, but those in `shown`.
export function mapLines(used: Range[], columns: number, shown: number[]): MapLine[] {
    const lines = new Set<number>(shown.map((address) => Math.floor(address / columns)));
    for (const { first, last } of used) for (let line = Math.floor(first / columns); line <= Math.floor(last / columns); line++) lines.add(line);
    const sorted = [...lines].sort((a, b) => a - b);
    const result: MapLine[] = [];
    const free = freeRanges(used);
    let at = 0; // in free
    // A gap is told with its exact ends, though some of its registers are in the lines around it.
    const addGap = (from: number, to: number) => {
        while (free[at]!.last < from) at++;
        const { first, last } = free[at]!;
        result.push({ start: from, gap: { first: first > from - columns ? first : from, last: last < to + columns ? last : to } });
    };
    let next = 0;
    for (const line of sorted) {
        if (line > next) addGap(next * columns, line * columns - 1);
        result.push({ start: line * columns, gap: null });
        next = line + 1;
    }
    if (next * columns <= REGISTER_MAX) addGap(next * columns, REGISTER_MAX);
    return result;
}

// Owners by register, quickly: the widest value has 123 registers.
export function ownersIn(owners: RegisterOwner[], first: number, last: number): RegisterOwner[] {
    let low = 0;
    let high = owners.length;
    while (low < high) {
        const middle = (low + high) >> 1;
        if (owners[middle]!.first < first - 122) low = middle + 1;
        else high = middle;
    }
    const found: RegisterOwner[] = [];
    for (let i = low; i < owners.length && owners[i]!.first <= last; i++) if (owners[i]!.last >= first) found.push(owners[i]!);
    return found;
}
