// A profile: what it sets, its tags, its devices; making devices of it.
import { devicePath, get, pathOf, Problem, request, type Page } from '../../lib/api';
import { countText, plural, tableWords } from '../../lib/format';
import { mayChange } from '../../lib/gateways';
import { memberOf } from '../../lib/members';
import { revision } from '../../lib/live';
import { go, linkTo, place } from '../../lib/router';
import type { Device, Table } from '../../lib/types';
import { Button, Card, Empty, Facts, Heading, Loading, Note, ProblemNote } from '../../ui/basic';
import { ask, notify } from '../../ui/dialog';
import { PlainTable, type Column } from '../../ui/table';
import { useKept, usePolled, useTitle } from '../../ui/use';
import { isObject, valueAt, type Json, type JsonObject } from '../devices/record';
import { pointersSet, type Profile, type ProfileParam } from '../devices/profile-field';
import { deleteResource, DeviceTabs, problemText } from '../devices/shared';
import { ProfileEditor } from './json-editor';
import { MakeDevices } from './make';

const textOf = (value: Json | undefined) => (value === undefined || value === null ? '' : typeof value === 'string' ? value : JSON.stringify(value));

const paramColumns: Column<[string, ProfileParam]>[] = [
    { id: 'name', title: 'Parameter', width: '', render: ([name]) => <code>{`{${name}}`}</code> },
    { id: 'description', title: 'Meaning', width: '', render: ([, param]) => param.description ?? '' },
    { id: 'default', title: 'Default', width: '', render: ([, param]) => (param.default === undefined || param.default === null ? <span class="muted">each device gives it</span> : String(param.default)) },
];

function keyOf(tag: JsonObject): string {
    const key = valueAt(tag, '/mqtt/key');
    return key === '' ? 'the whole payload' : textOf(key ?? tag.name);
}

const tagColumns: Column<JsonObject>[] = [
    { id: 'name', title: 'Tag', width: '', render: (tag) => textOf(tag.name) },
    { id: 'key', title: 'Key', width: '', render: (tag) => <code>{keyOf(tag)}</code> },
    { id: 'unit', title: 'Unit', width: '', render: (tag) => textOf(tag.unit) },
    { id: 'table', title: 'Table', width: '', render: (tag) => tableWords[valueAt(tag, '/modbus/table') as Table] ?? 'chosen' },
    { id: 'address', title: 'From the base', width: '', number: true, render: (tag) => textOf(valueAt(tag, '/modbus/address')) },
    { id: 'type', title: 'Type', width: '', render: (tag) => textOf(valueAt(tag, '/modbus/type')) },
    { id: 'scale', title: 'Scale', width: '', number: true, render: (tag) => textOf(valueAt(tag, '/modbus/scale') ?? 1) },
];

function settingsOf(profile: Profile): [string, string][] {
    return [...pointersSet(profile)]
        .filter((pointer) => !isObject(valueAt(profile.device, pointer)))
        .map((pointer) => [pointer.slice(1).replaceAll('/', '.'), textOf(valueAt(profile.device, pointer))]);
}

function Contents({ profile }: { profile: Profile }) {
    const settings = settingsOf(profile);
    const room = Object.entries(profile.room ?? {});
    return (
        <>
            <div class="columns">
                <Card title="Parameters">
                    <PlainTable label="Parameters" columns={paramColumns} items={Object.entries(profile.params ?? {})} itemKey={([name]) => name} empty={<p class="muted">None: all its devices are equal but for their name.</p>} />
                </Card>
                <Card title="What it sets">
                    {settings.length === 0 && <p class="muted">No settings: each device has its own topic.</p>}
                    <Facts items={settings.map(([name, value]) => [name, <code class="wrap">{value}</code>])} />
                    {room.length > 0 && <p class="muted">Room in each device: {room.map(([table, count]) => `${count} ${tableWords[table as Table]}s`).join(', ')}</p>}
                </Card>
            </div>
            <Card title={plural(profile.tags?.length ?? 0, 'tag')}>
                <PlainTable label="Tags of the profile" columns={tagColumns} items={profile.tags ?? []} itemKey={(tag) => textOf(tag.name)} />
            </Card>
        </>
    );
}

async function leaveProfile(device: Device, profile: string): Promise<void> {
    const yes = await ask(`Let ${device.name} leave ${profile}?`, <p>It keeps its settings, tags and registers as they are. Changes of the profile do not change it any more.</p>, 'Leave the profile');
    if (!yes) return;
    try {
        await request('PATCH', devicePath(device.name), { body: { profile: null }, type: 'application/merge-patch+json' });
        notify(`${device.name} is on its own now.`);
    } catch (error) {
        notify(`Not done: ${problemText(error)}`);
    }
}

function baseText(device: Device): string {
    return Object.entries(device.profile?.base ?? {})
        .map(([table, first]) => `${tableWords[table as Table]} ${first}`)
        .join(', ');
}

function DevicesCard({ profile }: { profile: Profile }) {
    const { data: newest, problem } = usePolled((signal) => get<Page<Device>>(pathOf('profiles', profile.name, 'devices'), { query: { limit: 200 }, signal }), 0, [profile.name], [revision.value]);
    const data = useKept(newest, profile.name);
    const columns: Column<Device>[] = [
        { id: 'name', title: 'Device', width: '', render: (device) => <a href={linkTo('devices', device.name)}>{device.name}</a> },
        ...Object.keys(profile.params).map((name) => ({ id: name, title: name, width: '', render: (device: Device) => textOf(memberOf(device.profile?.params, name) as Json | undefined) })),
        { id: 'base', title: 'Registers begin at', width: '', render: baseText },
    ];
    if (mayChange.value)
        columns.push({
            id: 'leave',
            title: 'Action',
            width: '',
            render: (device) => (
                <Button kind="quiet" onClick={() => leaveProfile(device, profile.name)} aria-label={`Let ${device.name} leave the profile`}>
                    Leave
                </Button>
            ),
        });
    return (
        <Card title={data ? `${plural(data.total, 'device')} of it` : 'Its devices'}>
            <ProblemNote problem={problem} />
            {!data && !problem && <Loading />}
            {data && <PlainTable label="Devices of the profile" columns={columns} items={data.items} itemKey={(device) => device.name} empty={<p class="muted">None yet.</p>} />}
            {data && data.total > data.items.length && <p class="muted">The first {countText(data.items.length)} are shown.</p>}
        </Card>
    );
}

// The number of devices that use it now. The profile's own member may be older: it is kept by its revision, which
// devices do not change.
async function countDevices(profile: Profile): Promise<number> {
    try {
        return (await get<Page<Device>>(pathOf('profiles', profile.name, 'devices'), { query: { limit: 1 } })).total;
    } catch {
        return profile.devices;
    }
}

async function removeProfile(profile: Profile): Promise<void> {
    const count = await countDevices(profile);
    const done = await deleteResource({
        title: `Delete the profile ${profile.name}?`,
        text: count > 0 ? <p>{plural(count, 'device uses', 'devices use')} it: delete them first, or let them leave it.</p> : <p>No device uses it. Nothing else is deleted.</p>,
        name: `The profile ${profile.name}`,
        path: pathOf('profiles', profile.name),
        count: 1,
        audit: { profile: profile.name },
    });
    if (done) go(linkTo('profiles'));
}

function OwnProfile({ name }: { name: string }) {
    const isEditing = place.value.query.has('edit');
    const { data: newest, problem, reload } = usePolled((signal) => request<Profile>('GET', pathOf('profiles', name), { signal }), 0, [name, isEditing], [isEditing ? 0 : revision.value]);
    const data = useKept(newest, `${name} ${isEditing}`);
    if (problem?.status === 404)
        return (
            <Empty whole title={`There is no profile ${name}`}>
                <a href={linkTo('profiles')}>All profiles</a>
            </Empty>
        );
    if (!data) return problem ? <ProblemNote problem={problem} /> : <Loading />;
    const profile = data.body;
    if (isEditing && mayChange.value) return <ProfileEditor key={name} profile={profile} etag={data.etag} />;
    return (
        <div class="screen">
            <DeviceTabs current="profiles" />
            <Heading
                title={
                    <>
                        {profile.name} {profile.label && <span class="muted">{profile.label}</span>}
                    </>
                }
            >
                <a href={`${linkTo('changes')}?profile=${encodeURIComponent(name)}`}>Newest changes</a>
                {mayChange.value && (
                    <>
                        <a class="button primary" href={`${linkTo('profiles', name)}?edit=1`}>
                            Edit
                        </a>
                        <Button kind="danger" onClick={() => removeProfile(profile)}>
                            Delete
                        </Button>
                    </>
                )}
            </Heading>
            {profile.description && <p class="muted">{profile.description}</p>}
            {mayChange.value && <MakeDevices key={profile.name} profile={profile} onMade={reload} />}
            <DevicesCard profile={profile} />
            <Contents profile={profile} />
        </div>
    );
}

function LibraryProfile({ name }: { name: string }) {
    const { data, problem } = usePolled((signal) => get<Profile>(pathOf('profiles', name), { query: { library: true }, signal }), 0, [name]);
    if (!data) return problem ? <ProblemNote problem={problem} /> : <Loading />;
    const take = async () => {
        try {
            await request('POST', pathOf('profiles'), { body: { library: name } });
            notify(`${name} is taken in.`);
            go(linkTo('profiles', name));
        } catch (error) {
            notify(error instanceof Problem && error.status === 409 ? `A profile ${name} is here already.` : problemText(error));
        }
    };
    return (
        <div class="screen">
            <DeviceTabs current="profiles" />
            <Heading
                title={
                    <>
                        {name} <span class="muted">{data.label}, of the library</span>
                    </>
                }
            >
                {mayChange.value && (
                    <Button kind="primary" onClick={take}>
                        Take in
                    </Button>
                )}
            </Heading>
            <Note>{data.description} Take it in to make devices of it, or to change it first.</Note>
            <Contents profile={data} />
        </div>
    );
}

export function ProfileView({ name }: { name: string }) {
    useTitle(`Profile ${name}`);
    return place.value.query.has('library') ? <LibraryProfile name={name} /> : <OwnProfile name={name} />;
}
