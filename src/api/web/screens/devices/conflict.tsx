// Somebody else has saved first: who changed what, and for each member that both changed, whose value counts.
import { useSignal } from '@preact/signals';
import { Button } from '../../ui/basic';
import { timeText } from '../../lib/format';
import type { AuditEntry } from '../../lib/types';
import { Dialog } from '../../ui/dialog';
import { DiffTable } from '../../ui/diff';
import type { Conflict } from './editor';
import { memberText, type FieldRow } from './fields';
import { withValue } from './record';

function whoText(entry: AuditEntry): string {
    return entry.who ? `${entry.who} (${entry.remote})` : entry.remote === 'local' ? 'A command on the machine' : entry.remote;
}

function Changes({ entries }: { entries: AuditEntry[] }) {
    if (entries.length === 0) return <p>Who it was is not in the list of changes.</p>;
    return (
        <>
            {entries.map((entry) => (
                <div key={entry.id} class="conflict-change">
                    <p>
                        <strong>{whoText(entry)}</strong> at {timeText(entry.at)}
                        {entry.diff.length === 0 && `: ${entry.action}`}
                    </p>
                    {entry.diff.length > 0 && <DiffTable differences={entry.diff} />}
                </div>
            ))}
        </>
    );
}

interface ConflictProps<Of> {
    conflict: Conflict<Of>;
    rows: FieldRow<Of>[];
    onSave: (joined: Of) => void;
    onTakeTheirs: () => void;
    onClose: () => void;
}

export function ConflictDialog<Of>({ conflict, rows, onSave, onTakeTheirs, onClose }: ConflictProps<Of>) {
    const { clashes, joined, changes } = conflict;
    const theirs = useSignal<Set<string>>(new Set());
    const choose = (pointer: string, take: boolean) => {
        const next = new Set(theirs.value);
        if (take) next.add(pointer);
        else next.delete(pointer);
        theirs.value = next;
    };
    const save = () => {
        let record = joined;
        for (const clash of clashes) if (theirs.value.has(clash.pointer)) record = withValue(record, clash.pointer, clash.theirs);
        onSave(record);
    };
    const rowOf = (pointer: string) => rows.find((row) => row.pointer === pointer);
    return (
        <Dialog title="Somebody else saved this meanwhile" onClose={onClose} wide>
            <form
                class="conflict"
                onSubmit={(event) => {
                    event.preventDefault();
                    save();
                }}
            >
                <Changes entries={changes} />
                {clashes.length === 0 && <p>You have changed other members: both changes can be kept.</p>}
                {clashes.map((clash) => (
                    <fieldset key={clash.pointer} class="clash">
                        <legend>{rowOf(clash.pointer)?.label ?? clash.pointer}</legend>
                        <label>
                            <input type="radio" name={clash.pointer} checked={!theirs.value.has(clash.pointer)} onChange={() => choose(clash.pointer, false)} /> Keep mine and save over it: <strong>{memberText(rowOf(clash.pointer), clash.mine)}</strong>
                        </label>
                        <label>
                            <input type="radio" name={clash.pointer} checked={theirs.value.has(clash.pointer)} onChange={() => choose(clash.pointer, true)} /> Take theirs: <strong>{memberText(rowOf(clash.pointer), clash.theirs)}</strong>
                        </label>
                    </fieldset>
                ))}
                <div class="buttons">
                    <Button onClick={onClose}>Back to the form</Button>
                    <Button onClick={onTakeTheirs}>Drop all that I changed</Button>
                    <Button type="submit" kind="primary">
                        Save
                    </Button>
                </div>
            </form>
        </Dialog>
    );
}
