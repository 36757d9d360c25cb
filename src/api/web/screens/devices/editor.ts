// The state of a form: what was read, what it is now, and saving it without losing a change of anybody.
import { useSignal } from '@preact/signals';
import { useEffect } from 'preact/hooks';
import { get, pathOf, Problem, request, type Answer } from '../../lib/api';
import type { AuditEntry } from '../../lib/types';
import { isEqual, joinChanges, mergePatch, type Clash, type Json, type JsonObject } from './record';
import { useUnsaved } from './shared';

// Somebody else has changed the resource since it was read.
export interface Conflict<Of> {
    theirs: Of;
    etag: string | null;
    joined: Of;
    clashes: Clash[];
    changes: AuditEntry[]; // who did it, newest first
}

export interface EditorOptions<Of> {
    path: string | null; // of the resource; null: a new one
    create?: string; // the path that a new one is posted to
    blank: () => Of;
    pointers: string[]; // of all members
    audit: Record<string, string>; // the query of the changes of this resource
    adjust?: (patch: JsonObject, before: Of, after: Of) => JsonObject; // a last change of what is sent
}

interface EditorState<Of> {
    base: Of | null; // as it was read
    etag: string | null;
    draft: Of | null;
    loadProblem: Problem | null;
    problem: Problem | null;
    conflict: Conflict<Of> | null;
    busy: boolean;
    lost: boolean; // it was deleted meanwhile
}

const toProblem = (error: unknown) => (error instanceof Problem ? error : new Problem(0, 'Error', String(error)));

// The changes since the revision that was read.
function readChanges(query: Record<string, string>, revision: number): Promise<AuditEntry[]> {
    return get<{ items: AuditEntry[] }>(pathOf('audit'), { query: { ...query, since: revision, limit: 20 } }).then(
        // Entries of the tags of a device are not its own.
        (page) => page.items.filter((entry) => query.tag || entry.kind !== 'tag'),
        () => [],
    );
}

export function useEditor<Of extends { revision: number }>(options: EditorOptions<Of>) {
    const { path, pointers } = options;
    const state = useSignal<EditorState<Of>>({ base: null, etag: null, draft: null, loadProblem: null, problem: null, conflict: null, busy: false, lost: false });
    const set = (part: Partial<EditorState<Of>>) => (state.value = { ...state.value, ...part });
    const load = async () => {
        if (!path) {
            const blank = options.blank();
            return void set({ base: blank, draft: blank, etag: null, lost: false });
        }
        try {
            const answer = await request<Of>('GET', path);
            set({ base: answer.body, draft: answer.body, etag: answer.etag, loadProblem: null, problem: null, conflict: null, lost: false });
        } catch (error) {
            set({ loadProblem: toProblem(error) });
        }
    };
    useEffect(() => void load(), [path]);

    const { base, draft } = state.value;
    const isDirty = base !== null && draft !== null && !isEqual(base, draft);
    const release = useUnsaved(isDirty);

    // Sends what differs. Null if it was refused; then the state says why.
    const send = async (from: Of, to: Of, etag: string | null): Promise<Answer<Of> | null> => {
        const change = (mergePatch(from, to as Json) ?? {}) as JsonObject;
        const body = options.adjust ? options.adjust(change, from, to) : change;
        set({ busy: true, problem: null });
        try {
            const answer = path
                ? await request<Of>('PATCH', path, { body, ifMatch: etag, type: 'application/merge-patch+json' })
                : await request<Of>('POST', options.create!, { body });
            set({ busy: false, base: answer.body, draft: answer.body, etag: answer.etag, conflict: null });
            return answer;
        } catch (error) {
            const problem = toProblem(error);
            if (path && problem.status === 412) await showConflict(from, to);
            else if (path && problem.status === 404) set({ lost: true });
            else set({ problem });
            set({ busy: false });
            return null;
        }
    };
    const showConflict = async (from: Of, mine: Of) => {
        try {
            const [answer, changes] = await Promise.all([request<Of>('GET', path!), readChanges(options.audit, from.revision)]);
            const { joined, clashes } = joinChanges(from, mine, answer.body, pointers);
            set({ conflict: { theirs: answer.body, etag: answer.etag, joined, clashes, changes } });
        } catch (error) {
            const problem = toProblem(error);
            if (problem.status === 404) set({ lost: true });
            else set({ problem });
        }
    };

    return {
        ...state.value,
        isDirty,
        load,
        change: (next: Of) => set({ draft: next }),
        save: () => send(state.value.base!, state.value.draft!, state.value.etag),
        // Saves the joined record over theirs.
        saveJoined: (joined: Of) => {
            const { theirs, etag } = state.value.conflict!;
            set({ base: theirs, draft: joined, etag, conflict: null });
            return send(theirs, joined, etag);
        },
        takeTheirs: () => {
            const { theirs, etag } = state.value.conflict!;
            set({ base: theirs, draft: theirs, etag, conflict: null, problem: null });
        },
        keepEditing: () => set({ conflict: null }),
        release, // what was saved may be left
    };
}
