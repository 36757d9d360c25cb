// What several screens of devices share: the warnings of a saved resource, deleting with a way back, and tabs.
import { signal } from '@preact/signals';
import { useEffect, useRef } from 'preact/hooks';
import { get, pathOf, Problem, request, type Page } from '../../lib/api';
import { plural } from '../../lib/format';
import { guardUnsaved, linkTo, place } from '../../lib/router';
import type { AuditEntry, Warning } from '../../lib/types';
import { Button, Note, Tabs } from '../../ui/basic';
import { ask, askToLeave, notify } from '../../ui/dialog';

export function DeviceTabs({ current }: { current: 'devices' | 'profiles' }) {
    return (
        <Tabs
            current={current}
            items={[
                { id: 'devices', title: 'Devices', link: linkTo('devices') },
                { id: 'profiles', title: 'Profiles', link: linkTo('profiles') },
            ]}
        />
    );
}

// While there is unsaved work, leaving asks first. Returns the function that lets it go.
export function useUnsaved(isDirty: boolean): () => void {
    const release = useRef(() => {});
    useEffect(() => {
        if (!isDirty) return undefined;
        release.current = guardUnsaved(askToLeave);
        return () => release.current();
    }, [isDirty]);
    return () => release.current();
}

// The warnings of what was saved last, shown on the screen that follows it.
const saved = signal<{ of: string; place: string; warnings: Warning[] } | null>(null);

export function keepWarnings(of: string, link: string, warnings: Warning[] | undefined): void {
    saved.value = warnings?.length ? { of, place: link, warnings } : null;
}

export function SavedWarnings() {
    const kept = saved.value;
    if (!kept || linkTo(...place.value.parts) !== kept.place) return null;
    return (
        <Note kind="warning">
            <p>{kept.of} is saved. Please check:</p>
            <ul>
                {kept.warnings.map((warning, index) => (
                    <li key={index}>{warning.detail}</li>
                ))}
            </ul>
            <Button kind="quiet" onClick={() => (saved.value = null)}>
                Understood
            </Button>
        </Note>
    );
}

export function problemText(error: unknown): string {
    if (!(error instanceof Problem)) return String(error);
    return [error.message, ...error.errors.map((fault) => fault.detail)].join(' ');
}

// A device comes back with the tags that were deleted with it.
async function undoDeletion(query: Record<string, string>, name: string): Promise<void> {
    const kind = query.tag ? 'tag' : query.profile ? 'profile' : 'device';
    try {
        const { items } = await get<Page<AuditEntry>>(pathOf('audit'), { query: { ...query, limit: 1000 } });
        const entry = items.find((one) => one.action === 'delete' && one.kind === kind);
        if (!entry) return notify(`${name} is not in the list of changes any more.`);
        await request('POST', pathOf('audit', entry.id, 'revert'));
        notify(`${name} is back.`);
    } catch (error) {
        notify(`${name} cannot be brought back: ${problemText(error)}`);
    }
}

// Asks, deletes, and offers the way back. True if it was deleted.
export async function deleteResource(what: { title: string; text: preact.ComponentChildren; name: string; path: string; count: number; audit: Record<string, string> }): Promise<boolean> {
    let confirm = what.count > 20 ? what.count : undefined;
    let more: string | null = null;
    for (;;) {
        const yes = await ask(
            what.title,
            <>
                {what.text}
                {more && <Note kind="warning">{more}</Note>}
            </>,
            'Delete',
            true,
        );
        if (!yes) return false;
        try {
            await request('DELETE', what.path, { query: { confirm } });
            notify(`${what.name} is deleted.`, { label: 'Undo', run: () => undoDeletion(what.audit, what.name) });
            return true;
        } catch (error) {
            const wanted = error instanceof Problem ? error.errors.find((fault) => fault.code === 'confirm_required') : undefined;
            const number = /(\d+) objects/.exec(wanted?.detail ?? '');
            if (wanted && number) {
                confirm = Number(number[1]);
                more = `It deletes ${plural(confirm, 'device or tag', 'devices and tags')} now: ${wanted.detail.split(/objects: |\. (Repeat|Nothing)/)[1] ?? ''}.`;
                continue;
            }
            notify(`Not deleted: ${problemText(error)}`);
            return false;
        }
    }
}
