// Many devices of a profile, typed or pasted into a small table; all of them are created, or none.
import { useSignal } from '@preact/signals';
import { Fragment } from 'preact';
import { pathOf, Problem, request } from '../../lib/api';
import { plural } from '../../lib/format';
import { linkTo } from '../../lib/router';
import type { Device, Warning } from '../../lib/types';
import { Button, Card, Note, ProblemNote } from '../../ui/basic';
import { notify } from '../../ui/dialog';
import type { Profile } from '../devices/profile-field';
import { useUnsaved } from '../devices/shared';
import { bodyOf, cellOf, columnsOf, isEmptyRow, pasteInto, readCells, type GridRow } from './grid';

interface Made {
    created: number;
    devices: Pick<Device, 'name' | 'profile'>[];
    warnings?: Warning[];
}

const emptyRows = (count: number): GridRow[] => Array.from({ length: count }, () => ({}));

export function MakeDevices({ profile, onMade }: { profile: Profile; onMade: () => void }) {
    const columns = columnsOf(profile);
    const rows = useSignal<GridRow[]>(emptyRows(3));
    const problem = useSignal<Problem | null>(null);
    const places = useSignal<number[]>([]);
    const made = useSignal<Made | null>(null);
    const busy = useSignal(false);
    const filled = rows.value.filter((row) => !isEmptyRow(row)).length;
    useUnsaved(filled > 0);
    const change = (next: GridRow[]) => {
        // There is always an empty row to go on with.
        rows.value = next.length === 0 || !isEmptyRow(next.at(-1)!) ? [...next, {}] : next;
        problem.value = null;
    };
    const paste = (event: ClipboardEvent, row: number, column: number) => {
        const text = event.clipboardData?.getData('text/plain') ?? '';
        if (!/[\t\n]/.test(text)) return;
        event.preventDefault();
        change(pasteInto(rows.value, columns, row, column, readCells(text)));
    };
    const create = async () => {
        const body = bodyOf(rows.value, profile);
        busy.value = true;
        problem.value = null;
        places.value = body.places;
        try {
            const answer = await request<Made>('POST', pathOf('profiles', profile.name, 'devices'), { body: body.devices });
            made.value = answer.body;
            rows.value = emptyRows(3);
            notify(`${plural(answer.body.created, 'device')} created.`);
            onMade();
        } catch (error) {
            problem.value = error instanceof Problem ? error : new Problem(0, 'Error', String(error));
        }
        busy.value = false;
    };
    const faults = (problem.value?.errors ?? []).map((fault) => ({ fault, cell: cellOf(fault.pointer ?? '', places.value, columns) }));
    const rowFaults = (row: number) => faults.filter(({ cell }) => cell?.row === row);
    return (
        <Card title="Make devices of it">
            <p class="help">One row for each device. Rows copied in a spreadsheet can be pasted into any cell, with or without a row of titles. All are created, or none.</p>
            <form
                onSubmit={(event) => {
                    event.preventDefault();
                    void create();
                }}
            >
                <div class="grid-scroll" tabIndex={0} role="region" aria-label="New devices">
                    <table class="cell-grid" aria-label="New devices">
                        <thead>
                            <tr>
                                {columns.map((column) => (
                                    <th key={column.id} scope="col" title={column.help}>
                                        {column.title}
                                    </th>
                                ))}
                            </tr>
                        </thead>
                        <tbody>
                            {rows.value.map((row, index) => {
                                const wrong = rowFaults(index);
                                return (
                                    <Fragment key={index}>
                                        <tr>
                                            {columns.map((column, at) => (
                                                <td key={column.id}>
                                                    <input
                                                        type="text"
                                                        aria-label={`${column.title} ${index + 1}`}
                                                        aria-invalid={wrong.some(({ cell }) => cell!.column === column.id) || undefined}
                                                        placeholder={column.placeholder}
                                                        spellcheck={false}
                                                        value={row[column.id] ?? ''}
                                                        onPaste={(event) => paste(event, index, at)}
                                                        onInput={(event) => change(rows.value.map((one, place) => (place === index ? { ...one, [column.id]: event.currentTarget.value } : one)))}
                                                    />
                                                </td>
                                            ))}
                                        </tr>
                                        {wrong.length > 0 && (
                                            <tr>
                                                <td colSpan={columns.length} class="fault" role="alert">
                                                    {wrong.map(({ fault, cell }) => `${columns.find((one) => one.id === cell!.column)?.title ?? ''} ${fault.detail}`.trim()).join('. ')}
                                                </td>
                                            </tr>
                                        )}
                                    </Fragment>
                                );
                            })}
                        </tbody>
                    </table>
                </div>
                {problem.value && <ProblemNote problem={problem.value} faults={faults.filter(({ cell }) => !cell).map(({ fault }) => fault)} />}
                <div class="buttons">
                    <Button type="submit" kind="primary" busy={busy.value} disabled={filled === 0}>
                        {filled > 1 ? `Create ${filled} devices` : 'Create the device'}
                    </Button>
                </div>
            </form>
            {made.value && (
                <Note kind={made.value.warnings?.length ? 'warning' : 'good'}>
                    <p>
                        {plural(made.value.created, 'device')} created:{' '}
                        {made.value.devices.slice(0, 20).map((device, index) => (
                            <Fragment key={device.name}>
                                {index > 0 && ', '}
                                <a href={linkTo('devices', device.name)}>{device.name}</a>
                            </Fragment>
                        ))}
                        {made.value.devices.length > 20 && ' and more'}
                    </p>
                    {made.value.warnings?.map((warning, index) => <p key={index}>{warning.detail}</p>)}
                </Note>
            )}
        </Card>
    );
}
