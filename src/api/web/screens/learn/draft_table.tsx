// The table in which a draft is changed: a row for each device, and one for each of its tags.
import { useSignal } from '@preact/signals';
import { useEffect, useMemo, useRef } from 'preact/hooks';
import { directionWords, foldText, plural, tableWords } from '../../lib/format';
import type { Table } from '../../lib/types';
import { Button } from '../../ui/basic';
import { Dialog } from '../../ui/dialog';
import { CheckField, SelectField, TextField } from '../../ui/form';
import { VirtualTable, type Column } from '../../ui/table';
import { isNarrow } from '../../ui/use';
import { editGroup, editTag, groupCell, tagCell, wantGroup, wantTag, type Cell } from './draft_edit';
import { isBitTable, tableOf, typeOf, valueIdOf, valueTypes, widthOf, type Draft, type DraftFault, type DraftGroup, type DraftTag } from './draft';
import { keyText } from './heard';

export interface DraftRow {
    id: string;
    group: DraftGroup;
    tag: DraftTag | null;
    note: { text: string; isFault: boolean } | null; // a line below a row: what is wrong with it
}

const tables: Table[] = ['input_register', 'holding_register', 'discrete_input', 'coil'];
const cellWords: Record<string, string> = { unit_id: 'unit of the registers', address: 'address', name: 'name' };

function noteRows(id: string, group: DraftGroup, tag: DraftTag | null, faults: DraftFault[]): DraftRow[] {
    const rows = faults
        .filter((fault) => fault.group === group && fault.tag === tag)
        .map((fault, index): DraftRow => ({ id: `${id} fault ${index}`, group, tag, note: { text: `${cellWords[fault.cell] ?? fault.cell}: ${fault.detail}`, isFault: true } }));
    tag?.warnings.forEach((warning, index) => rows.push({ id: `${id} warning ${index}`, group, tag, note: { text: warning.detail, isFault: false } }));
    return rows;
}

export function draftRows(draft: Draft, faults: DraftFault[], needle: string): DraftRow[] {
    const folded = foldText(needle.trim());
    const fits = (...texts: (string | undefined)[]) => texts.some((text) => text && foldText(text).includes(folded));
    const faulty = new Set<DraftGroup | DraftTag>(faults.map((fault) => fault.tag ?? fault.group).filter((one) => one !== null));
    const rows: DraftRow[] = [];
    for (const group of draft.groups) {
        const whole = fits(group.body.name, group.body.label, group.body.mqtt?.topic);
        const tags = whole ? group.tags : group.tags.filter((tag) => fits(tag.body.name, tag.body.label, tag.body.mqtt?.key));
        if (!whole && tags.length === 0) continue;
        rows.push({ id: group.id, group, tag: null, note: null });
        if (faulty.has(group)) rows.push(...noteRows(group.id, group, null, faults));
        for (const tag of tags) {
            rows.push({ id: tag.id, group, tag, note: null });
            if (faulty.has(tag) || tag.warnings.length > 0) rows.push(...noteRows(tag.id, group, tag, faults));
        }
    }
    return rows;
}

interface TableProps {
    draft: Draft;
    version: number; // changes with the draft
    faults: DraftFault[];
    samples: ReadonlyMap<string, string>; // of the values, by valueIdOf
    needle: string;
    reveal: string | null;
    selected: string | null;
    onSelect: (id: string | null) => void;
    change: (edit: () => void) => void;
}

// Where a device's registers are: the extent of its tags in each table, or its bases.
function groupPlace(group: DraftGroup): string {
    if (group.base) return Object.entries(group.base).map(([table, base]) => `${tableWords[table as Table]}s from ${base}`).join(', ');
    if (group.body.profile) return '';
    if (group.kind === 'profile') return 'counted from the base of each device';
    const extents = new Map<Table, [number, number]>();
    for (const tag of group.tags) {
        const address = tag.isManual ? Number(tag.body.modbus?.address) : tag.address;
        if (!tag.wanted || address === null || !Number.isFinite(address)) continue;
        const table = tableOf(tag.body);
        const [from, to] = extents.get(table) ?? [address, address];
        extents.set(table, [Math.min(from, address), Math.max(to, address + widthOf(tag.body) - 1)]);
    }
    return [...extents].map(([table, [from, to]]) => `${tableWords[table]}${from === to ? ` ${from}` : `s ${from}–${to}`}`).join(', ');
}

function groupSource(group: DraftGroup, draft: Draft): string {
    if (group.kind === 'profile') {
        const devices = draft.groups.filter((device) => device.wanted && device.body.profile?.name === group.id).length;
        return `one profile for ${plural(devices, 'device')}`;
    }
    if (group.known) return `is there already: it gets ${plural(group.tags.filter((tag) => tag.wanted).length, 'tag')}`;
    const params = group.body.profile?.params;
    const source = params ? Object.entries(params).map(([name, value]) => `${name} = ${String(value)}`).join(', ') : (group.body.mqtt?.topic ?? '');
    return group.maker ? `${source}, ${group.maker}` : source;
}

function useCells({ draft, faults, change, onSelect }: TableProps) {
    const isFaulty = (row: DraftRow, cell: Cell) => faults.some((fault) => fault.cell === cell && fault.group === row.group && fault.tag === row.tag);
    const text = (row: DraftRow, cell: Cell, title: string, disabled = false) => {
        const { tag, group } = row;
        const owner = tag ? `${group.body.name}/${tag.body.name}` : group.body.name;
        return (
            <input
                class={`cell ${cell === 'address' && tag && !tag.isManual ? 'automatic' : ''}`}
                aria-label={`${title} of ${owner}`}
                aria-invalid={isFaulty(row, cell) || undefined}
                autocomplete="off"
                spellcheck={false}
                disabled={disabled || !(tag ?? group).wanted}
                value={tag ? tagCell(tag, cell) : groupCell(group, cell)}
                onFocus={() => onSelect(row.id)}
                onInput={(event) => {
                    const { value } = event.currentTarget;
                    change(() => (tag ? editTag(draft, tag, cell, value) : editGroup(draft, group, cell, value)));
                }}
            />
        );
    };
    const select = (row: DraftRow, cell: Cell, title: string, choices: [string, string][]) => {
        const tag = row.tag!;
        return (
            <select
                class="cell"
                aria-label={`${title} of ${row.group.body.name}/${tag.body.name}`}
                aria-invalid={isFaulty(row, cell) || undefined}
                disabled={!tag.wanted}
                value={tagCell(tag, cell)}
                onFocus={() => onSelect(row.id)}
                onChange={(event) => {
                    const { value } = event.currentTarget;
                    change(() => editTag(draft, tag, cell, value));
                }}
            >
                {choices.map(([value, label]) => (
                    <option key={value} value={value}>
                        {label}
                    </option>
                ))}
            </select>
        );
    };
    return { text, select };
}

const typeChoices = valueTypes.map((type): [string, string] => [type, type]);
const tableChoices = tables.map((table): [string, string] => [table, tableWords[table]]);

function WantBox({ row, draft, change }: { row: DraftRow; draft: Draft; change: TableProps['change'] }) {
    const { tag, group } = row;
    const box = useRef<HTMLInputElement>(null);
    const wanted = group.tags.filter((one) => one.wanted).length;
    useEffect(() => {
        if (box.current) box.current.indeterminate = !tag && group.wanted && wanted > 0 && wanted < group.tags.length;
    });
    return (
        <input
            ref={box}
            type="checkbox"
            aria-label={`Take ${tag ? `${group.body.name}/${tag.body.name}` : group.body.name}`}
            checked={(tag ?? group).wanted}
            onChange={(event) => {
                const { checked } = event.currentTarget;
                change(() => (tag ? wantTag(draft, tag, checked) : wantGroup(draft, group, checked)));
            }}
        />
    );
}

function SourceCell({ row, samples, draft }: { row: DraftRow; samples: TableProps['samples']; draft: Draft }) {
    const { tag, group } = row;
    if (!tag) return <span class="muted">{groupSource(group, draft)}</span>;
    const { direction = 'to_modbus', mqtt } = tag.body;
    const sample = samples.get(valueIdOf(group, tag.body));
    if (direction === 'to_mqtt') return <span title={mqtt?.command_topic}>to {mqtt?.command_topic}</span>;
    return (
        <span title={direction === 'both' ? `commands to ${mqtt?.command_topic}` : mqtt?.key}>
            {keyText(mqtt?.key ?? tag.body.name)} {sample !== undefined && <code class="muted">{sample.slice(0, 60)}</code>}
        </span>
    );
}

function useColumns(props: TableProps): Column<DraftRow>[] {
    const { draft, change, samples } = props;
    const { text, select } = useCells(props);
    const name = (row: DraftRow) => {
        if (row.note) return <span class={row.note.isFault ? 'fault' : 'warning-text'}>{row.note.text}</span>;
        return (
            <span class={row.tag ? 'draft-name' : 'draft-name group'}>
                <WantBox row={row} draft={draft} change={change} />
                {isNarrow.value ? row.tag?.body.name ?? row.group.body.name : text(row, 'name', 'Name', Boolean(!row.tag && row.group.known))}
            </span>
        );
    };
    const ofTag = (render: (row: DraftRow, tag: DraftTag) => preact.ComponentChildren) => (row: DraftRow) => (row.note || !row.tag ? null : render(row, row.tag));
    const address = (row: DraftRow) => {
        if (row.note) return null;
        if (!row.tag) return <span class="muted">{groupPlace(row.group)}</span>;
        return isNarrow.value ? `${tableWords[tableOf(row.tag.body)]} ${tagCell(row.tag, 'address')}` : text(row, 'address', 'Address');
    };
    if (isNarrow.value)
        return [
            { id: 'name', title: 'Name', width: 'minmax(9rem, 1fr)', render: name },
            { id: 'address', title: 'Registers', width: 'minmax(9rem, 1fr)', render: address },
        ];
    return [
        { id: 'name', title: 'Name', width: 'minmax(12rem, 3fr)', render: name },
        { id: 'source', title: 'From', width: 'minmax(10rem, 3fr)', render: (row) => (row.note ? null : <SourceCell row={row} samples={samples} draft={draft} />) },
        { id: 'direction', title: 'Direction', width: '8.5rem', render: ofTag((_, tag) => <span class="muted">{directionWords[tag.body.direction ?? 'to_modbus']}</span>) },
        { id: 'label', title: 'Label', width: 'minmax(7rem, 2fr)', render: (row) => (row.note || (row.group.known && !row.tag) ? null : text(row, 'label', 'Label')) },
        { id: 'type', title: 'Type', width: '6.5rem', render: ofTag((row) => select(row, 'type', 'Type', typeChoices)) },
        {
            id: 'scale',
            title: 'Scale',
            width: '4.5rem',
            render: ofTag((row, tag) =>
                typeOf(tag.body) === 'string' ? (
                    <span class="length-cell" title="Registers of the text, two bytes each">
                        {text(row, 'length', 'Registers')}
                    </span>
                ) : typeOf(tag.body) === 'bool' || isBitTable(tableOf(tag.body)) ? null : (
                    text(row, 'scale', 'Scale')
                ),
            ),
        },
        { id: 'unit', title: 'Unit', width: '4rem', render: ofTag((row) => text(row, 'unit', 'Unit')) },
        { id: 'table', title: 'Table', width: '9.5rem', render: ofTag((row) => select(row, 'table', 'Table', tableChoices)) },
        { id: 'address', title: 'Address', width: '5.5rem', render: address },
    ];
}

// All cells of one row as a form: what a phone shows.
function RowDialog({ row, props, onClose }: { row: DraftRow; props: TableProps; onClose: () => void }) {
    const { draft, faults, change } = props;
    const { tag, group } = row;
    const at = (cell: Cell) => faults.filter((fault) => fault.cell === cell && fault.group === group && fault.tag === tag);
    const field = (cell: Cell, label: string) => (
        <TextField
            label={label}
            value={tag ? tagCell(tag, cell) : groupCell(group, cell)}
            faults={at(cell)}
            onInput={(text) => change(() => (tag ? editTag(draft, tag, cell, text) : editGroup(draft, group, cell, text)))}
        />
    );
    const choice = (cell: Cell, label: string, choices: [string, string][]) => (
        <SelectField label={label} value={tagCell(tag!, cell)} faults={at(cell)} choices={choices.map(([value, text]) => ({ value, label: text }))} onInput={(value) => change(() => editTag(draft, tag!, cell, value))} />
    );
    return (
        <Dialog title={tag ? `${group.body.name}/${tag.body.name}` : group.body.name} onClose={onClose}>
            <form
                class="fields"
                onSubmit={(event) => {
                    event.preventDefault();
                    onClose();
                }}
            >
                <CheckField label="Take it" value={(tag ?? group).wanted} onInput={(wanted) => change(() => (tag ? wantTag(draft, tag, wanted) : wantGroup(draft, group, wanted)))} />
                {!(group.known && !tag) && field('name', 'Name')}
                {!(group.known && !tag) && field('label', 'Label')}
                {tag && choice('type', 'Type', typeChoices)}
                {tag && typeOf(tag.body) === 'string' && field('length', 'Registers')}
                {tag && !['string', 'bool'].includes(typeOf(tag.body)) && field('scale', 'Scale')}
                {tag && field('unit', 'Unit')}
                {tag && choice('table', 'Table', tableChoices)}
                {tag && field('address', 'Address')}
                <div class="buttons field wide">
                    <Button type="submit" kind="primary">
                        Done
                    </Button>
                </div>
            </form>
        </Dialog>
    );
}

export function DraftTable(props: TableProps) {
    const rows = useMemo(() => draftRows(props.draft, props.faults, props.needle), [props.draft, props.version, props.faults, props.needle]);
    const columns = useColumns(props);
    const opened = useSignal<string | null>(null);
    const open = rows.find((row) => row.id === opened.value);
    return (
        <>
            <VirtualTable
                label="Proposed devices and tags"
                columns={columns}
                items={rows}
                itemKey={(row) => row.id}
                rowHeight={34}
                rowClass={(row) => (row.note ? 'note-row' : row.tag ? (row.tag.wanted ? '' : 'left-out') : `group-row ${row.group.wanted ? '' : 'left-out'}`)}
                selected={props.selected}
                onSelect={props.onSelect}
                onOpen={(row) => isNarrow.value && !row.note && (opened.value = row.id)}
                reveal={props.reveal}
                empty={<p class="empty">Nothing fits the search.</p>}
            />
            {open && <RowDialog row={open} props={props} onClose={() => (opened.value = null)} />}
        </>
    );
}
