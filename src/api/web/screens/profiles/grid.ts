// A small table of texts for many devices: its columns, pasting from a spreadsheet, and the body that is sent.
import { tableWords } from '../../lib/format';
import { memberOf, setMember } from '../../lib/members';
import type { Table } from '../../lib/types';
import { readNumber } from '../devices/controls';
import { isObject, type Json, type JsonObject } from '../devices/record';
import { readParam, tables, type Profile } from '../devices/profile-field';

export interface GridColumn {
    id: string; // the place of its value in a device: name, topic, unit_id, params/serial, base/coil
    title: string;
    help: string;
    placeholder: string;
}

export type GridRow = Record<string, string>;

export function columnsOf(profile: Profile): GridColumn[] {
    const mqtt = isObject(profile.device.mqtt) ? profile.device.mqtt : {};
    const used = new Set(profile.tags.map((tag) => (isObject(tag.modbus) ? tag.modbus.table : undefined)));
    const columns: GridColumn[] = [{ id: 'name', title: 'Name', help: 'The name of the device.', placeholder: '' }];
    if (mqtt.topic === undefined) columns.push({ id: 'topic', title: 'Topic', help: 'The topic of its messages.', placeholder: '' });
    for (const [name, param] of Object.entries(profile.params)) {
        const fallback = param.default;
        columns.push({ id: `params/${name}`, title: name, help: param.description ?? '', placeholder: fallback === undefined || fallback === null ? '' : String(fallback) });
    }
    columns.push({ id: 'unit_id', title: 'Unit id', help: 'The Modbus unit.', placeholder: '1' });
    for (const table of tables.filter((one) => used.has(one)))
        columns.push({ id: `base/${table}`, title: `First ${tableWords[table]}`, help: 'Where its registers begin. Empty: the next free block.', placeholder: 'free' });
    return columns;
}

export const isEmptyRow = (row: GridRow) => Object.values(row).every((cell) => cell.trim() === '');

// Cells as a spreadsheet puts them on the clipboard: tabs between them, quotes around those with a line break.
export function readCells(text: string): string[][] {
    const rows: string[][] = [[]];
    const pattern = /"((?:[^"]|"")*)"(?=[\t\r\n]|$)|([^\t\r\n]*)/gy;
    let at = 0;
    while (at <= text.length) {
        pattern.lastIndex = at;
        const found = pattern.exec(text)!;
        rows.at(-1)!.push((found[1]?.replaceAll('""', '"') ?? found[2] ?? '').trim());
        at = pattern.lastIndex;
        const mark = text[at];
        if (mark === undefined) break;
        if (mark !== '\t') rows.push([]);
        at += mark === '\r' && text[at + 1] === '\n' ? 2 : 1;
    }
    return rows.filter((row) => row.some((cell) => cell !== ''));
}

// Puts pasted cells into the rows from a cell on. A first row of titles says which column is which.
export function pasteInto(rows: GridRow[], columns: GridColumn[], row: number, column: number, cells: string[][]): GridRow[] {
    const fold = (text: string) => text.toLowerCase().replaceAll(' ', '_');
    const titles = cells[0]!.map((cell) => columns.findIndex((one) => [fold(one.title), fold(one.id), fold(one.id.split('/').at(-1)!)].includes(fold(cell))));
    const hasTitles = cells.length > 1 && titles.filter((index) => index >= 0).length > cells[0]!.length / 2;
    const next = rows.map((one) => ({ ...one }));
    (hasTitles ? cells.slice(1) : cells).forEach((line, down) => {
        const target = (next[row + down] ??= {});
        line.forEach((cell, right) => {
            const index = hasTitles ? titles[right]! : column + right;
            const found = columns[index];
            if (found) target[found.id] = cell;
        });
    });
    return next;
}

// The body for the rows that are not empty, and which row each of its devices comes from.
export function bodyOf(rows: GridRow[], profile: Profile): { devices: JsonObject[]; places: number[] } {
    const devices: JsonObject[] = [];
    const places: number[] = [];
    rows.forEach((row, place) => {
        if (isEmptyRow(row)) return;
        const device: JsonObject = { name: (row.name ?? '').trim() };
        const params: JsonObject = {};
        const base: JsonObject = {};
        for (const [id, cell] of Object.entries(row)) {
            const text = cell.trim();
            if (text === '' || id === 'name') continue;
            const [group, member] = id.split('/');
            if (group === 'params') setMember(params, member!, readParam(text, memberOf(profile.params, member!)));
            else if (group === 'base') base[member as Table] = readNumber(text);
            else if (group === 'topic') device.mqtt = { topic: text };
            else device[id] = readNumber(text) as Json;
        }
        if (Object.keys(params).length) device.params = params;
        if (Object.keys(base).length) device.base = base;
        devices.push(device);
        places.push(place);
    });
    return { devices, places };
}

// The cell that a fault belongs to: its row and column; the column is null for the row as a whole.
export function cellOf(pointer: string, places: number[], columns: GridColumn[]): { row: number; column: string | null } | null {
    const [, index, ...rest] = pointer.split('/');
    const row = places[Number(index)];
    if (row === undefined) return null;
    const id = rest.join('/').replace(/^mqtt\/topic$/, 'topic').replace(/^network\/unit_id$/, 'unit_id').replace(/^profile\//, '');
    return { row, column: columns.find((column) => column.id === id)?.id ?? null };
}
