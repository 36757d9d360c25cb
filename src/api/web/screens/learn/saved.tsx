// After saving: where to see it, and how to take it back.
import { useSignal } from '@preact/signals';
import { get, pathOf, Problem, request, type Page } from '../../lib/api';
import { linkTo } from '../../lib/router';
import { Button, Heading, ProblemNote } from '../../ui/basic';
import { notify } from '../../ui/dialog';

export interface Saved {
    text: string;
    extents: string;
    devices: string[];
    requestId: string; // of the import
}

interface Entry {
    id: number;
    request_id: string | null;
}

const ENTRIES = 50; // the newest of the audit, among which the import is

// Undoes the import, whatever was changed elsewhere since.
async function undo(requestId: string): Promise<void> {
    const { items } = await get<Page<Entry>>(pathOf('audit'), { query: { limit: ENTRIES } });
    const entry = items.find((one) => one.request_id === requestId);
    if (!entry) throw new Problem(0, 'Not found', 'Too much has changed since: undo it in Changes.');
    const path = pathOf('audit', entry.id, 'revert');
    const { body } = await request<{ deleted: number }>('POST', path, { query: { dry_run: true, changes: 'none' } });
    await request('POST', path, { query: { confirm: body.deleted, changes: 'none' } });
}

export function LearnSaved({ saved, onBack, onUndone }: { saved: Saved; onBack: () => void; onUndone: () => void }) {
    const busy = useSignal(false);
    const problem = useSignal<Problem | null>(null);
    const takeBack = async () => {
        busy.value = true;
        try {
            await undo(saved.requestId);
            notify('Undone.');
            onUndone();
        } catch (error) {
            problem.value = error instanceof Problem ? error : new Problem(0, 'Error', String(error));
        }
        busy.value = false;
    };
    const only = saved.devices.length === 1 ? saved.devices[0] : undefined;
    return (
        <div class="screen learn">
            <Heading title="Saved" />
            <div class="card">
                <p>
                    {saved.text} {saved.text === '1 tag' ? 'is' : 'are'} in service: {saved.extents}. The registers fill as messages come; retained ones are there already.
                </p>
                <ProblemNote problem={problem.value} />
                <div class="actions">
                    <a class="button primary" href={linkTo('live') + (only ? `?device=${encodeURIComponent(only)}` : '')}>
                        See them live
                    </a>
                    <Button onClick={onBack}>Back to the topics</Button>
                    <Button kind="quiet" busy={busy.value} onClick={takeBack}>
                        Undo
                    </Button>
                </div>
            </div>
        </div>
    );
}
