// A new device, and changing one.
import { useSignal } from '@preact/signals';
import { useRef } from 'preact/hooks';
import { devicePath, get, pathOf } from '../../lib/api';
import { mayChange } from '../../lib/gateways';
import { go, linkTo } from '../../lib/router';
import type { Device, Warning } from '../../lib/types';
import { Button, Heading, Loading, Note, ProblemNote } from '../../ui/basic';
import { notify } from '../../ui/dialog';
import { NoChange } from '../../ui/gateways';
import { usePolled, useTitle } from '../../ui/use';
import { ConflictDialog } from './conflict';
import { useEditor } from './editor';
import { blankDevice, deviceFields, deviceSections } from './fields';
import { focusFault, MemberForm, UnplacedFaults } from './form';
import { pointersSet, type Profile } from './profile-field';
import type { JsonObject } from './record';
import { keepWarnings } from './shared';

// Members that the profile sets are shown, and locked.
function useLocked(device: Device | null, isNew: boolean): Map<string, string> {
    const name = device?.profile?.name;
    const { data } = usePolled((signal) => (name && !isNew ? get<Profile>(pathOf('profiles', name), { signal }) : Promise.resolve(undefined)), 0, [name, isNew]);
    return new Map([...pointersSet(data ?? undefined)].map((pointer) => [pointer, `Set by the profile ${name}.`]));
}

// A device of a profile is sent without an empty topic and base: the profile sets them.
function adjust(patch: JsonObject): JsonObject {
    const profile = patch.profile as JsonObject | null | undefined;
    if (profile && typeof profile.base === 'object' && profile.base && Object.keys(profile.base).length === 0) delete profile.base;
    return patch;
}

function renameNote(before: Device, after: Device, isNew: boolean) {
    if (isNew || before.name === after.name || !after.name) return undefined;
    return (
        <Note>
            Its tags, values, registers and history stay. Its address in the API becomes <code>devices/{after.name}</code>. The topic is not changed.
        </Note>
    );
}

export function DeviceForm({ name }: { name: string | null }) {
    useTitle(name ? `Edit ${name}` : 'New device');
    const form = useRef<HTMLFormElement>(null);
    const more = useSignal(false);
    const editor = useEditor<Device>({
        path: name ? devicePath(name) : null,
        create: pathOf('devices'),
        blank: blankDevice,
        pointers: deviceFields.map((row) => row.pointer),
        audit: { device: name ?? '' },
        adjust,
    });
    const { base, draft, problem } = editor;
    const locked = useLocked(base, !name);
    if (!mayChange.value && !editor.isDirty) return <NoChange />;
    if (editor.loadProblem) return <ProblemNote problem={editor.loadProblem} />;
    if (!base || !draft) return <Loading />;
    const finish = (answer: { body: Device & { warnings?: Warning[] } } | null) => {
        if (!answer) return void requestAnimationFrame(() => focusFault(form.current));
        const link = more.value ? linkTo('devices', answer.body.name, 'new-tag') : linkTo('devices', answer.body.name);
        keepWarnings(answer.body.name, link, answer.body.warnings);
        notify(`${answer.body.name} is saved.`);
        editor.release();
        go(link);
    };
    const back = name ? linkTo('devices', name) : linkTo('devices');
    return (
        <div class="screen">
            <Heading title={name ? `Edit ${name}` : 'New device'} />
            <form
                ref={form}
                class="member-form"
                noValidate
                onSubmit={async (event) => {
                    event.preventDefault();
                    finish(await editor.save());
                    more.value = false;
                }}
            >
                <MemberForm rows={deviceFields} sections={deviceSections} record={draft} isNew={!name} faults={problem?.errors ?? []} locked={locked} onInput={editor.change} extras={{ '/name': renameNote(base, draft, !name) }} />
                <UnplacedFaults problem={problem} rows={deviceFields} record={draft} />
                {editor.lost && <Note kind="wrong">Somebody has deleted {name} meanwhile. What you typed is still here; see Changes for who did it.</Note>}
                <div class="form-buttons">
                    <a class="button" href={back}>
                        Cancel
                    </a>
                    {!name && !draft.profile && (
                        <Button
                            busy={editor.busy}
                            onClick={() => {
                                more.value = true;
                                form.current!.requestSubmit();
                            }}
                        >
                            Create and add tags
                        </Button>
                    )}
                    <Button type="submit" kind="primary" busy={editor.busy} disabled={Boolean(name) && !editor.isDirty}>
                        {name ? 'Save' : 'Create'}
                    </Button>
                </div>
            </form>
            {editor.conflict && <ConflictDialog conflict={editor.conflict} rows={deviceFields} onSave={async (joined) => finish(await editor.saveJoined(joined))} onTakeTheirs={editor.takeTheirs} onClose={editor.keepEditing} />}
        </div>
    );
}
