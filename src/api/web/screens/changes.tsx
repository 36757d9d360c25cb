// Changes: who changed what, newest first, and the way back.
import { useSignal } from '@preact/signals';
import { useEffect } from 'preact/hooks';
import { get, pathOf, Problem, request, type Page } from '../lib/api';
import { plural, timeText } from '../lib/format';
import { mayChange } from '../lib/gateways';
import { revision } from '../lib/live';
import { linkTo, place, setQuery } from '../lib/router';
import type { AuditEntry, RevertResult } from '../lib/types';
import { Button, Empty, Heading, Loading, ProblemNote } from '../ui/basic';
import { CommittedInput } from '../ui/form';
import { Dialog, notify } from '../ui/dialog';
import { differencesOf, differencesText, DiffTable } from '../ui/diff';
import { useTitle } from '../ui/use';

const PAGE = 50;
const filters = ['device', 'tag', 'profile', 'who', 'since'] as const;
const filterTitles = { device: 'Device', tag: 'Tag', profile: 'Profile', who: 'Token', since: 'Since (time or revision)' };

const actionWords: Record<AuditEntry['action'], string> = {
    create: 'created',
    change: 'changed',
    delete: 'deleted',
    import: 'imported a file',
    revert: 'undid a change',
    copy: 'copied a device',
};

function objectText(entry: { device?: string | null; tag?: string | null; profile?: string | null }): string {
    if (entry.device) return entry.tag ? `tag ${entry.device}/${entry.tag}` : `device ${entry.device}`;
    return entry.profile ? `profile ${entry.profile}` : '';
}

function entryText(entry: AuditEntry): string {
    const after = entry.after ?? {};
    if (entry.kind === 'all' && 'token_added' in after) return `added the token ${after['token_added']}`;
    if (entry.kind === 'all' && 'token_revoked' in after) return `revoked the token ${after['token_revoked']}`;
    if (entry.kind === 'all' && entry.action === 'create') return `created devices of the profile ${entry.profile}`;
    if (entry.kind === 'discovery') return `${actionWords[entry.action]} a discovery`;
    return `${actionWords[entry.action]} ${objectText(entry)}`.trim();
}

// What a way back would do or has done, as the server says it.
interface Undo {
    title: string;
    path: string;
    query: Record<string, string | number>;
    result: RevertResult | null;
    problem: Problem | null;
}

export default function ChangesScreen() {
    useTitle('Changes');
    const { query } = place.value;
    const entries = useSignal<AuditEntry[]>([]);
    const next = useSignal<string | null>(null);
    const total = useSignal<number | null>(null);
    const problem = useSignal<Problem | null>(null);
    const busy = useSignal(false);
    const undo = useSignal<Undo | null>(null);
    const chosen = Object.fromEntries(filters.map((name) => [name, query.get(name) || undefined]));
    const key = JSON.stringify(chosen);

    // The newest page; what was read of older ones stays.
    const readNewest = async (keep: boolean) => {
        try {
            const page = await get<Page<AuditEntry>>(pathOf('audit'), { query: { ...chosen, limit: PAGE } });
            const oldest = page.items.at(-1)?.id ?? 0;
            const older = keep && page.next ? entries.value.filter((entry) => entry.id < oldest) : [];
            entries.value = [...page.items, ...older];
            if (older.length === 0) next.value = page.next;
            total.value = page.total;
            problem.value = null;
        } catch (error) {
            problem.value = error as Problem;
        }
    };
    const readOlder = async () => {
        busy.value = true;
        try {
            const page = await get<Page<AuditEntry>>(pathOf('audit'), { query: { ...chosen, limit: PAGE, after: next.value } });
            entries.value = [...entries.value, ...page.items];
            next.value = page.next;
        } catch (error) {
            problem.value = error as Problem;
        }
        busy.value = false;
    };
    useEffect(() => {
        entries.value = [];
        total.value = null;
        void readNewest(false);
    }, [key]);
    useEffect(() => {
        if (total.value !== null) void readNewest(true);
    }, [revision.value]);

    const askUndo = async (title: string, path: string, query: Undo['query']) => {
        const asked: Undo = { title, path, query, result: null, problem: null };
        undo.value = asked;
        try {
            const { body } = await request<RevertResult>('POST', path, { query: { ...query, dry_run: true } });
            if (undo.value === asked) undo.value = { ...asked, result: body };
        } catch (error) {
            if (undo.value === asked) undo.value = { ...asked, problem: error as Problem };
        }
    };
    const doUndo = async () => {
        const { path, query, result } = undo.value!;
        busy.value = true;
        try {
            const confirm = result && result.deleted > 0 ? { confirm: result.deleted } : {};
            await request('POST', path, { query: { ...query, ...confirm, changes: 'none' } });
            undo.value = null;
            notify('The change was undone.');
            await readNewest(true);
        } catch (error) {
            undo.value = { ...undo.value!, problem: error as Problem };
        }
        busy.value = false;
    };
    return (
        <div class="screen">
            <Heading title="Changes">
                {filters.map((name) => (
                    <CommittedInput
                        key={name}
                        type="search"
                        class="filter"
                        aria-label={filterTitles[name]}
                        placeholder={filterTitles[name]}
                        value={query.get(name) ?? ''}
                        onCommit={(text) => setQuery({ [name]: text })}
                    />
                ))}
            </Heading>
            <ProblemNote problem={problem.value} />
            {total.value === null && !problem.value && <Loading />}
            {total.value === 0 && (
                <Empty title="No changes">
                    <p>{key === '{}' ? 'Nothing has been configured yet.' : 'No change fits these filters.'}</p>
                </Empty>
            )}
            {entries.value.length > 0 && <p class="muted">Press a change to see what differs{mayChange.value && ', and to undo it'}.</p>}
            <ol class="changes">
                {entries.value.map((entry) => (
                    <Entry
                        key={entry.id}
                        entry={entry}
                        onUndo={() => askUndo(`Undo: ${entryText(entry)}`, pathOf('audit', entry.id, 'revert'), {})}
                        onUndoSince={() => askUndo('Undo this and everything after it', pathOf('revert'), { to: entry.revision - 1 })}
                    />
                ))}
            </ol>
            {next.value && (
                <div class="buttons">
                    <Button onClick={readOlder} busy={busy.value}>
                        Older changes
                    </Button>
                </div>
            )}
            {undo.value && <UndoDialog undo={undo.value} busy={busy.value} onYes={doUndo} onClose={() => (undo.value = null)} />}
        </div>
    );
}

interface EntryProps {
    entry: AuditEntry;
    onUndo: () => void;
    onUndoSince: () => void;
}

function Entry({ entry, onUndo, onUndoSince }: EntryProps) {
    const differences = entry.diff.length > 0 ? entry.diff : differencesOf(entry.before ?? undefined, entry.after ?? undefined);
    const canUndo = mayChange.value && entry.kind !== 'discovery' && !('token_added' in (entry.after ?? {})) && !('token_revoked' in (entry.after ?? {}));
    return (
        <li>
            <details>
                <summary>
                    <time dateTime={entry.at} title={entry.at}>
                        {timeText(entry.at)}
                    </time>
                    <span class="what">
                        {entryText(entry)}
                        {entry.diff.length > 0 && <span class="muted"> {differencesText(entry.diff)}</span>}
                    </span>
                    <span class="by muted">
                        {entry.who || 'no token'}, {entry.remote}
                    </span>
                </summary>
                <div class="entry">
                    {differences.length > 0 ? <DiffTable differences={differences} /> : <p class="muted">Nothing differs.</p>}
                    <div class="buttons">
                        {entry.device && entry.action !== 'delete' && (
                            <a class="button" href={entry.tag ? linkTo('tags', entry.device, entry.tag) : linkTo('devices', entry.device)}>
                                Show {entry.tag ? 'the tag' : 'the device'}
                            </a>
                        )}
                        {canUndo && (
                            <>
                                <Button onClick={onUndoSince}>Undo this and all after it</Button>
                                <Button onClick={onUndo}>Undo</Button>
                            </>
                        )}
                    </div>
                    <p class="muted">
                        Revision {entry.revision}, request {entry.request_id}
                    </p>
                </div>
            </details>
        </li>
    );
}

function UndoDialog({ undo, busy, onYes, onClose }: { undo: Undo; busy: boolean; onYes: () => void; onClose: () => void }) {
    const { result } = undo;
    const changes = result?.changes ?? [];
    const nothing = result !== null && result.created + result.changed + result.deleted === 0;
    return (
        <Dialog title={undo.title} wide onClose={onClose}>
            <ProblemNote problem={undo.problem} />
            {!result && !undo.problem && <Loading what="Reading what would change" />}
            {result && (
                <>
                    <p>{nothing ? 'Everything is already as it was before.' : `${result.created} would be created again, ${result.changed} changed back, ${result.deleted} deleted.`}</p>
                    <ul class="undo-list">
                        {changes.slice(0, 200).map((change, index) => (
                            <li key={index}>
                                {change.action} {objectText(change)} <span class="muted">{differencesText(change.diff ?? [])}</span>
                            </li>
                        ))}
                        {changes.length > 200 && <li>and {plural(changes.length - 200, 'more', 'more')}</li>}
                    </ul>
                </>
            )}
            <div class="buttons">
                <Button onClick={onClose}>Cancel</Button>
                {result && !nothing && (
                    <Button kind="primary" autofocus busy={busy} onClick={onYes}>
                        Undo
                    </Button>
                )}
            </div>
        </Dialog>
    );
}
