// All devices: cards, or a table when there are many, with what their messages are doing.
import { useSignal } from '@preact/signals';
import { useEffect, useRef } from 'preact/hooks';
import { get, pathOf, type Page } from '../../lib/api';
import { ageText, countText, wrongReasons } from '../../lib/format';
import { gatewayNames, mayChange } from '../../lib/gateways';
import { revision, tick } from '../../lib/live';
import { go, linkTo, place, setQuery } from '../../lib/router';
import { serverText } from '../../lib/servers';
import type { Device } from '../../lib/types';
import { Empty, Facts, Heading, Loading, ProblemNote, QualityMark } from '../../ui/basic';
import { SelectField } from '../../ui/form';
import { VirtualTable, type Column } from '../../ui/table';
import { isNarrow, usePolled, useTitle } from '../../ui/use';
import { DeviceTabs, SavedWarnings } from './shared';

export interface DeviceItem extends Device {
    live: { last_message_at: string | null; age_ms: number | null; messages: number; rejects: number; tags: number };
    readAt: number; // performance.now()
}

const PAGE = 100;
const CARDS_MAX = 60;
const POLL_MS = 3000;

// Messages of a device at a time: two of them give its rate.
interface Reading {
    at: number;
    messages: number;
    rate: number | null; // per second
}

const readings = new Map<string, Reading>();

export function takeReading(name: string, messages: number, at: number): void {
    const old = readings.get(name);
    const seconds = old ? (at - old.at) / 1000 : 0;
    if (old && messages >= old.messages && seconds < 2) return;
    const rate = old && messages >= old.messages && seconds < 60 ? (messages - old.messages) / seconds : null;
    // A smoothed rate does not jump between 0 and 1 for a device that sends each second or two.
    const smooth = rate === null || !old || old.rate === null ? rate : old.rate * 0.6 + rate * 0.4;
    readings.set(name, { at, messages, rate: smooth !== null && smooth < 0.001 ? 0 : smooth });
}

export function rateText(rate: number | null | undefined): string {
    if (rate === null || rate === undefined) return '–';
    if (rate === 0) return '0 / min';
    if (rate >= 0.95) return `${rate < 10 ? rate.toFixed(1) : countText(Math.round(rate))} / s`;
    return `${rate * 60 < 10 ? (rate * 60).toFixed(1) : Math.round(rate * 60)} / min`;
}

export const rateOf = (name: string) => readings.get(name)?.rate;

async function readPage(query: Record<string, string | number | undefined>, signal?: AbortSignal): Promise<Page<DeviceItem>> {
    const page = await get<Page<DeviceItem>>(pathOf('devices'), { query: { live: true, ...query }, signal: signal ?? null });
    const readAt = performance.now();
    for (const item of page.items) takeReading(item.name, Object.assign(item, { readAt }).live.messages, readAt);
    return page;
}

interface Window {
    first: number;
    last: number;
}

// The devices that were read so far, in pages of the server. Only the pages on the screen are read again.
function useDevices(q: string, quality: string) {
    const pages = useRef<DeviceItem[][]>([]);
    const shown = useRef<Window>({ first: 0, last: PAGE });
    const query = { q: q || undefined, ...(quality === 'wrong' ? { reason: wrongReasons.join(',') } : { quality: quality || undefined }) };
    const wanted = useSignal(1); // pages
    useEffect(() => {
        pages.current = [];
        wanted.value = 1;
    }, [q, quality]);
    const read = async (signal: AbortSignal) => {
        let total = 0;
        let next: string | null = null;
        const old = pages.current;
        const result: DeviceItem[][] = [];
        let start = 0;
        for (let index = 0; index < wanted.value; index++) {
            const kept = old[index];
            const isShown = index === 0 || (start < shown.current.last && start + (kept?.length ?? PAGE) > shown.current.first);
            if (kept && !isShown) {
                result.push(kept);
                next = kept.at(-1)!.name;
            } else {
                const page: Page<DeviceItem> = await readPage({ ...query, limit: PAGE, after: index === 0 ? undefined : (next ?? undefined) }, signal);
                result.push(page.items);
                total = page.total;
                next = page.next;
                if (!next) break;
            }
            start += result.at(-1)!.length;
        }
        pages.current = result;
        // Pages that were read at different times may overlap after a change of the configuration.
        const items = new Map(result.flat().map((item) => [item.name, item]));
        return { items: [...items.values()], total };
    };
    const polled = usePolled(read, POLL_MS, [q, quality, wanted.value, revision.value]);
    const last = useRef(polled.data);
    if (polled.data) last.current = polled.data;
    return {
        ...polled,
        data: polled.data ?? last.current,
        onRange: (first: number, end: number) => {
            shown.current = { first, last: end };
            const data = last.current;
            if (data && end >= data.items.length && data.items.length < data.total && wanted.value * PAGE <= data.items.length) wanted.value++;
        },
    };
}

export function ageOf(item: DeviceItem): string {
    if (item.live.age_ms === null) return item.live.messages ? 'none taken' : 'none yet';
    return ageText(item.live.age_ms + Math.max(0, tick.value - item.readAt));
}

function Age({ item }: { item: DeviceItem }) {
    return <>{ageOf(item)}</>;
}

function placeText(device: Device): string {
    const server = serverText(device.network);
    return server && `${server}, unit ${device.network.unit_id}`;
}

function Name({ item }: { item: DeviceItem }) {
    return (
        <>
            <a href={linkTo('devices', item.name)}>{item.name}</a>
            {item.label && <span class="muted"> {item.label}</span>}
        </>
    );
}

function DeviceCard({ item }: { item: DeviceItem }) {
    const { live } = item;
    const rate = rateOf(item.name);
    const rows: [preact.ComponentChildren, preact.ComponentChildren][] = [
        ['Topic', <span class="cut" title={item.mqtt.topic}>{item.mqtt.topic}</span>],
        ['Last message', <><Age item={item} />{rate !== null && rate !== undefined && <span class="muted">, {rateText(rate)}</span>}</>],
        ['Messages', <>{countText(live.messages)}{live.rejects > 0 && <span>, {countText(live.rejects)} refused</span>}</>],
        ['Tags', countText(live.tags)],
    ];
    if (item.profile) rows.push(['Profile', <a href={linkTo('profiles', item.profile.name)}>{item.profile.name}</a>]);
    if (item.network.modbus_host) rows.push(['Modbus server', <span class="cut">{placeText(item)}</span>]);
    if (item.network.gateway) rows.push(['Gateway', <span class="cut">{item.network.gateway}</span>]);
    return (
        <section class={`card device ${item.quality}${item.reason === 'other_gateway' ? ' elsewhere' : ''}`}>
            <h2 class="cut" title={`${item.name} ${item.label}`}>
                <a href={linkTo('devices', item.name)}>{item.name}</a>
                {item.label && <span class="muted"> {item.label}</span>}
            </h2>
            <QualityMark quality={item.quality ?? 'never'} reason={item.reason ?? null} gateway={item.network.gateway} />
            <Facts items={rows} />
        </section>
    );
}

const columns: Column<DeviceItem>[] = [
    { id: 'name', title: 'Device', width: 'minmax(10rem, 2fr)', render: (item) => <Name item={item} /> },
    { id: 'quality', title: 'Quality', width: 'minmax(12rem, 2fr)', render: (item) => <QualityMark quality={item.quality ?? 'never'} reason={item.reason ?? null} gateway={item.network.gateway} narrow /> },
    { id: 'age', title: 'Last message', width: '6rem', number: true, render: (item) => <Age item={item} /> },
    { id: 'rate', title: 'Rate', width: '5rem', number: true, render: (item) => rateText(rateOf(item.name)) },
    { id: 'rejects', title: 'Refused', width: '4.5rem', number: true, render: (item) => countText(item.live.rejects) },
    { id: 'tags', title: 'Tags', width: '3rem', number: true, render: (item) => countText(item.live.tags) },
    { id: 'topic', title: 'Topic', width: 'minmax(11rem, 3fr)', render: (item) => <span title={item.mqtt.topic}>{item.mqtt.topic}</span> },
    { id: 'profile', title: 'Profile', width: '7rem', render: (item) => item.profile?.name ?? '' },
    { id: 'server', title: 'Modbus server', width: '8rem', render: (item) => placeText(item) },
];

const gatewayColumn: Column<DeviceItem> = { id: 'gateway', title: 'Gateway', width: '7rem', render: (item) => item.network.gateway ?? '' };

const qualityChoices = [
    { value: '', label: 'all' },
    { value: 'wrong', label: 'what is wrong' },
    { value: 'bad', label: 'bad' },
    { value: 'stale', label: 'stale' },
    { value: 'never', label: 'never heard' },
    { value: 'good', label: 'good' },
];

function NoDevices({ isFiltered }: { isFiltered: boolean }) {
    if (isFiltered) return <Empty title="No device fits">Change the search or the filter.</Empty>;
    return (
        <Empty title="No devices yet">
            <p>
                <a href={linkTo('learn')}>Learn</a> what the broker has and choose from it, <a href={linkTo('transfer')}>import</a> a file, <a href={linkTo('profiles')}>make many equal devices</a> of one description, or add a device by hand.
            </p>
            {mayChange.value && (
                <a class="button primary" href={linkTo('new-device')}>
                    Add a device
                </a>
            )}
        </Empty>
    );
}

// The text of the search goes to the server when nothing was typed for a moment.
function useSearch() {
    const typed = useSignal(place.value.query.get('q') ?? '');
    useEffect(() => {
        const timer = setTimeout(() => {
            if ((place.value.query.get('q') ?? '') !== typed.value) setQuery({ q: typed.value || null });
        }, 250);
        return () => clearTimeout(timer);
    }, [typed.value]);
    return typed;
}

export function DeviceList() {
    useTitle('Devices');
    const typed = useSearch();
    const q = place.value.query.get('q') ?? '';
    const quality = place.value.query.get('quality') ?? '';
    const selected = useSignal<string | null>(null);
    const { data, problem, onRange } = useDevices(q, quality);
    const isTable = data !== null && (data.total > CARDS_MAX || data.items.length > CARDS_MAX);
    const shownColumns = isNarrow.value ? columns.slice(0, 3) : gatewayNames().length > 0 ? [...columns, gatewayColumn] : columns;
    return (
        <div class={`screen ${isTable ? 'full' : ''}`}>
            <DeviceTabs current="devices" />
            <Heading title={<>Devices{data && <span class="muted count"> {countText(data.total)}</span>}</>}>
                <input type="search" aria-label="Search name, label, description" placeholder="Search" value={typed.value} onInput={(event) => (typed.value = event.currentTarget.value)} />
                <div class="inline-field">
                    <SelectField label="Show" value={quality} choices={qualityChoices} onInput={(next) => setQuery({ quality: next || null })} />
                </div>
                {mayChange.value && (
                    <a class="button primary" href={linkTo('new-device')}>
                        Add a device
                    </a>
                )}
            </Heading>
            <SavedWarnings />
            <ProblemNote problem={problem} />
            {!data && !problem && <Loading />}
            {data && data.items.length === 0 && <NoDevices isFiltered={Boolean(q || quality)} />}
            {data && data.items.length > 0 && !isTable && (
                <div class="cards">
                    {data.items.map((item) => (
                        <DeviceCard key={item.name} item={item} />
                    ))}
                </div>
            )}
            {isTable && (
                <VirtualTable
                    label="Devices"
                    columns={shownColumns}
                    items={data.items}
                    itemKey={(item) => item.name}
                    selected={selected.value}
                    onSelect={(key) => (selected.value = key)}
                    onOpen={(item) => go(linkTo('devices', item.name))}
                    onRange={onRange}
                />
            )}
        </div>
    );
}
