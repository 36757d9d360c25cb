// Which rows Live shows, in which order: filter, search and sorting, kept in the address.
import { useMemo, useRef } from 'preact/hooks';
import { findCauses, type Cause } from '../lib/causes';
import { devices } from '../lib/devices';
import { directionWords, foldText, tableWords } from '../lib/format';
import { rows, rowsVersion, tick, valuesVersion, type Row } from '../lib/live';
import { readiness } from '../lib/parts';
import { place, setQuery } from '../lib/router';
import type { Quality } from '../lib/types';
import type { Sorting } from '../ui/table';
import { deviceColumn, keyText, topicOf, wideColumns, type SortKey } from './live-columns';

export type Show = 'wrong' | 'all' | Quality;

export interface Choice {
    show: Show;
    needle: string;
    device: string;
    table: string;
    reason: string;
    sorting: Sorting;
}

const shows: Show[] = ['wrong', 'all', 'bad', 'stale', 'never', 'good'];

export function readChoice(): Choice {
    const { query } = place.value;
    const show = query.get('show') as Show;
    const sort = query.get('sort') ?? '';
    const by = sort.replace(/^-/, '');
    return {
        show: shows.includes(show) ? show : 'all',
        needle: query.get('q') ?? '',
        device: query.get('device') ?? '',
        table: query.get('table') ?? '',
        reason: query.get('reason') ?? '',
        sorting: { by: wideColumns.some((column) => column.key && column.id === by) ? by : 'device', down: sort.startsWith('-') },
    };
}

export function setSorting({ by, down }: Sorting): void {
    setQuery({ sort: by === 'device' && !down ? null : `${down ? '-' : ''}${by}` });
}

export function clearFilters(): void {
    setQuery({ show: null, q: null, device: null, table: null, reason: null, after: null });
}

// A tag that is switched off, or that another gateway holds, is not wrong.
export function isWrong(row: Row): boolean {
    return row.quality !== 'good' && row.reason !== 'disabled' && row.reason !== 'other_gateway';
}

const haystacks = new WeakMap<Row, { of: unknown[]; text: string }>();

// What a search looks into. Made again only when the settings of the tag or its device have changed.
function haystackOf(row: Row): string {
    const device = devices.value.get(row.device);
    const old = haystacks.get(row);
    if (old && old.of[0] === row.config && old.of[1] === device) return old.text;
    const { config } = row;
    const parts = [row.key, config.label, config.description, device?.label, device?.description, device?.network.gateway, topicOf(row), keyText(row), config.mqtt?.command_topic];
    const { table, address, modicon } = config.modbus;
    parts.push(`${tableWords[table] ?? table} ${address}`, modicon, directionWords[config.direction]);
    const text = foldText(parts.filter(Boolean).join('\n'));
    haystacks.set(row, { of: [config, device], text });
    return text;
}

const collator = new Intl.Collator('en', { numeric: true });

export function compareKeys(a: SortKey, b: SortKey): number {
    if (typeof a === 'number' && typeof b === 'number') return a - b;
    if (typeof a === 'string' && typeof b === 'string') return a === b ? 0 : collator.compare(a, b);
    return typeof a === 'number' ? -1 : 1;
}

function sortRows(base: Row[], { by, down }: Sorting): Row[] {
    const key = wideColumns.find((column) => column.id === by)!.key!;
    const known: { row: Row; key: SortKey }[] = [];
    const unknown: Row[] = [];
    for (const row of base) {
        let own: SortKey = null;
        try {
            own = key(row);
        } catch {
            // an odd row is last
        }
        if (own === null || Number.isNaN(own)) unknown.push(row);
        else known.push({ row, key: own });
    }
    known.sort((a, b) => (down ? compareKeys(b.key, a.key) : compareKeys(a.key, b.key)));
    return [...known.map((entry) => entry.row), ...unknown];
}

// The sorted rows by columns that do not move are kept until tags or devices change.
const sorted = new Map<string, { of: unknown[]; rows: Row[] }>();

function sortedRows(sorting: Sorting): Row[] {
    const name = `${sorting.by}${sorting.down}`;
    const of = [rowsVersion.value, devices.value];
    const kept = sorted.get(name);
    if (kept && kept.of.every((one, index) => one === of[index])) return kept.rows;
    const isBase = sorting.by === deviceColumn.id && !sorting.down;
    const base = isBase ? sortRows([...rows.values()], { by: 'tag', down: false }) : sortedRows({ by: deviceColumn.id, down: false });
    const result = sortRows(base, sorting);
    const moves = wideColumns.find((column) => column.id === sorting.by)?.moves;
    if (!moves) sorted.set(name, { of, rows: result });
    return result;
}

export type Counts = Record<Show, number>;

export interface Listed {
    rows: Row[];
    counts: Counts; // of the rows that the other filters let through
    held: boolean; // the order is not renewed while the list is used
}

function listRows(choice: Choice): Listed {
    const counts: Counts = { wrong: 0, all: 0, bad: 0, stale: 0, never: 0, good: 0 };
    const words = foldText(choice.needle).split(/\s+/).filter(Boolean);
    const shown: Row[] = [];
    for (const row of sortedRows(choice.sorting)) {
        if (choice.device && row.device !== choice.device) continue;
        if (choice.table && row.config.modbus.table !== choice.table) continue;
        if (choice.reason && row.reason !== choice.reason) continue;
        if (words.length > 0) {
            const text = haystackOf(row);
            if (!words.every((word) => text.includes(word))) continue;
        }
        counts.all++;
        if (row.quality in counts) counts[row.quality]++;
        const wrong = isWrong(row);
        if (wrong) counts.wrong++;
        if (choice.show === 'all' || (choice.show === 'wrong' ? wrong : row.quality === choice.show)) shown.push(row);
    }
    return { rows: shown, counts, held: false };
}

// The pointer or the keyboard is at the list: rows must not move under it.
const USED_MS = 10000;

export interface Use {
    at: number; // performance.now() of the newest movement; 0: not in use
}

const isInUse = (use: Use) => use.at > 0 && performance.now() - use.at < USED_MS;

// The rows for the choice. They are listed again at once when the choice or the tags change, and at most
// once a second when values do, but not while the list is in use.
export function useListed(choice: Choice, use: Use): Listed {
    const request = JSON.stringify(choice);
    const state = useRef<{ request: string; of: unknown[]; values: number; listed: Listed } | null>(null);
    const of = [rowsVersion.value, devices.value];
    const values = valuesVersion.value;
    const now = tick.value;
    return useMemo(() => {
        const old = state.current;
        const isSame = old !== null && old.request === request && old.of.every((one, index) => one === of[index]);
        if (isSame && old.values === values) return old.listed;
        const next = listRows(choice);
        if (isSame && isInUse(use)) {
            const differs = next.rows.length !== old.listed.rows.length || next.rows.some((row, index) => row !== old.listed.rows[index]);
            return { rows: old.listed.rows, counts: next.counts, held: differs };
        }
        state.current = { request, of, values, listed: next };
        return next;
    }, [request, ...of, values, now]);
}

// The causes of what is wrong: of all with the filter for it, else only those of the gateway itself. They
// do not change while the list below is in use.
export function useCauses(choice: Choice, use: Use): Cause[] {
    const kept = useRef<{ of: unknown[]; causes: Cause[] }>({ of: [], causes: [] });
    const of = [choice.show, choice.device, choice.reason];
    const isSame = kept.current.of.every((one, index) => one === of[index]) && kept.current.of.length > 0;
    const ready = readiness.value;
    const versions = [rowsVersion.value, valuesVersion.value, devices.value, ready, tick.value];
    return useMemo(() => {
        if (isSame && isInUse(use)) return kept.current.causes;
        const totals = new Map<string, number>();
        const wrong: Row[] = [];
        for (const row of rows.values()) {
            totals.set(row.device, (totals.get(row.device) ?? 0) + 1);
            if (isWrong(row) && (!choice.device || row.device === choice.device) && (!choice.reason || row.reason === choice.reason)) wrong.push(row);
        }
        const causes = findCauses(wrong, totals, devices.value, ready).filter((cause) => cause.isOfGateway || choice.show === 'wrong');
        kept.current = { of, causes };
        return causes;
    }, [...of, ...versions]);
}
