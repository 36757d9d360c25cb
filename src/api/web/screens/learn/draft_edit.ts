// What a person may change in a draft, cell by cell.
import type { Table } from '../../lib/types';
import { isBitTable, releaseAddresses, tableOf, typeOf, type Draft, type DraftGroup, type DraftTag } from './draft';

export type Cell = 'name' | 'label' | 'unit' | 'type' | 'length' | 'table' | 'address' | 'scale' | 'unit_id';

// The text of a cell of a tag.
export function tagCell(tag: DraftTag, cell: Cell): string {
    const { body } = tag;
    switch (cell) {
        case 'name':
            return body.name;
        case 'label':
            return body.label ?? '';
        case 'unit':
            return body.unit ?? '';
        case 'type':
            return typeOf(body);
        case 'table':
            return tableOf(body);
        case 'length':
            return String(body.modbus?.length ?? '');
        case 'scale':
            return String(body.modbus?.scale ?? 1);
        case 'address':
            return tag.isManual ? String(body.modbus?.address ?? '') : String(tag.address ?? '');
        case 'unit_id':
            return '';
    }
}

// The texts of numbers stay texts until they are sent, so that a half typed one is kept.
function setMember(tag: DraftTag, cell: Cell, text: string): void {
    const modbus = { ...tag.body.modbus };
    if (cell === 'type') {
        modbus.type = text;
        if (text === 'string') modbus.length ??= 8;
        else delete modbus.length;
        if (text === 'string' || text === 'bool') delete modbus.scale;
        if (text !== 'bool' && isBitTable(tableOf(tag.body))) modbus.table = tableOf(tag.body) === 'coil' ? 'holding_register' : 'input_register';
    } else if (cell === 'table') {
        modbus.table = text as Table;
        if (isBitTable(modbus.table)) {
            modbus.type = 'bool';
            delete modbus.length;
            delete modbus.scale;
        }
    } else if (cell === 'length' || cell === 'scale') {
        modbus[cell] = text;
    }
    tag.body = { ...tag.body, modbus };
}

// Changes a cell of a tag. Where that changes how many registers are needed, all get new ones.
export function editTag(draft: Draft, tag: DraftTag, cell: Cell, text: string): void {
    if (cell === 'name' || cell === 'label' || cell === 'unit') {
        tag.body = { ...tag.body, [cell]: text };
        return;
    }
    if (cell === 'address') {
        tag.isManual = text.trim() !== '';
        tag.body = { ...tag.body, modbus: { ...tag.body.modbus, address: text } };
        if (!tag.isManual) releaseAddresses(draft);
        return;
    }
    setMember(tag, cell, text);
    if (cell === 'type' || cell === 'length' || cell === 'table') releaseAddresses(draft);
}

export function groupCell(group: DraftGroup, cell: Cell): string {
    if (cell === 'name') return group.body.name;
    if (cell === 'label') return (group.kind === 'profile' ? group.body.description : group.body.label) ?? '';
    if (cell === 'unit_id') return String(group.body.network?.unit_id ?? '');
    return '';
}

export function editGroup(draft: Draft, group: DraftGroup, cell: Cell, text: string): void {
    if (cell === 'name') group.body = { ...group.body, name: text };
    else if (cell === 'label') group.body = { ...group.body, [group.kind === 'profile' ? 'description' : 'label']: text };
    else if (cell === 'unit_id') {
        const { unit_id: _old, ...network } = group.body.network ?? {};
        const number = Number(text);
        const unit = text.trim() === '' ? {} : { unit_id: Number.isFinite(number) ? number : (text as unknown as number) };
        group.body = { ...group.body, network: { ...network, ...unit } };
        releaseAddresses(draft);
    }
}

// Takes a tag, or a device with its tags, out of the import or into it.
export function wantTag(draft: Draft, tag: DraftTag, wanted: boolean): void {
    tag.wanted = wanted;
    if (wanted) tag.group.wanted = true;
    else if (tag.group.tags.every((other) => !other.wanted)) tag.group.wanted = false;
    releaseAddresses(draft);
}

export function wantGroup(draft: Draft, group: DraftGroup, wanted: boolean): void {
    group.wanted = wanted;
    for (const tag of group.tags) tag.wanted = wanted;
    // A profile stands for its devices.
    if (group.kind === 'profile') for (const device of draft.groups) if (device.body.profile?.name === group.id) device.wanted = wanted;
    releaseAddresses(draft);
}
