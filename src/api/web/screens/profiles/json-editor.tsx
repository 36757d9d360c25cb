// A profile as JSON text, with the server's faults at their lines, and saving that loses nobody's change.
import { useSignal } from '@preact/signals';
import { useRef } from 'preact/hooks';
import { get, pathOf, Problem, request, type Fault, type Page } from '../../lib/api';
import { timeText } from '../../lib/format';
import { go, linkTo } from '../../lib/router';
import type { AuditEntry } from '../../lib/types';
import { Button, Heading, Note, ProblemNote } from '../../ui/basic';
import { ask, Dialog, notify } from '../../ui/dialog';
import { differencesOf, DiffTable } from '../../ui/diff';
import { useTitle } from '../../ui/use';
import type { Profile } from '../devices/profile-field';
import { useUnsaved } from '../devices/shared';
import { lineOf, placeOf, syntaxFault, type TextPlace } from './json-place';

const template = {
    name: '',
    label: '',
    params: { serial: { description: 'The serial number, as in the topic' } },
    device: { mqtt: { topic: 'plant/{serial}/telemetry', stale_after_s: 300 } },
    tags: [{ name: 'temperature', unit: '°C', modbus: { table: 'input_register', type: 'float32' } }],
};

// What a person edits: without what the server sets, but with the ids by which a tag can be renamed.
function textOfProfile(profile: Profile): string {
    const shown = { ...profile } as Partial<Profile>;
    for (const member of ['id', 'revision', 'devices', 'created_at', 'updated_at'] as const) delete shown[member];
    return JSON.stringify(shown, null, 2);
}

interface Theirs {
    profile: Profile;
    etag: string | null;
    changes: AuditEntry[];
}

function TheirsDialog({ base, theirs, onTake, onKeep, onClose }: { base: Profile; theirs: Theirs; onTake: () => void; onKeep: () => void; onClose: () => void }) {
    const differences = differencesOf(JSON.parse(textOfProfile(base)), JSON.parse(textOfProfile(theirs.profile)));
    return (
        <Dialog title="Somebody else saved this profile meanwhile" onClose={onClose} wide>
            {theirs.changes.map((entry) => (
                <p key={entry.id}>
                    <strong>{entry.who || entry.remote}</strong> at {timeText(entry.at)}
                </p>
            ))}
            <DiffTable differences={differences} />
            <div class="buttons">
                <Button onClick={onClose}>Back to the text</Button>
                <Button onClick={onTake}>Take theirs</Button>
                <Button kind="danger" onClick={onKeep}>
                    Keep mine and save over it
                </Button>
            </div>
        </Dialog>
    );
}

function FaultLines({ faults, text, onShow }: { faults: Fault[]; text: string; onShow: (place: TextPlace) => void }) {
    return (
        <ul class="fault-lines">
            {faults.map((fault, index) => {
                const place = placeOf(text, fault.pointer ?? '');
                return (
                    <li key={index}>
                        {place && (
                            <Button kind="quiet" onClick={() => onShow(place)}>
                                Line {lineOf(text, place.start)}
                            </Button>
                        )}{' '}
                        <code>{fault.pointer}</code> {fault.detail}
                    </li>
                );
            })}
        </ul>
    );
}

async function readTheirs(name: string, revision: number): Promise<Theirs> {
    const [answer, changes] = await Promise.all([
        request<Profile>('GET', pathOf('profiles', name)),
        get<Page<AuditEntry>>(pathOf('audit'), { query: { profile: name, since: revision, limit: 20 } }).catch(() => ({ items: [] })),
    ]);
    return { profile: answer.body, etag: answer.etag, changes: changes.items };
}

const toProblem = (error: unknown) => (error instanceof Problem ? error : new Problem(0, 'Error', String(error)));

export function ProfileEditor({ profile, etag }: { profile: Profile | null; etag: string | null }) {
    useTitle(profile ? `Edit profile ${profile.name}` : 'New profile');
    const first = profile ? textOfProfile(profile) : JSON.stringify(template, null, 2);
    const area = useRef<HTMLTextAreaElement>(null);
    const base = useSignal({ profile, etag, text: first });
    const text = useSignal(first);
    const problem = useSignal<Problem | null>(null);
    const syntax = useSignal<ReturnType<typeof syntaxFault>>(null);
    const theirs = useSignal<Theirs | null>(null);
    const busy = useSignal(false);
    const isDirty = text.value !== base.value.text;
    const release = useUnsaved(isDirty);
    const show = (place: TextPlace) => {
        const element = area.current!;
        element.focus();
        element.setSelectionRange(place.start, place.end);
        const height = element.scrollHeight / Math.max(1, text.value.split('\n').length);
        element.scrollTop = (lineOf(text.value, place.start) - 4) * height;
    };
    const finish = (name: string) => {
        base.value = { ...base.value, text: text.value };
        notify(`The profile ${name} is saved.`);
        release();
        go(linkTo('profiles', name));
    };
    const save = async (tag: string | null, confirm?: number): Promise<void> => {
        syntax.value = syntaxFault(text.value);
        problem.value = null;
        if (syntax.value) {
            if (syntax.value.place) show(syntax.value.place);
            return;
        }
        busy.value = true;
        try {
            const answer = profile
                ? await request<Profile>('PUT', pathOf('profiles', profile.name), { body: text.value, ifMatch: tag, query: { confirm } })
                : await request<Profile>('POST', pathOf('profiles'), { body: text.value });
            finish(answer.body.name);
        } catch (error) {
            await refuse(toProblem(error), tag);
        }
        busy.value = false;
    };
    const refuse = async (refused: Problem, tag: string | null): Promise<void> => {
        const confirm = refused.errors.find((fault) => fault.code === 'confirm_required');
        const number = /deletes (\d+)/.exec(confirm?.detail ?? '');
        if (confirm && number) {
            const yes = await ask('This deletes tags', <p>{confirm.detail.replace(/ Repeat the request.*$/, '')} Their registers are set to 0.</p>, 'Save and delete', true);
            if (yes) await save(tag, Number(number[1]));
        } else if (refused.status === 412 && profile) {
            theirs.value = await readTheirs(profile.name, base.value.profile!.revision).catch(() => null);
            if (!theirs.value) problem.value = refused;
        } else {
            problem.value = refused;
            const place = placeOf(text.value, refused.errors[0]?.pointer ?? '');
            if (place && refused.errors.length > 0) show(place);
        }
    };
    const takeTheirs = () => {
        const { profile: other, etag: tag } = theirs.value!;
        text.value = textOfProfile(other);
        base.value = { profile: other, etag: tag, text: text.value };
        theirs.value = null;
    };
    return (
        <div class="screen">
            <Heading title={profile ? `Edit profile ${profile.name}` : 'New profile'} />
            <p class="muted">
                {profile && 'What you save changes all its devices at once, or none. '}
                {'{serial}'} stands for the parameter serial, {'{device}'} for the name of the device. Addresses count from the first register of the device. An id keeps a tag that you rename.
            </p>
            <form
                class="member-form"
                onSubmit={(event) => {
                    event.preventDefault();
                    void save(base.value.etag);
                }}
            >
                <textarea ref={area} class="json" aria-label="Profile as JSON" aria-invalid={problem.value || syntax.value ? true : undefined} spellcheck={false} rows={26} value={text.value} onInput={(event) => (text.value = event.currentTarget.value)} />
                {syntax.value && <Note kind="wrong">{syntax.value.detail}</Note>}
                {problem.value && (
                    <>
                        <ProblemNote problem={problem.value} faults={[]} />
                        <FaultLines faults={problem.value.errors} text={text.value} onShow={show} />
                    </>
                )}
                <div class="form-buttons">
                    <a class="button" href={profile ? linkTo('profiles', profile.name) : linkTo('profiles')}>
                        Cancel
                    </a>
                    <Button type="submit" kind="primary" busy={busy.value} disabled={profile !== null && !isDirty}>
                        {profile ? 'Save' : 'Create'}
                    </Button>
                </div>
            </form>
            {theirs.value && (
                <TheirsDialog
                    base={base.value.profile!}
                    theirs={theirs.value}
                    onTake={takeTheirs}
                    onKeep={() => {
                        const tag = theirs.value!.etag;
                        theirs.value = null;
                        void save(tag);
                    }}
                    onClose={() => (theirs.value = null)}
                />
            )}
        </div>
    );
}
