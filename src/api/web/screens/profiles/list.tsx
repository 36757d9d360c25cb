// All profiles: those that are in use or can be, and the library that comes with Tagferry.
import { useSignal } from '@preact/signals';
import { get, getAll, pathOf, Problem, request, type Fault } from '../../lib/api';
import { countText, foldText } from '../../lib/format';
import { mayChange } from '../../lib/gateways';
import { revision } from '../../lib/live';
import { go, linkTo, place, setQuery } from '../../lib/router';
import type { Device } from '../../lib/types';
import { Button, Card, Empty, Heading, Loading, ProblemNote } from '../../ui/basic';
import { Dialog, notify } from '../../ui/dialog';
import { CheckField, faultsAt, TextField } from '../../ui/form';
import { PlainTable, type Column } from '../../ui/table';
import { useKept, usePolled, useTitle } from '../../ui/use';
import type { Profile, ProfileParam } from '../devices/profile-field';
import { DeviceTabs } from '../devices/shared';

interface LibraryEntry {
    name: string;
    label: string;
    description: string;
    params: Record<string, ProfileParam>;
    tags: number;
}

const ownColumns: Column<Profile>[] = [
    { id: 'name', title: 'Profile', width: '', render: (profile) => <a href={linkTo('profiles', profile.name)}>{profile.name}</a> },
    { id: 'label', title: 'Label', width: '', render: (profile) => profile.label },
    { id: 'tags', title: 'Tags', width: '', number: true, render: (profile) => countText(profile.tags.length) },
    { id: 'params', title: 'Parameters', width: '', render: (profile) => Object.keys(profile.params).join(', ') },
    { id: 'devices', title: 'Devices', width: '', number: true, render: (profile) => countText(profile.devices) },
];

async function takeFromLibrary(name: string): Promise<void> {
    try {
        await request('POST', pathOf('profiles'), { body: { library: name } });
        notify(`${name} is taken in.`);
        go(linkTo('profiles', name));
    } catch (error) {
        notify(error instanceof Problem ? [error.message, ...error.errors.map((fault) => fault.detail)].join(' ') : String(error));
    }
}

function Library({ own }: { own: Profile[] | null }) {
    const needle = useSignal('');
    const { data, problem } = usePolled((signal) => get<{ items: LibraryEntry[] }>(pathOf('profiles'), { query: { library: true, limit: 1000 }, signal }).then((page) => page.items), 0, []);
    const folded = foldText(needle.value);
    const shown = (data ?? []).filter((entry) => foldText(`${entry.name} ${entry.label} ${entry.description}`).includes(folded));
    const columns: Column<LibraryEntry>[] = [
        { id: 'name', title: 'Profile', width: '', render: (entry) => <a href={`${linkTo('profiles', entry.name)}?library=1`}>{entry.name}</a> },
        { id: 'label', title: 'For', width: '', render: (entry) => <><span>{entry.label}</span><p class="help">{entry.description}</p></> },
        { id: 'tags', title: 'Tags', width: '', number: true, render: (entry) => countText(entry.tags) },
    ];
    if (mayChange.value)
        columns.push({
            id: 'take',
            title: 'Action',
            width: '',
            render: (entry) =>
                own?.some((profile) => profile.name === entry.name) ? (
                    <span class="muted">taken in</span>
                ) : (
                    <Button onClick={() => takeFromLibrary(entry.name)} aria-label={`Take ${entry.name} in`}>
                        Take in
                    </Button>
                ),
        });
    return (
        <Card title="Library" actions={<input type="search" aria-label="Search the library" placeholder="Maker or kind" value={needle.value} onInput={(event) => (needle.value = event.currentTarget.value)} />}>
            <ProblemNote problem={problem} />
            {!data && !problem && <Loading />}
            {data && <PlainTable label="Library" columns={columns} items={shown} itemKey={(entry) => entry.name} empty={<Empty title="No profile fits" />} />}
        </Card>
    );
}

interface ParamRow {
    name: string;
    text: string;
}

// A profile of a device that works: the texts that differ from device to device become parameters.
function CaptureDialog({ device, onClose }: { device: string; onClose: () => void }) {
    const { data } = usePolled((signal) => get<Device>(pathOf('devices', device), { signal }), 0, [device]);
    const name = useSignal(device.replace(/[-_.]?\d+$/, '') || device);
    const use = useSignal(true);
    const params = useSignal<ParamRow[]>([{ name: '', text: '' }]);
    const problem = useSignal<Problem | null>(null);
    const busy = useSignal(false);
    const change = (index: number, part: Partial<ParamRow>) => {
        const next = params.value.map((row, at) => (at === index ? { ...row, ...part } : row));
        params.value = next.at(-1)!.name || next.at(-1)!.text ? [...next, { name: '', text: '' }] : next;
    };
    const create = async () => {
        busy.value = true;
        problem.value = null;
        const given = Object.fromEntries(params.value.filter((row) => row.name || row.text).map((row) => [row.name, row.text]));
        try {
            await request('POST', pathOf('profiles'), { body: { from_device: device, name: name.value, use: use.value, ...(Object.keys(given).length && { params: given }) } });
            notify(`The profile ${name.value} is made.`);
            go(linkTo('profiles', name.value));
        } catch (error) {
            problem.value = error instanceof Problem ? error : new Problem(0, 'Error', String(error));
        }
        busy.value = false;
    };
    const faults: Fault[] = problem.value?.errors ?? [];
    const placed = (fault: Fault) => fault.pointer === '/name' || fault.pointer?.startsWith('/params');
    return (
        <Dialog title={`Make a profile of ${device}`} onClose={onClose} wide>
            <form
                onSubmit={(event) => {
                    event.preventDefault();
                    void create();
                }}
            >
                <p class="help">
                    The profile gets the settings and tags of {device}
                    {data && (
                        <>
                            , whose topic is <code>{data.mqtt.topic}</code>
                        </>
                    )}
                    . The name of the device as a level of a topic becomes {'{device}'} by itself.
                </p>
                <div class="fields">
                    <TextField label="Name of the profile" value={name.value} onInput={(text) => (name.value = text)} faults={faultsAt(faults, '/name')} />
                    <CheckField label={`${device} uses it from now on`} value={use.value} onInput={(next) => (use.value = next)} />
                </div>
                <fieldset class="rows">
                    <legend>Texts that differ from device to device</legend>
                    {params.value.map((row, index) => (
                        <div key={index} class="pair">
                            <input type="text" aria-label={`Parameter ${index + 1}`} placeholder="Parameter, such as serial" value={row.name} onInput={(event) => change(index, { name: event.currentTarget.value })} />
                            <span aria-hidden="true">=</span>
                            <input type="text" aria-label={`Text in this device ${index + 1}`} placeholder={`Its text in ${device}`} value={row.text} onInput={(event) => change(index, { text: event.currentTarget.value })} />
                        </div>
                    ))}
                    {faultsAt(faults, '/params').length > 0 && (
                        <p class="fault" role="alert">
                            {faultsAt(faults, '/params').map((fault) => `${fault.pointer?.split('/')[2] ?? ''} ${fault.detail}`).join('. ')}
                        </p>
                    )}
                </fieldset>
                {problem.value && <ProblemNote problem={problem.value} faults={faults.filter((fault) => !placed(fault))} />}
                <div class="buttons">
                    <Button onClick={onClose}>Cancel</Button>
                    <Button type="submit" kind="primary" busy={busy.value}>
                        Make the profile
                    </Button>
                </div>
            </form>
        </Dialog>
    );
}

export function ProfileList() {
    useTitle('Profiles');
    const from = place.value.query.get('from');
    const { data: newest, problem } = usePolled((signal) => getAll<Profile>(pathOf('profiles'), {}).then((all) => (signal.aborted ? [] : all)), 0, [], [revision.value]);
    const data = useKept(newest, '');
    return (
        <div class="screen">
            <DeviceTabs current="profiles" />
            <Heading title={<>Profiles{data && <span class="muted count"> {countText(data.length)}</span>}</>}>
                {mayChange.value && (
                    <a class="button" href={`${linkTo('profiles')}?new=1`}>
                        Write a profile
                    </a>
                )}
            </Heading>
            <ProblemNote problem={problem} />
            <Card title="Profiles here">
                {!data && !problem && <Loading />}
                {data && (
                    <PlainTable
                        label="Profiles"
                        columns={ownColumns}
                        items={data}
                        itemKey={(profile) => profile.name}
                        empty={<p class="muted">None yet. Take one from the library, or open a device that works and make a profile of it. One description then serves many equal devices.</p>}
                    />
                )}
            </Card>
            <Library own={data} />
            {from && mayChange.value && <CaptureDialog device={from} onClose={() => setQuery({ from: null })} />}
        </div>
    );
}
