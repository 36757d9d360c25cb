// A device: its state and what to do about it, its settings, its tags.
import { useSignal } from '@preact/signals';
import { useMemo } from 'preact/hooks';
import { devicePath, get, getAll, pathOf, Problem, request } from '../../lib/api';
import { ageText, countText, directionWords, foldText, plural, registerText, tableWords, timeText, valueText } from '../../lib/format';
import { mayChange, placeOf } from '../../lib/gateways';
import { link, revision, rowKey, rows, rowsVersion, tick, valuesVersion } from '../../lib/live';
import { errorWords, reasonRemedies, wordsOf } from '../../lib/remedies';
import { go, linkTo } from '../../lib/router';
import { serverText } from '../../lib/servers';
import type { Device, DeviceStatus, Quality, Tag, Value } from '../../lib/types';
import { Button, Card, Empty, Facts, Heading, Loading, ProblemNote, QualityMark } from '../../ui/basic';
import { ask, notify } from '../../ui/dialog';
import { VirtualTable, type Column } from '../../ui/table';
import { isNarrow, useKept, usePolled, useTitle } from '../../ui/use';
import { CopyDialog } from './copy';
import { deviceFields, memberText } from './fields';
import { rateOf, rateText, takeReading } from './list';
import { tables } from './profile-field';
import { isEqual, valueAt, type Json } from './record';
import { deleteResource, DeviceTabs, problemText, SavedWarnings } from './shared';

async function readStatus(name: string, signal: AbortSignal): Promise<DeviceStatus> {
    const status = await get<DeviceStatus>(devicePath(name, 'status'), { signal });
    takeReading(name, status.messages, performance.now());
    return status;
}

function ErrorText({ error }: { error: NonNullable<DeviceStatus['last_error']> }) {
    const words = wordsOf(errorWords, error.code);
    return (
        <div class="note warning">
            <p>
                <strong>Newest error</strong> at {timeText(error.at)}: {words.title}.
            </p>
            {error.detail && <pre class="payload">{error.detail}</pre>}
            {words.text && <p>{words.text}</p>}
            {words.remedy && <p>{words.remedy}</p>}
        </div>
    );
}

function StateCard({ device, status }: { device: Device; status: DeviceStatus | null }) {
    if (!status) return <Card title="State"><Loading /></Card>;
    const remedy = status.reason ? reasonRemedies[status.reason] : undefined;
    return (
        <Card title="State">
            <QualityMark quality={status.quality} reason={status.reason} gateway={device.network.gateway} />
            {remedy && <p>{remedy}</p>}
            <Facts
                items={[
                    ['Last message', status.last_message_at ? timeText(status.last_message_at) : 'none yet'],
                    ['Rate', rateText(rateOf(device.name))],
                    ['Messages', countText(status.messages)],
                    ['Refused', countText(status.rejects)],
                ]}
            />
            {status.last_error && <ErrorText error={status.last_error} />}
            <p class="links">
                <a href={`${linkTo('messages')}?device=${encodeURIComponent(device.name)}`}>Newest messages</a>
                <a href={`${linkTo('changes')}?device=${encodeURIComponent(device.name)}`}>Newest changes</a>
            </p>
        </Card>
    );
}

// The settings that are not the default, and the most important ones.
function SettingsCard({ device }: { device: Device }) {
    const { network, profile } = device;
    const always = new Set(['/mqtt/topic', '/mqtt/stale_after_s', '/network/unit_id']);
    const skipped = new Set(['/name', '/label', '/enabled', '/profile', '/network/modbus_host', '/network/modbus_port', '/network/gateway', '/status']);
    const items: [preact.ComponentChildren, preact.ComponentChildren][] = [];
    for (const row of deviceFields) {
        const value = valueAt(device, row.pointer) ?? null;
        if (skipped.has(row.pointer) || (!always.has(row.pointer) && isEqual(value, row.fallback))) continue;
        items.push([row.label, <span class="wrap">{row.pointer === '/mqtt/stale_after_s' && value === 0 ? 'no limit' : memberText(row, value as Json)}</span>]);
    }
    items.push(['Registers', network.modbus_host ? `on ${serverText(network)}` : placeOf(device)]);
    if (network.modbus_host && network.gateway) items.push(['Gateway', network.gateway]);
    if (device.status) items.push(['Status registers', `${tableWords[device.status.table]} ${device.status.address} to ${device.status.address + 3}`]);
    if (profile) {
        const params = Object.entries(profile.params).map(([name, value]) => `${name} = ${String(value)}`);
        items.push(['Profile', <><a href={linkTo('profiles', profile.name)}>{profile.name}</a>{params.length > 0 && <span class="muted"> {params.join(', ')}</span>}</>]);
    }
    items.push(['Changed', timeText(device.updated_at)]);
    return (
        <Card title="Settings">
            <Facts items={items} />
        </Card>
    );
}

interface TagItem {
    tag: Tag;
    value: Value | null;
    readAt: number;
}

// The live row of a tag. A cell that asks is drawn again when its value changes, and when rows come or go.
function liveRow({ tag }: TagItem) {
    void rowsVersion.value;
    const row = rows.get(rowKey(tag.device, tag.name));
    void row?.shown.value;
    return row;
}

function TagValue({ item }: { item: TagItem }) {
    const row = liveRow(item);
    const value = row?.value ?? item.value;
    return (
        <>
            <span class="value">{valueText(value?.value)}</span> <span class="unit">{item.tag.unit}</span>
        </>
    );
}

function qualityOf(item: TagItem): { quality: Quality; reason: string | null } {
    const row = liveRow(item);
    const value = row?.value ?? item.value;
    return { quality: value?.quality ?? 'never', reason: value?.reason ?? null };
}

function TagAge({ item }: { item: TagItem }) {
    const row = liveRow(item);
    if (row?.value) return <>{ageText(row.age(tick.value))}</>;
    const age = item.value?.age_ms;
    return <>{age === null || age === undefined ? '–' : ageText(age + Math.max(0, tick.value - item.readAt))}</>;
}

function TagQuality({ item }: { item: TagItem }) {
    return <QualityMark {...qualityOf(item)} narrow />;
}

function TagActions({ tag }: { tag: Tag }) {
    if (tag.profile) return <span class="muted" title="Change it in the profile of the device">of the profile</span>;
    const remove = () =>
        deleteResource({
            title: `Delete ${tag.device}/${tag.name}?`,
            text: <p>Its register, {registerText(tag)}, is set to 0, and SCADA reads 0 there.</p>,
            name: `${tag.device}/${tag.name}`,
            path: devicePath(tag.device, 'tags', tag.name),
            count: 1,
            audit: { device: tag.device, tag: tag.name },
        });
    return (
        <span class="row-actions">
            <a href={linkTo('devices', tag.device, 'tags', tag.name, 'edit')}>Edit</a>
            <Button kind="quiet" onClick={remove} aria-label={`Delete ${tag.name}`}>
                Delete
            </Button>
        </span>
    );
}

const columns: Column<TagItem>[] = [
    { id: 'tag', title: 'Tag', width: 'minmax(10rem, 2fr)', render: ({ tag }) => <><a href={linkTo('tags', tag.device, tag.name)}>{tag.name}</a>{tag.label && <span class="muted"> {tag.label}</span>}</> },
    { id: 'value', title: 'Value', width: 'minmax(7rem, 1fr)', number: true, render: (item) => <TagValue item={item} /> },
    { id: 'quality', title: 'Quality', width: 'minmax(9rem, 2fr)', render: (item) => <TagQuality item={item} /> },
    { id: 'age', title: 'Age', width: '5rem', number: true, render: (item) => <TagAge item={item} /> },
    { id: 'address', title: 'Address', width: 'minmax(9rem, 1fr)', render: ({ tag }) => <span title={tag.modbus.modicon}>{registerText(tag)}</span> },
    { id: 'type', title: 'Type', width: '5rem', render: ({ tag }) => tag.modbus.type },
    { id: 'direction', title: 'Direction', width: '8rem', render: ({ tag }) => directionWords[tag.direction] ?? tag.direction },
    { id: 'actions', title: 'Action', width: '8.5rem', render: ({ tag }) => <TagActions tag={tag} /> },
];

// The values come with the stream; with too many tags for it they are read here.
async function readTags(device: string, signal: AbortSignal): Promise<TagItem[]> {
    const paged = link.value === 'paged';
    const [tags, values] = await Promise.all([
        getAll<Tag>(devicePath(device, 'tags'), {}).then((all) => all),
        paged ? getAll<Value>(pathOf('values'), { device }) : Promise.resolve([]),
    ]);
    if (signal.aborted) return [];
    const byTag = new Map(values.map((value) => [value.tag, value]));
    return tags.map((tag) => ({ tag, value: byTag.get(tag.name) ?? null, readAt: performance.now() }));
}

function TagsCard({ device, items, problem }: { device: Device; items: TagItem[] | null; problem: Problem | null }) {
    const needle = useSignal('');
    const selected = useSignal<string | null>(null);
    const shown = useMemo(() => {
        const folded = foldText(needle.value);
        return (items ?? []).filter(({ tag }) => foldText(`${tag.name} ${tag.label} ${tag.description}`).includes(folded));
    }, [items, needle.value, rowsVersion.value, valuesVersion.value]);
    const height = Math.min(14, Math.max(3, shown.length)) * 36 + 38;
    return (
        <Card
            title={items ? plural(items.length, 'tag') : 'Tags'}
            class="tags-card"
            actions={
                <>
                    {(items?.length ?? 0) > 10 && <input type="search" aria-label="Search tags" placeholder="Search tags" value={needle.value} onInput={(event) => (needle.value = event.currentTarget.value)} />}
                    {mayChange.value && (
                        <a class="button" href={linkTo('devices', device.name, 'new-tag')}>
                            Add a tag
                        </a>
                    )}
                </>
            }
        >
            <ProblemNote problem={problem} />
            {!items && !problem && <Loading />}
            {items?.length === 0 && <Empty title="No tags yet">A tag takes one value of the messages into a register. Without one, this device does nothing.</Empty>}
            {items && items.length > 0 && (
                <div class="tags-frame" style={{ height: `${height}px` }}>
                    <VirtualTable
                        label={`Tags of ${device.name}`}
                        columns={isNarrow.value ? columns.slice(0, 3) : mayChange.value ? columns : columns.slice(0, -1)}
                        items={shown}
                        itemKey={({ tag }) => tag.name}
                        selected={selected.value}
                        onSelect={(key) => (selected.value = key)}
                        onOpen={({ tag }) => go(linkTo('tags', tag.device, tag.name))}
                        empty={<Empty title="No tag fits" />}
                    />
                </div>
            )}
        </Card>
    );
}

function registersText(items: TagItem[]): string {
    const parts = tables.flatMap((table) => {
        const addresses = items.filter(({ tag }) => tag.modbus.table === table).map(({ tag }) => tag.modbus.address);
        if (addresses.length === 0) return [];
        const low = addresses.reduce((one, other) => Math.min(one, other));
        const high = addresses.reduce((one, other) => Math.max(one, other));
        return [`${tableWords[table]}s between ${low} and ${high}`];
    });
    return parts.join(', ');
}

async function setEnabled(device: Device, etag: string | null, enabled: boolean, reload: () => void): Promise<void> {
    if (!enabled && !(await ask(`Switch ${device.name} off?`, <p>Its messages are not read any more, and its registers keep the values that they have. SCADA sees no change.</p>, 'Switch off'))) return;
    try {
        await request('PATCH', devicePath(device.name), { body: { enabled }, ifMatch: etag, type: 'application/merge-patch+json' });
        notify(enabled ? `${device.name} is enabled.` : `${device.name} is switched off.`);
    } catch (error) {
        const changed = error instanceof Problem && error.status === 412;
        notify(changed ? `Not done: somebody has changed ${device.name} meanwhile. Look at it again.` : `Not done: ${problemText(error)}`);
    }
    reload();
}

function DeviceActions({ device, etag, items, onCopy, reload }: { device: Device; etag: string | null; items: TagItem[]; onCopy: () => void; reload: () => void }) {
    if (!mayChange.value) return null;
    const where = registersText(items);
    const remove = async () => {
        const done = await deleteResource({
            title: `Delete ${device.name}?`,
            text: (
                <p>
                    {items.length > 0 ? `Its ${plural(items.length, 'tag')} go with it, and their registers are set to 0: ${where}${device.network.modbus_host ? ` on ${device.network.modbus_host}` : ''}. SCADA reads 0 there.` : 'It has no tags.'}
                </p>
            ),
            name: device.name,
            path: devicePath(device.name),
            count: 1 + items.length,
            audit: { device: device.name },
        });
        if (done) go(linkTo('devices'));
    };
    return (
        <>
            <a class="button primary" href={linkTo('devices', device.name, 'edit')}>
                Edit
            </a>
            <Button onClick={onCopy}>Copy</Button>
            <a class="button" href={`${linkTo('profiles')}?from=${encodeURIComponent(device.name)}`}>
                Make a profile
            </a>
            <Button onClick={() => setEnabled(device, etag, !device.enabled, reload)}>{device.enabled ? 'Switch off' : 'Enable'}</Button>
            <Button kind="danger" onClick={remove}>
                Delete
            </Button>
        </>
    );
}

export function DeviceView({ name }: { name: string }) {
    useTitle(name);
    const { data, problem, reload } = usePolled((signal) => request<Device>('GET', devicePath(name), { signal }), 0, [name], [revision.value]);
    const status = usePolled((signal) => readStatus(name, signal), 3000, [name]);
    const tags = usePolled((signal) => readTags(name, signal), link.value === 'paged' ? 3000 : 0, [name, link.value === 'paged'], [revision.value]);
    const copying = useSignal(false);
    const answer = useKept(data, name);
    const items = useKept(tags.data, name);
    if (problem?.status === 404)
        return (
            <div class="screen">
                <DeviceTabs current="devices" />
                <Empty whole title={`There is no device ${name}`}>
                    <a href={linkTo('devices')}>All devices</a>
                    <a href={`${linkTo('changes')}?device=${encodeURIComponent(name)}`}>What happened to it</a>
                </Empty>
            </div>
        );
    if (!answer) return problem ? <ProblemNote problem={problem} /> : <Loading />;
    const device = answer.body;
    return (
        <div class="screen device-screen">
            <DeviceTabs current="devices" />
            <Heading
                title={
                    <>
                        {device.name} {device.label && <span class="muted">{device.label}</span>}
                    </>
                }
            >
                <DeviceActions device={device} etag={answer.etag} items={items ?? []} onCopy={() => (copying.value = true)} reload={reload} />
            </Heading>
            <SavedWarnings />
            <ProblemNote problem={problem} />
            <div class="columns">
                <StateCard device={device} status={status.data} />
                <SettingsCard device={device} />
            </div>
            <TagsCard device={device} items={items} problem={tags.problem} />
            {copying.value && <CopyDialog device={device} onClose={() => (copying.value = false)} />}
        </div>
    );
}
