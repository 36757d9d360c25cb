// A form of a device or a tag, made from its table of members.
import { useEffect, useRef } from 'preact/hooks';
import { faultsAt, AreaField, CheckField, SelectField, TextField } from '../../ui/form';
import type { Fault, Problem } from '../../lib/api';
import type { Table, Tag } from '../../lib/types';
import { ProblemNote } from '../../ui/basic';
import { AddressField, ConditionsField, FallbackField, GatewayField, KeyField, NumberField, RequestField, SetpointField, StatusField, textOf, WordsField } from './controls';
import type { FieldRow } from './fields';
import { ProfileField } from './profile-field';
import { isEqual, valueAt, withValue, type Json } from './record';

export interface FormProps<Of> {
    rows: FieldRow<Of>[];
    sections: string[];
    record: Of;
    isNew: boolean;
    faults: Fault[];
    isForeign?: boolean; // of a tag: its device is on a foreign server
    locked?: Map<string, string>; // members that cannot be changed here, with the reason
    onInput: (record: Of) => void;
    extras?: Record<string, preact.ComponentChildren>; // below the member of a pointer
}

// True for a member that applies, or is set although it does not.
export function isShown<Of>(row: FieldRow<Of>, record: Of, faults: Fault[], isForeign = false): boolean {
    if (!row.when || row.when(record, isForeign)) return true;
    return !isEqual(valueAt(record, row.pointer) ?? null, row.fallback) || faultsAt(faults, row.pointer).length > 0;
}

function Control<Of>({ row, record, isNew, faults, onInput }: FormProps<Of> & { row: FieldRow<Of> }) {
    const value = valueAt(record, row.pointer) ?? null;
    const set = (next: Json) => onInput(withValue(record, row.pointer, next));
    const props = { label: row.label, help: row.help, faults: faultsAt(faults, row.pointer), value, onInput: set };
    const wide = row.wide ?? false;
    switch (row.control) {
        case 'text':
            return <TextField {...props} wide={wide} value={textOf(value)} onInput={(text) => set(row.nullable && text === '' ? null : text)} attributes={{ placeholder: row.example }} />;
        case 'area':
            return <AreaField {...props} wide={wide} rows={2} value={textOf(value)} onInput={(text) => set(row.nullable && text === '' ? null : text)} />;
        case 'number':
            return <NumberField {...props} placeholder={row.fallback === null ? undefined : String(row.fallback)} />;
        case 'check':
            return <CheckField {...props} value={value === true} onInput={set} />;
        case 'select': {
            const isNumber = typeof row.fallback === 'number';
            const choices = row.fallback === null && (isNew || value === null) ? [{ value: '', label: 'chosen for you' }, ...row.choices!] : row.choices!;
            return <SelectField {...props} value={textOf(value)} choices={choices} onInput={(text) => set(text === '' ? null : isNumber ? Number(text) : text)} />;
        }
        case 'key':
            return <KeyField {...props} name={textOf(valueAt(record, '/name'))} />;
        case 'address':
            return (
                <AddressField
                    {...props}
                    isNew={isNew}
                    table={(valueAt(record, '/modbus/table') as Table | null) ?? null}
                    onInput={set}
                    onBoth={(address, table) => onInput(withValue(withValue(record, row.pointer, address), '/modbus/table', table))}
                />
            );
        case 'words':
            return <WordsField {...props} />;
        case 'conditions':
            return <ConditionsField {...props} />;
        case 'request':
            return <RequestField {...props} />;
        case 'status':
            return <StatusField {...props} />;
        case 'fallback':
            return <FallbackField {...props} />;
        case 'setpoint':
            return <SetpointField {...props} tag={record as Tag} />;
        case 'gateway':
            return <GatewayField {...props} placeholder={row.example} />;
        case 'profile':
            return <ProfileField {...props} isNew={isNew} />;
    }
}

const composite = new Set(['words', 'conditions', 'request', 'status', 'profile']);

function Member<Of>(props: FormProps<Of> & { row: FieldRow<Of> }) {
    const { row, locked } = props;
    const reason = locked?.get(row.pointer);
    return (
        <fieldset class={row.wide || composite.has(row.control) ? 'member wide' : 'member'} disabled={reason !== undefined}>
            <Control {...props} />
            {reason && <p class="help">{reason}</p>}
            {props.extras?.[row.pointer]}
        </fieldset>
    );
}

function Section<Of>(props: FormProps<Of> & { title: string }) {
    const { title, record, faults } = props;
    const more = useRef<HTMLDetailsElement>(null);
    const shown = props.rows.filter((row) => row.section === title && isShown(row, record, faults, props.isForeign));
    const often = shown.filter((row) => !row.rare);
    const rare = shown.filter((row) => row.rare);
    const faulty = rare.some((row) => faultsAt(faults, row.pointer).length > 0);
    useEffect(() => {
        if (faulty && more.current) more.current.open = true;
    }, [faulty]);
    if (shown.length === 0) return null;
    const set = rare.filter((row) => !isEqual(valueAt(record, row.pointer) ?? null, row.fallback)).map((row) => row.label);
    return (
        <section class="card form-section">
            <h2>{title}</h2>
            {often.length > 0 && (
                <div class="fields">
                    {often.map((row) => (
                        <Member key={row.pointer} {...props} row={row} />
                    ))}
                </div>
            )}
            {rare.length > 0 && (
                <details class="more" ref={more}>
                    <summary>
                        More{set.length > 0 && <span class="muted">, set here: {set.join(', ')}</span>}
                    </summary>
                    <div class="fields">
                        {rare.map((row) => (
                            <Member key={row.pointer} {...props} row={row} />
                        ))}
                    </div>
                </details>
            )}
        </section>
    );
}

export function MemberForm<Of>(props: FormProps<Of>) {
    return (
        <>
            {props.sections.map((title) => (
                <Section key={title} {...props} title={title} />
            ))}
        </>
    );
}

// The faults that no member of the form shows, so that none is lost.
export function UnplacedFaults<Of>({ problem, rows, record, isForeign }: { problem: Problem | null; rows: FieldRow<Of>[]; record: Of; isForeign?: boolean }) {
    if (!problem) return null;
    const placed = rows.filter((row) => isShown(row, record, problem.errors, isForeign)).flatMap((row) => faultsAt(problem.errors, row.pointer));
    const rest = problem.errors.filter((fault) => !placed.includes(fault));
    return <ProblemNote problem={problem} faults={rest} />;
}

// Moves the focus to the first field that has a fault.
export function focusFault(form: HTMLElement | null): void {
    form?.querySelector<HTMLElement>('[aria-invalid="true"]')?.focus();
}
