// A new tag, and changing one, beside a preview of what it would write.
import { useSignal } from '@preact/signals';
import { useRef } from 'preact/hooks';
import { devicePath, get, getAll, pathOf, tagPath } from '../../lib/api';
import { mayChange } from '../../lib/gateways';
import { go, linkTo } from '../../lib/router';
import type { Device, Tag, Warning } from '../../lib/types';
import { Button, Heading, Loading, Note, ProblemNote } from '../../ui/basic';
import { notify } from '../../ui/dialog';
import { SelectField } from '../../ui/form';
import { NoChange } from '../../ui/gateways';
import { usePolled, useTitle } from '../../ui/use';
import { ConflictDialog } from './conflict';
import { useEditor } from './editor';
import { blankTag, hasServer, tagFields, tagSections } from './fields';
import { focusFault, MemberForm, UnplacedFaults } from './form';
import { PreviewCard } from './preview';
import { mergePatch, withValue, type Json, type JsonObject } from './record';
import { keepWarnings } from './shared';

const pointers = ['/device', ...tagFields.map((row) => row.pointer)];

// Without an address the server chooses one; a Modicon address names the table itself.
function adjust(patch: JsonObject, before: Tag, after: Tag): JsonObject {
    if (before.id === undefined) delete patch.device;
    const modbus = patch.modbus as JsonObject | undefined;
    if (modbus && modbus.address === null) delete modbus.address;
    if (modbus && typeof modbus.address === 'string') modbus.table = after.modbus.table;
    return patch;
}

function RenameNote({ before, after, onInput }: { before: Tag; after: Tag; onInput: (tag: Tag) => void }) {
    if (before.id === undefined || before.name === after.name || !after.name) return null;
    const followed = before.mqtt.key === before.name;
    return (
        <Note>
            <p>Its value, quality, register and history stay. SCADA notices nothing.</p>
            {followed && (
                <label class="check-line">
                    <input type="checkbox" checked={after.mqtt.key === null} onChange={(event) => onInput(withValue(after, '/mqtt/key', event.currentTarget.checked ? null : before.name))} /> The device sends the new name, too: read the key {after.name} instead of {before.name}
                </label>
            )}
        </Note>
    );
}

// Another device takes the tag over.
function DeviceChoice({ tag, onInput }: { tag: Tag; onInput: (tag: Tag) => void }) {
    const { data } = usePolled((signal) => getAll<Device>(pathOf('devices'), {}, 2000).then((all) => (signal.aborted ? [] : all.map((one) => one.name))), 0, []);
    const names = [...new Set([tag.device, ...(data ?? [])])].sort();
    return <SelectField label="Device" help="Another one takes the tag over with its value and register." value={tag.device} choices={names.map((name) => ({ value: name, label: name }))} onInput={(device) => onInput({ ...tag, device })} />;
}

function previewBody(device: string, base: Tag, draft: Tag, isNew: boolean): JsonObject {
    const change = adjust((mergePatch(base, draft as unknown as Json) ?? {}) as JsonObject, base, draft);
    delete change.device;
    const name = isNew ? draft.name || 'new' : base.name;
    // A key that follows the name is that of the new name.
    if (!isNew && change.name !== undefined && draft.mqtt.key === null) change.mqtt = { ...(change.mqtt as JsonObject), key: draft.name };
    return { device, tag: { ...change, name } };
}

export function TagForm({ device, name }: { device: string; name: string | null }) {
    useTitle(name ? `Edit ${device}/${name}` : `New tag of ${device}`);
    const form = useRef<HTMLFormElement>(null);
    const another = useSignal(false);
    const count = useSignal(0); // of tags that were created here
    const editor = useEditor<Tag>({
        path: name ? tagPath(device, name) : null,
        create: devicePath(device, 'tags'),
        blank: () => blankTag(device),
        pointers,
        audit: { device, tag: name ?? '' },
        adjust,
    });
    const { base, draft, problem } = editor;
    // Some members are only for tags of foreign servers, and some only for others.
    const owner = draft?.device ?? device;
    const place = usePolled((signal) => get<Device>(devicePath(owner), { signal }), 0, [owner]);
    const isForeign = place.data !== null && hasServer(place.data);
    if (!mayChange.value && !editor.isDirty) return <NoChange />;
    if (editor.loadProblem) return <ProblemNote problem={editor.loadProblem} />;
    if (!base || !draft || (!place.data && !place.problem && owner === device)) return <Loading />;
    if (name && base.profile)
        return (
            <div class="screen">
                <Heading title={`${device}/${name}`} />
                <Note>
                    This tag follows the profile of its device. Change it there, and it changes in all devices of the profile.{' '}
                    <a href={linkTo('devices', device)}>To the device and its profile</a>
                </Note>
            </div>
        );
    const finish = (answer: { body: Tag & { warnings?: Warning[] } } | null) => {
        if (!answer) return void requestAnimationFrame(() => focusFault(form.current));
        const link = another.value ? linkTo('devices', device, 'new-tag') : linkTo('devices', answer.body.device);
        keepWarnings(`${answer.body.device}/${answer.body.name}`, link, answer.body.warnings);
        notify(`${answer.body.device}/${answer.body.name} is saved.`);
        if (another.value) {
            count.value++;
            void editor.load();
            form.current?.querySelector('input')?.focus();
        } else {
            editor.release();
            go(link);
        }
    };
    return (
        <div class="screen">
            <Heading title={name ? `Edit ${device}/${name}` : `New tag of ${device}`} />
            <div class="form-and-preview">
                <form
                    ref={form}
                    class="member-form"
                    noValidate
                    onSubmit={async (event) => {
                        event.preventDefault();
                        finish(await editor.save());
                        another.value = false;
                    }}
                >
                    <MemberForm
                        key={count.value}
                        rows={tagFields}
                        sections={tagSections}
                        record={draft}
                        isNew={!name}
                        faults={problem?.errors ?? []}
                        isForeign={isForeign}
                        onInput={editor.change}
                        extras={{
                            '/name': <RenameNote before={base} after={draft} onInput={editor.change} />,
                            '/description': name ? <DeviceChoice tag={draft} onInput={editor.change} /> : undefined,
                        }}
                    />
                    <UnplacedFaults problem={problem} rows={tagFields} record={draft} isForeign={isForeign} />
                    {editor.lost && <Note kind="wrong">Somebody has deleted this tag meanwhile. What you typed is still here; see Changes for who did it.</Note>}
                    <div class="form-buttons">
                        <a class="button" href={linkTo('devices', device)}>
                            Cancel
                        </a>
                        {!name && (
                            <Button
                                busy={editor.busy}
                                onClick={() => {
                                    another.value = true;
                                    form.current!.requestSubmit();
                                }}
                            >
                                Create and add another
                            </Button>
                        )}
                        <Button type="submit" kind="primary" busy={editor.busy} disabled={Boolean(name) && !editor.isDirty}>
                            {name ? 'Save' : 'Create'}
                        </Button>
                    </div>
                </form>
                <PreviewCard body={previewBody(device, base, draft, !name)} />
            </div>
            {editor.conflict && <ConflictDialog conflict={editor.conflict} rows={tagFields} onSave={async (joined) => finish(await editor.saveJoined(joined))} onTakeTheirs={editor.takeTheirs} onClose={editor.keepEditing} />}
        </div>
    );
}
