// Addresses as people type them: an offset from 0, or a Modicon address such as 40101.
import { tableWords } from '../../lib/format';
import type { Table } from '../../lib/types';

const digitOf: Record<Table, string> = { coil: '0', discrete_input: '1', input_register: '3', holding_register: '4' };

// The table that a Modicon address names by its first digit.
export function tableOf(modicon: string): Table | null {
    const found = Object.entries(digitOf).find(([, digit]) => digit === modicon[0]);
    return found ? (found[0] as Table) : null;
}

export function modiconText(table: Table, offset: number): string {
    return digitOf[table] + String(offset + 1).padStart(5, '0');
}

// Five digits or six that begin as a Modicon address does.
export function looksLikeModicon(text: string): boolean {
    return /^[0134]\d{4,5}$/.test(text) && Number(text.slice(1)) > 0;
}

// What is sent: an offset as a number, anything else as the text that the server reads or refuses.
export function readAddress(text: string, asOffset: boolean): number | string | null {
    const trimmed = text.trim();
    if (trimmed === '') return null;
    if (/^\d{1,5}$/.test(trimmed) && (asOffset || !looksLikeModicon(trimmed))) return Number(trimmed);
    return trimmed;
}

// The same address in the other form, in words.
export function addressNote(address: number | string | null, table: Table | null): string {
    if (address === null) return '';
    if (typeof address === 'number') return table && address <= 65535 ? `Modicon ${modiconText(table, address)}` : '';
    const named = looksLikeModicon(address) ? tableOf(address) : null;
    return named ? `Modicon: ${tableWords[named]}, offset ${Number(address.slice(1)) - 1}` : '';
}
