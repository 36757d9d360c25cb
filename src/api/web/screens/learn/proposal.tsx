// The proposal for the ticked values: changed in place, checked by the server, saved as one import.
import { useSignal } from '@preact/signals';
import { useEffect, useMemo, useRef } from 'preact/hooks';
import { get, pathOf, Problem, request } from '../../lib/api';
import { plural, tableWords } from '../../lib/format';
import { leader } from '../../lib/gateways';
import { Button, Empty, Heading, LeaderLink, Loading, Note, ProblemNote } from '../../ui/basic';
import { CommittedInput } from '../../ui/form';
import { ask } from '../../ui/dialog';
import { useTitle } from '../../ui/use';
import { bindProfiles, extentsOf, makeBody, makeDraft, placeFaults, releaseAddresses, summaryOf, takeChanges, type Change, type Draft, type DraftFault, type Proposal, type Sent } from './draft';
import { DraftTable } from './draft_table';
import { isNew, keyId, makeTree, readKnownDevices, topicId, type Heard } from './heard';
import { TagPreview } from './preview';
import { LearnSaved, type Saved } from './saved';
import { choiceOf } from './ticks';

const CHECK_AFTER_MS = 350;
const FAULTS_LISTED = 4;

interface Wishes {
    profile: boolean;
    unit: string; // of new devices; empty: the first with room
    onlyHolding: boolean;
}

interface Loaded {
    draft: Draft;
    alike: string[]; // devices that profiles would describe
    kinds: number; // the number of profiles
}

// Asks for the proposal, and whether profiles would fit.
async function loadDraft(heard: Heard, ticked: ReadonlySet<string>, wishes: Wishes, signal: AbortSignal): Promise<Loaded> {
    const fresh = new Set<string>();
    for (const topic of heard.topics) for (const key of topic.keys) if (isNew(key)) fresh.add(keyId(topicId(topic.topic, topic.where), key.key));
    const query = {
        ...choiceOf(makeTree(heard.topics, '', false), heard.topics, ticked),
        unit_id: wishes.unit.trim() || undefined,
        table: wishes.onlyHolding ? 'holding_register' : undefined,
    };
    const path = pathOf('discoveries', heard.discovery.id, 'proposal');
    const [devices, single, profiled] = await Promise.all([
        readKnownDevices(),
        get<Proposal>(path, { query, signal }),
        get<Proposal>(path, { query: { ...query, profile: true }, signal }),
    ]);
    const draft = makeDraft(single, fresh, ticked, devices);
    // A profile has all tags of its devices: it is not offered where some of them are not ticked.
    const alike = draft.dropped === 0 && profiled.profiles?.length ? profiled.devices.filter((device) => device.profile).map((device) => device.name).sort() : [];
    const kinds = profiled.profiles?.length ?? 0;
    if (!wishes.profile || alike.length === 0) return { draft, alike, kinds };
    const withProfiles = makeDraft(profiled, fresh, ticked, devices);
    bindProfiles(withProfiles);
    return { draft: withProfiles, alike, kinds };
}

function asProblem(error: unknown): Problem {
    return error instanceof Problem ? error : new Problem(0, 'Error', String(error));
}

// "input registers 100–148 of unit 1"
function extentText(sent: Sent): string {
    const units = new Map<number, string[]>();
    for (const { unit, table, from, to } of extentsOf(sent)) units.set(unit, [...(units.get(unit) ?? []), `${tableWords[table]}${from === to ? ` ${from}` : `s ${from}–${to}`}`]);
    return [...units].map(([unit, tables]) => `${tables.join(', ')} of unit ${unit}`).join('; ');
}

function countsText(sent: Sent): string {
    const { profiles, devices, tags } = summaryOf(sent);
    const created = [profiles > 0 && plural(profiles, 'profile'), devices > 0 && plural(devices, 'device'), plural(tags, 'tag')].filter(Boolean);
    const last = created.pop();
    return created.length > 0 ? `${created.join(', ')} and ${last}` : String(last);
}

// What the import would do, in one sentence.
function differenceText(sent: Sent): string {
    const { known } = summaryOf(sent);
    const named = known.length > 3 ? `${known.slice(0, 3).join(', ')} and ${known.length - 3} more` : known.join(', ');
    return `${countsText(sent)} will be created${known.length > 0 ? `, some of the tags in ${named}` : ''}: ${extentText(sent)}.`;
}

// Checks the draft by a dry run, a moment after the last change.
function useCheck(draft: Draft | null, version: number, onChecked: () => void) {
    const faults = useSignal<DraftFault[]>([]);
    const problem = useSignal<Problem | null>(null);
    const checked = useSignal(-1);
    useEffect(() => {
        if (!draft) return undefined;
        const abort = new AbortController();
        const timer = setTimeout(async () => {
            const sent = makeBody(draft);
            try {
                if (sent.body.devices.length > 0) {
                    const { body } = await request<{ changes: Change[] }>('POST', pathOf('import'), { query: { dry_run: true }, body: sent.body, signal: abort.signal });
                    faults.value = takeChanges(sent, body.changes);
                } else {
                    faults.value = [];
                }
                problem.value = null;
            } catch (error) {
                if (abort.signal.aborted) return;
                const refused = asProblem(error);
                faults.value = placeFaults(refused.errors, sent);
                problem.value = refused;
            }
            checked.value = version;
            onChecked();
        }, version === 0 ? 0 : CHECK_AFTER_MS);
        return () => {
            clearTimeout(timer);
            abort.abort();
        };
    }, [draft, version]);
    return { faults, problem, checked };
}

function FaultNote({ faults, problem, onShow, onRelease }: { faults: DraftFault[]; problem: Problem | null; onShow: (fault: DraftFault) => void; onRelease: () => void }) {
    const placed = faults.filter((fault) => fault.group);
    if (placed.length === 0) return <ProblemNote problem={problem} />;
    return (
        <Note kind="wrong">
            {plural(placed.length, 'fault')}:{' '}
            {placed.slice(0, FAULTS_LISTED).map((fault, index) => (
                <span key={index}>
                    {index > 0 && ', '}
                    <button type="button" class="hint" onClick={() => onShow(fault)}>
                        {fault.tag ? `${fault.group!.body.name}/${fault.tag.body.name}` : fault.group!.body.name} {fault.cell}
                    </button>
                </span>
            ))}
            {placed.length > FAULTS_LISTED && ` and ${placed.length - FAULTS_LISTED} more`}.{' '}
            {placed.some((fault) => fault.code === 'overlap') && (
                <Button onClick={onRelease}>Take free registers for all</Button>
            )}
        </Note>
    );
}

function ProfileLine({ alike, kinds, isOn, onSwitch }: { alike: string[]; kinds: number; isOn: boolean; onSwitch: (on: boolean) => void }) {
    if (alike.length === 0) return null;
    const profiles = kinds === 1 ? 'one profile' : `${kinds} profiles`;
    const names = alike.length > 3 ? `${alike.slice(0, 2).join(', ')} and ${alike.length - 2} more` : alike.join(' and ');
    return (
        <Note>
            <span class="profile-line">
                <span>
                    {isOn
                        ? `${names} follow ${profiles}: a change of a profile changes all its devices.`
                        : `${names} are alike, and ${profiles} can describe them: a change of a profile then changes all its devices.`}
                </span>
                <Button onClick={() => onSwitch(!isOn)}>{isOn ? 'Describe each device alone' : kinds === 1 ? 'Use a profile' : 'Use profiles'}</Button>
            </span>
        </Note>
    );
}

function Wishing({ wishes, onChange }: { wishes: Wishes; onChange: (wishes: Wishes) => void }) {
    return (
        <>
            <label class="learn-check">
                Unit{' '}
                <CommittedInput
                    class="short"
                    inputMode="numeric"
                    placeholder="first"
                    aria-label="Unit of new devices"
                    value={wishes.unit}
                    onCommit={(unit) => onChange({ ...wishes, unit })}
                />
            </label>
            <label class="learn-check">
                <input type="checkbox" checked={wishes.onlyHolding} onChange={(event) => onChange({ ...wishes, onlyHolding: event.currentTarget.checked })} /> Holding registers only
            </label>
        </>
    );
}

function Notes({ notes }: { notes: string[] }) {
    if (notes.length === 0) return null;
    return (
        <details class="learn-notes">
            <summary>{plural(notes.length, 'note')} on this proposal</summary>
            <ul>
                {notes.map((note, index) => (
                    <li key={index}>{note}</li>
                ))}
            </ul>
        </details>
    );
}

interface ProposalProps {
    heard: Heard;
    ticked: ReadonlySet<string>;
    onBack: () => void;
    onSaved: (saved: boolean) => void;
}

// The loaded draft, and what changes it. The proposal is of what was heard when it was asked for.
function useDraft(heard: Heard, ticked: ReadonlySet<string>) {
    const asked = useRef({ heard, ticked });
    const wishes = useSignal<Wishes>({ profile: false, unit: '', onlyHolding: false });
    const loaded = useSignal<Loaded | null>(null);
    const problem = useSignal<Problem | null>(null);
    const version = useSignal(0);
    const isTouched = useRef(false);
    const load = async (signal: AbortSignal) => {
        try {
            loaded.value = await loadDraft(asked.current.heard, asked.current.ticked, wishes.value, signal);
            problem.value = null;
            isTouched.current = false;
            version.value = 0;
        } catch (error) {
            if (!signal.aborted) problem.value = asProblem(error);
        }
    };
    useEffect(() => {
        const abort = new AbortController();
        void load(abort.signal);
        return () => abort.abort();
    }, [wishes.value]);
    return {
        wishes,
        loaded,
        problem,
        version,
        change: (edit: () => void) => {
            edit();
            isTouched.current = true;
            version.value++;
        },
        wish: async (next: Wishes) => {
            const yes = !isTouched.current || (await ask('Propose again?', 'What you have changed in this proposal is lost.', 'Propose again', true));
            wishes.value = yes ? next : { ...wishes.value };
        },
        isTouched,
    };
}

export function LearnProposal({ heard, ticked, onBack, onSaved }: ProposalProps) {
    useTitle('Learn');
    const { wishes, loaded, problem, version, change, wish, isTouched } = useDraft(heard, ticked);
    const shown = useSignal(0);
    const needle = useSignal('');
    const selected = useSignal<string | null>(null);
    const reveal = useSignal<string | null>(null);
    const busy = useSignal(false);
    const saved = useSignal<Saved | null>(null);
    const saveProblem = useSignal<Problem | null>(null);
    const draft = loaded.value?.draft ?? null;
    const check = useCheck(draft, version.value, () => shown.value++);
    const samples = useMemo(() => {
        const all = new Map<string, string>();
        for (const topic of heard.topics) for (const key of topic.keys) all.set(keyId(topicId(topic.topic, topic.where), key.key), key.sample);
        return all;
    }, [heard.topics]);
    const sent = useMemo(() => (draft ? makeBody(draft) : null), [draft, version.value, shown.value]);

    if (saved.value)
        return (
            <LearnSaved
                saved={saved.value}
                onBack={onBack}
                onUndone={() => {
                    saved.value = null;
                    onSaved(false);
                    version.value++;
                }}
            />
        );
    const back = async () => {
        if (!isTouched.current || (await ask('Back to the topics?', 'What you have changed in this proposal is lost. The ticks stay.', 'Back to the topics', true))) onBack();
    };
    const heading = (
        <Heading title="Proposed registers">
            <Button onClick={back}>Back to the topics</Button>
        </Heading>
    );
    if (!draft || !sent)
        return (
            <div class="screen full learn">
                {heading}
                {problem.value ? <ProblemNote problem={problem.value} /> : <Loading what="Making the proposal" />}
            </div>
        );
    const save = async () => {
        busy.value = true;
        const mine = makeBody(draft);
        try {
            const { headers } = await request('POST', pathOf('import'), { query: { changes: 'none' }, body: mine.body });
            saveProblem.value = null;
            saved.value = {
                text: countsText(mine),
                extents: extentText(mine),
                devices: mine.devices.map(({ group }) => group.body.name),
                requestId: headers.get('X-Request-Id') ?? '',
            };
            onSaved(true);
        } catch (error) {
            const refused = asProblem(error);
            check.faults.value = placeFaults(refused.errors, mine);
            saveProblem.value = refused;
        }
        busy.value = false;
    };
    const show = (fault: DraftFault) => {
        const { id } = (fault.tag ?? fault.group)!;
        needle.value = '';
        selected.value = id;
        reveal.value = id;
    };
    const { faults } = check;
    const isChecked = check.checked.value === version.value;
    const isEmpty = sent.body.devices.length === 0;
    const selectedTag = draft.groups.flatMap((group) => group.tags).find((tag) => tag.id === selected.value);
    return (
        <div class="screen full learn">
            {heading}
            <ProblemNote problem={problem.value} />
            <ProfileLine alike={loaded.value!.alike} kinds={loaded.value!.kinds} isOn={draft.groups.some((group) => group.kind === 'profile')} onSwitch={(profile) => wish({ ...wishes.value, profile })} />
            <div class="learn-bar">
                <input type="search" aria-label="Search devices and tags" placeholder="Search" value={needle.value} onInput={(event) => (needle.value = event.currentTarget.value)} />
                <Wishing wishes={wishes.value} onChange={wish} />
                <Notes notes={draft.notes} />
            </div>
            {isChecked && <FaultNote faults={faults.value} problem={saveProblem.value ?? check.problem.value} onRelease={() => change(() => freeAll(draft))} onShow={show} />}
            {draft.groups.length === 0 ? (
                <Empty title="There is nothing to propose for these values">
                    <p>The notes above say why, for example because they are time stamps, or not text.</p>
                </Empty>
            ) : (
                <DraftTable
                    draft={draft}
                    version={version.value * 1e6 + shown.value}
                    faults={faults.value}
                    samples={samples}
                    needle={needle.value}
                    reveal={reveal.value}
                    selected={selected.value}
                    onSelect={(id) => (selected.value = id)}
                    change={change}
                />
            )}
            {selectedTag && <TagPreview draft={draft} tag={selectedTag} version={shown.value} />}
            <div class="learn-save">
                <p aria-live="polite">{isEmpty ? 'Nothing is taken.' : differenceText(sent)}</p>
                {leader.value ? (
                    <p>
                        Saving is for the leader, <LeaderLink url={leader.value} />: learn there.
                    </p>
                ) : (
                    <Button kind="primary" busy={busy.value} disabled={isEmpty || (isChecked && (faults.value.length > 0 || check.problem.value !== null))} onClick={save}>
                        Save
                    </Button>
                )}
            </div>
        </div>
    );
}

// Typed addresses, too, are given up.
function freeAll(draft: Draft): void {
    for (const group of draft.groups) for (const tag of group.tags) tag.isManual = false;
    releaseAddresses(draft);
}
