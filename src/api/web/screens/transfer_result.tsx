// The verdict on each row of an import: what it would change, or what is wrong with it.
import { useSignal } from '@preact/signals';
import type { ComponentChildren } from 'preact';
import { useMemo } from 'preact/hooks';
import type { Problem } from '../lib/api';
import { foldText, plural } from '../lib/format';
import type { ImportChange, ImportFault, ImportResult } from '../lib/types';
import { Button, Note } from '../ui/basic';
import { Dialog } from '../ui/dialog';
import { differencesOf, differencesText, DiffTable } from '../ui/diff';
import { VirtualTable, type Column } from '../ui/table';

const actionWords = { create: 'new', change: 'changed', unchanged: 'as it is', delete: 'deleted' } as const;

function nameOf(change: ImportChange): string {
    if (change.profile !== undefined) return `profile ${change.profile}`;
    return change.tag ? `${change.device}/${change.tag}` : `${change.device}`;
}

const columns: Column<ImportChange>[] = [
    { id: 'action', title: 'Verdict', width: '6rem', render: (change) => <span class={`verdict ${change.action}`}>{actionWords[change.action]}</span> },
    { id: 'name', title: 'Name', width: 'minmax(12rem, 2fr)', render: nameOf },
    { id: 'address', title: 'Address', width: '6rem', render: (change) => change.modicon ?? '' },
    { id: 'difference', title: 'Difference', width: 'minmax(10rem, 4fr)', render: (change) => (change.action === 'change' || change.action === 'create' ? differencesText(differencesOf(change.before, change.after)) : '') },
    { id: 'warnings', title: 'Warnings', width: 'minmax(6rem, 2fr)', render: (change) => <span class="warn">{change.warnings?.map((one) => one.detail).join(' ')}</span> },
];

interface ImportChangesProps {
    result: ImportResult;
    title: string;
    children: ComponentChildren;
}

export function ImportChanges({ result, title, children }: ImportChangesProps) {
    const needle = useSignal('');
    const only = useSignal<'all' | 'differs' | 'warnings'>('differs');
    const open = useSignal<ImportChange | null>(null);
    const changes = result.changes ?? [];
    const unchanged = changes.filter((change) => change.action === 'unchanged').length;
    const shown = useMemo(() => {
        const folded = foldText(needle.value);
        return changes.filter(
            (change) =>
                (only.value === 'all' || (only.value === 'warnings' ? change.warnings?.length : change.action !== 'unchanged')) &&
                foldText(nameOf(change)).includes(folded),
        );
    }, [changes, needle.value, only.value]);
    const nothing = result.created + result.changed + result.deleted === 0;
    return (
        <section class="verdicts" aria-label="What the file would change">
            <div class="heading">
                <h3>{title}</h3>
                <div class="actions">{nothing ? null : children}</div>
            </div>
            <p>
                {nothing
                    ? 'The file changes nothing: everything in it is there already.'
                    : `Nothing is imported yet. ${result.created} would be created, ${result.changed} changed, ${result.deleted} deleted; ${plural(unchanged, 'tag')} stay as they are.`}
            </p>
            <Warnings warnings={result.warnings ?? []} />
            <div class="actions">
                <input type="search" aria-label="Search in the difference" placeholder="Search" value={needle.value} onInput={(event) => (needle.value = event.currentTarget.value)} />
                {(['differs', 'all', 'warnings'] as const).map((value) => (
                    <Button key={value} aria-pressed={only.value === value} onClick={() => (only.value = value)}>
                        {{ differs: 'What differs', all: 'All rows', warnings: 'With warnings' }[value]}
                    </Button>
                ))}
            </div>
            <div class="verdict-table">
                <VirtualTable label="Difference" columns={columns} items={shown} itemKey={nameOf} rowHeight={32} onOpen={(change) => (open.value = change)} empty={<p class="loading">Nothing to show.</p>} />
            </div>
            {open.value && (
                <Dialog title={`${nameOf(open.value)}: ${actionWords[open.value.action]}`} wide onClose={() => (open.value = null)}>
                    <DiffTable differences={differencesOf(open.value.before, open.value.after)} />
                    {open.value.warnings?.map((one, index) => <Note key={index} kind="warning">{one.detail}</Note>)}
                    <div class="buttons">
                        <Button onClick={() => (open.value = null)}>Close</Button>
                    </div>
                </Dialog>
            )}
        </section>
    );
}

function placeOf(fault: ImportFault): string {
    const place = [fault.rows !== undefined ? `rows ${fault.rows}` : fault.row !== undefined && `row ${fault.row}`, fault.column && `column ${fault.column}`];
    return place.filter(Boolean).join(', ') || fault.pointer || '';
}

function Warnings({ warnings }: { warnings: ImportFault[] }) {
    if (warnings.length === 0) return null;
    return (
        <details class="note warning">
            <summary>{plural(warnings.length, 'warning')}</summary>
            <FaultList faults={warnings} />
        </details>
    );
}

function FaultList({ faults }: { faults: ImportFault[] }) {
    return (
        <div class="plain-table faults">
            <table>
                <thead>
                    <tr>
                        <th scope="col">Where</th>
                        <th scope="col">Cell</th>
                        <th scope="col">What is right</th>
                    </tr>
                </thead>
                <tbody>
                    {faults.slice(0, 500).map((fault, index) => (
                        <tr key={index}>
                            <td>{placeOf(fault)}</td>
                            <td>{fault.cell}</td>
                            <td>{fault.detail}</td>
                        </tr>
                    ))}
                </tbody>
            </table>
            {faults.length > 500 && <p class="muted">and {faults.length - 500} more</p>}
        </div>
    );
}

export function ImportFaults({ problem, name, children }: { problem: Problem; name: string; children: ComponentChildren }) {
    return (
        <div class="note wrong" role="alert">
            <p>
                Nothing was imported{name && ` from ${name}`}. {problem.message}
            </p>
            {problem.errors.length > 0 && <FaultList faults={problem.errors} />}
            <div class="buttons">{children}</div>
        </div>
    );
}
