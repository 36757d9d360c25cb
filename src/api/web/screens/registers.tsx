// The register map: each table of each Modbus server and unit, with owners, gaps and current words.
import { useSignal } from '@preact/signals';
import { render } from 'preact';
import { useEffect, useMemo, useRef } from 'preact/hooks';
import { get, pathOf, saveFile, type Page, type Problem } from '../lib/api';
import { capitalText, countText, plural, tableWords, timeText } from '../lib/format';
import { ownGateway } from '../lib/gateways';
import { revision } from '../lib/live';
import { findFree, isAtGateway, isBitTable, mapLines, modiconText, ownersIn, parseAddress, REGISTER_MAX, tables, usedRanges, type RegisterOwner, type RegisterPlace, type RegisterPlaces } from '../lib/registers';
import { go, linkTo, place as pagePlace, setQuery } from '../lib/router';
import type { Table, Value } from '../lib/types';
import { Button, Empty, Heading, Loading, ProblemNote, Tabs } from '../ui/basic';
import { Dialog, notify } from '../ui/dialog';
import { TextField } from '../ui/form';
import { isNarrow, usePolled, useTitle } from '../ui/use';
import { ownerLink, ownerName, RegisterGrid } from './register-cells';
import { RegisterInspector } from './register-inspector';

const WORDS_EVERY_MS = 2000;
const MAP_EVERY_MS = 60000; // beside each change that the stream of values tells
const READ_MAX = 1000; // registers in one request
const JOIN_WITHIN = 60; // registers between two lines that are read together

type Server = Omit<RegisterPlace, 'table'>;

function placeKey({ server, gateway, unit }: Server): string {
    return `${server ?? ''} ${unit} ${gateway ?? ''}`;
}

function serverText({ server, gateway, unit }: Server): string {
    const own = ownGateway.value?.name;
    const local = gateway ? `Tagferry at ${gateway}` : own ? `Tagferry at ${own} (here)` : 'Tagferry';
    return `${server ?? local}, unit ${unit}`;
}

function placeLink(place: RegisterPlace): string {
    const query = new URLSearchParams({ table: place.table, unit: String(place.unit) });
    if (place.server) query.set('server', place.server);
    if (place.gateway) query.set('gateway', place.gateway);
    return `${linkTo('registers')}?${query}`;
}

// The place that the address of the page names, or else the first table that has an owner.
function readPlace(query: URLSearchParams, places: RegisterPlaces): RegisterPlace {
    const server = query.get('server');
    const gateway = query.get('gateway');
    const unit = Number(query.get('unit') ?? (server ? places.items.find((item) => item.server === server)?.unit : undefined) ?? places.units[0] ?? 1);
    const asked = tables.find((one) => one === query.get('table'));
    const here = places.items.filter((item) => item.server === server && item.unit === unit && isAtGateway(item, gateway, places));
    const most = [...here].sort((a, b) => b.owners - a.owners)[0];
    return { server, gateway, unit, table: asked ?? most?.table ?? 'holding_register' };
}

// Neighbours get different shades, devices different colours.
function shadeOwners(owners: RegisterOwner[]): Map<RegisterOwner, number> {
    const devices = new Map<string, number>();
    const counts = new Map<string, number>();
    const shades = new Map<RegisterOwner, number>();
    for (const owner of owners) {
        if (!devices.has(owner.device)) devices.set(owner.device, devices.size % 5);
        const count = counts.get(owner.device) ?? 0;
        counts.set(owner.device, count + 1);
        shades.set(owner, devices.get(owner.device)! * 2 + (count % 2));
    }
    return shades;
}

// Lines that are close are read in one request.
function readRanges(starts: number[], columns: number): { start: number; count: number }[] {
    const ranges: { start: number; count: number }[] = [];
    for (const start of starts) {
        const end = Math.min(start + columns + 3, REGISTER_MAX + 1);
        const newest = ranges[ranges.length - 1];
        if (newest && start - (newest.start + newest.count) <= JOIN_WITHIN && end - newest.start <= READ_MAX) newest.count = end - newest.start;
        else ranges.push({ start, count: end - start });
    }
    return ranges;
}

async function readLocal(place: RegisterPlace, ranges: { start: number; count: number }[], words: Map<number, number>, signal: AbortSignal): Promise<void> {
    for (const { start, count } of ranges) {
        const answer = await get<{ items: { address: number; raw: number }[] }>(pathOf('registers', place.table), { query: { unit: place.unit, start, count }, signal });
        for (const { address, raw } of answer.items) words.set(address, raw);
    }
}

// Of other servers the words are those that Tagferry wrote or polled last.
async function readForeign(owners: RegisterOwner[], words: Map<number, number>, signal: AbortSignal): Promise<void> {
    for (const device of new Set(owners.map((owner) => owner.device))) {
        const page = await get<Page<Value>>(pathOf('values'), { query: { device, limit: 1000 }, signal });
        const byName = new Map(page.items.map((value) => [value.tag, value]));
        for (const owner of owners.filter((one) => one.device === device)) {
            const raw = byName.get(owner.tag ?? '')?.raw;
            const mask = owner.byte === 'high' ? 0xff00 : 0xff;
            if (owner.byte !== null && raw) words.set(owner.first, ((words.get(owner.first) ?? 0) & ~mask) | (raw[0]! & mask));
            else if (owner.bit !== null && raw) words.set(owner.first, ((words.get(owner.first) ?? 0) & ~(1 << owner.bit)) | (raw[0] ? 1 << owner.bit : 0));
            else raw?.forEach((word, index) => words.set(owner.first + index, word));
        }
    }
}

function PrintMap({ place, owners }: { place: RegisterPlace; owners: RegisterOwner[] }) {
    return (
        <>
            <h1>
                Register map: {serverText(place)}, {tableWords[place.table]}s
            </h1>
            <p>
                {timeText(new Date())}. Offsets count from 0, Modicon addresses from 1. value = register × scale + offset.
            </p>
            <table>
                <thead>
                    <tr>
                        {['Offset', 'Modicon', 'Registers', 'Tag', 'Type', 'Order', 'Bit', 'Scale', 'Offset', 'Unit'].map((title, index) => (
                            <th key={index}>{title}</th>
                        ))}
                    </tr>
                </thead>
                <tbody>
                    {owners.map((owner, index) => (
                        <tr key={index}>
                            <td class="number">{owner.first}</td>
                            <td class="number">{modiconText(place.table, owner.first)}</td>
                            <td class="number">{owner.last - owner.first + 1}</td>
                            <td>{ownerName(owner)}</td>
                            <td>{owner.type ?? 'status'}</td>
                            <td>{isBitTable(place.table) || owner.type === 'string' ? '' : owner.byte_order}</td>
                            <td class="number">{owner.byte ? `${owner.byte} byte` : owner.bit}</td>
                            <td class="number">{owner.scale}</td>
                            <td class="number">{owner.offset}</td>
                            <td>{owner.unit}</td>
                        </tr>
                    ))}
                </tbody>
            </table>
        </>
    );
}

// Puts the whole map, as a plain table, in place of the page while it is printed.
function usePrint(place: RegisterPlace, owners: RegisterOwner[]): void {
    const newest = useRef({ place, owners });
    newest.current = { place, owners };
    useEffect(() => {
        const sheet = document.createElement('div');
        sheet.className = 'print-map';
        document.body.append(sheet);
        const before = () => render(<PrintMap {...newest.current} />, sheet);
        const after = () => render(null, sheet);
        addEventListener('beforeprint', before);
        addEventListener('afterprint', after);
        return () => {
            removeEventListener('beforeprint', before);
            removeEventListener('afterprint', after);
            sheet.remove();
        };
    }, []);
}

const exportFormats: { title: string; text: string; query: Record<string, string>; accept?: string; name: string; ofUnit?: boolean; ofGateway?: boolean }[] = [
    { title: 'Map to print', text: 'A page of all tags with their addresses, for paper or mail.', query: { format: 'map' }, name: 'register-map.html' },
    { title: 'Map as CSV', text: 'The same as a table, for a spreadsheet.', query: { format: 'map' }, accept: 'text/csv', name: 'register-map.csv' },
    { title: 'Workbook', text: 'All settings of all tags, for Excel: edit them there and import the file again.', query: { format: 'xlsx' }, name: 'tagferry.xlsx' },
    { title: 'KEPServerEX', text: 'The tags of this unit, for Import CSV in the tags of a device.', query: { format: 'kepware' }, name: 'tagferry-kepware.csv', ofUnit: true, ofGateway: true },
    { title: 'Ignition', text: 'All tags of the local server, for Import Tags in the Tag Browser.', query: { format: 'ignition' }, name: 'tagferry-ignition.json', ofGateway: true },
];

function ExportDialog({ place, onClose }: { place: RegisterPlace; onClose: () => void }) {
    const connection = useSignal('Tagferry');
    const problem = useSignal<Problem | null>(null);
    const save = async (format: (typeof exportFormats)[number]) => {
        try {
            problem.value = null;
            const query = { ...format.query, ...(format.ofUnit ? { unit: String(place.unit) } : {}), ...(format.ofGateway && place.gateway ? { gateway: place.gateway } : {}), ...(format.title === 'Ignition' ? { connection: connection.value || 'Tagferry' } : {}) };
            await saveFile(pathOf('export'), { query, accept: format.accept ?? '*/*' }, format.name);
        } catch (error) {
            problem.value = error as Problem;
        }
    };
    return (
        <Dialog title="Export the register map" onClose={onClose}>
            <ProblemNote problem={problem.value} />
            <ul class="formats">
                {exportFormats.map((format) => (
                    <li key={format.title}>
                        <div>
                            <h3>{format.title}</h3>
                            <p class="muted">{format.text}</p>
                            {format.title === 'Ignition' && <TextField label="Name of the device connection" value={connection.value} onInput={(text) => (connection.value = text)} />}
                        </div>
                        <Button onClick={() => void save(format)} aria-label={`Save ${format.title}`}>
                            Save
                        </Button>
                    </li>
                ))}
            </ul>
            <div class="buttons">
                <Button onClick={onClose}>Close</Button>
            </div>
        </Dialog>
    );
}

// The forms that go to an address, and to a free block.
function FindForms({ place, used, selected, onGo }: { place: RegisterPlace; used: { first: number; last: number }[]; selected: number | null; onGo: (address: number, table: Table) => void }) {
    const address = useSignal('');
    const count = useSignal('2');
    const fault = useSignal('');
    const jump = (event: Event) => {
        event.preventDefault();
        const parsed = parseAddress(address.value);
        fault.value = parsed ? '' : 'Type an offset (100), or a Modicon address (300101 or 30101).';
        if (parsed) onGo(parsed.address, parsed.table ?? place.table);
    };
    const find = (event: Event) => {
        event.preventDefault();
        const wanted = Number(count.value);
        const isNumber = Number.isInteger(wanted) && wanted >= 1 && wanted <= REGISTER_MAX + 1;
        const found = isNumber ? findFree(used, wanted, selected === null ? 0 : selected + 1) : null;
        fault.value = !isNumber ? 'Type a number of registers from 1 to 65536.' : found === null ? `No ${plural(wanted, 'free register')} in a row are left in this table.` : '';
        if (found === null) return;
        onGo(found, place.table);
        notify(`${wanted === 1 ? `Register ${found} is` : `Registers ${found}–${found + wanted - 1} are`} free. Modicon ${modiconText(place.table, found)}.`);
    };
    return (
        <>
            <form class="inline" onSubmit={jump}>
                <input class="short" aria-label="Address" placeholder="Address" value={address.value} onInput={(event) => (address.value = event.currentTarget.value)} aria-invalid={fault.value.startsWith('Type an') || undefined} />
                <Button type="submit">Go to</Button>
            </form>
            <form class="inline" onSubmit={find}>
                <input class="short" type="number" min={1} max={REGISTER_MAX + 1} aria-label="Number of registers" value={count.value} onInput={(event) => (count.value = event.currentTarget.value)} />
                <Button type="submit">Find free block</Button>
            </form>
            {fault.value && (
                <p class="fault" role="alert">
                    {fault.value}
                </p>
            )}
        </>
    );
}

function RegisterMap({ place, places }: { place: RegisterPlace; places: RegisterPlaces }) {
    const columns = isNarrow.value ? 5 : 10;
    const asked = pagePlace.value.query.get('at');
    const selected = asked !== null && /^\d+$/.test(asked) && Number(asked) <= REGISTER_MAX ? Number(asked) : null;
    const hovered = useSignal<number | null>(null);
    const starts = useSignal<number[]>([]);
    const words = useSignal(new Map<number, number>());
    const isHex = useSignal(true);
    const exporting = useSignal(false);
    const key = `${placeKey(place)} ${place.table}`;

    const list = usePolled((signal) => get<{ items: RegisterOwner[] }>(pathOf('registers', place.table, 'owners'), { query: { unit: place.unit, server: place.server, gateway: place.gateway }, signal }), MAP_EVERY_MS, [key]);
    useEffect(() => list.reload(), [revision.value]);
    const owners = useMemo(() => list.data?.items ?? [], [list.data]);
    const used = useMemo(() => usedRanges(owners), [owners]);
    const shades = useMemo(() => shadeOwners(owners), [owners]);
    const lines = useMemo(() => mapLines(used, columns, selected === null ? [] : [selected]), [used, columns, selected]);
    useEffect(() => {
        words.value = new Map();
        hovered.value = null;
    }, [key]);
    const ranges = readRanges(starts.value, columns);
    const reading = usePolled(
        async (signal) => {
            const next = new Map(words.value);
            if (place.gateway) return Date.now(); // they are there
            if (place.server === null) await readLocal(place, ranges, next, signal);
            else await readForeign(starts.value.flatMap((start) => ownersIn(owners, start, start + columns - 1)), next, signal);
            if (!signal.aborted) words.value = next;
            return Date.now();
        },
        WORDS_EVERY_MS,
        [key, JSON.stringify(ranges), owners.length > 0],
    );
    usePrint(place, owners);

    const select = (address: number) => {
        hovered.value = null;
        setQuery({ table: place.table, unit: String(place.unit), at: String(address) });
    };
    const jump = (address: number, table: Table) => {
        if (table === place.table) select(address);
        else go(`${placeLink({ ...place, table })}&at=${address}`);
    };
    const open = (address: number) => {
        const owner = ownersIn(owners, address, address)[0];
        if (owner) go(ownerLink(owner));
    };
    const shown = hovered.value ?? selected;
    const total = used.reduce((sum, range) => sum + range.last - range.first + 1, 0);

    return (
        <>
            <div class="toolbar">
                <h1>Registers</h1>
                <span class="spring" />
                <select
                    aria-label="Modbus server and unit"
                    value={placeKey(place)}
                    onChange={(event) => {
                        const [server, unit, gateway] = event.currentTarget.value.split(' ');
                        const link = new URLSearchParams({ unit: unit!, ...(server ? { server } : {}), ...(gateway ? { gateway } : {}) });
                        go(`${linkTo('registers')}?${link}`);
                    }}
                >
                    {serverChoices(places).map((server) => (
                        <option key={placeKey(server)} value={placeKey(server)}>
                            {serverText(server)}
                        </option>
                    ))}
                </select>
                <select aria-label="Form of the words" value={isHex.value ? 'hex' : 'decimal'} onChange={(event) => (isHex.value = event.currentTarget.value === 'hex')}>
                    <option value="hex">Hex</option>
                    <option value="decimal">Decimal</option>
                </select>
                <FindForms key={key} place={place} used={used} selected={selected} onGo={jump} />
                <Button onClick={() => print()}>Print</Button>
                <Button onClick={() => (exporting.value = true)}>Export</Button>
            </div>
            <Tabs
                current={place.table}
                items={tables.map((table) => {
                    const items = places.items.filter((one) => one.server === place.server && one.unit === place.unit && one.table === table && isAtGateway(one, place.gateway, places));
                    const owners = items.reduce((sum, item) => sum + item.owners, 0);
                    return { id: table, title: `${capitalText(tableWords[table])}s${owners ? ` (${countText(owners)})` : ''}`, link: placeLink({ ...place, table }) };
                })}
            />
            <ProblemNote problem={list.problem ?? reading.problem} />
            {list.data && (
                <p class="muted summary">
                    {owners.length === 0
                        ? `No tag has ${isBitTable(place.table) ? 'a bit' : 'a register'} here.`
                        : `${plural(owners.length, 'owner')}, ${countText(total)} of 65,536 ${isBitTable(place.table) ? 'bits' : 'registers'} used, ${used[0]!.first}–${used[used.length - 1]!.last}.`}
                    {place.gateway && ` Their values can be read at the gateway ${place.gateway}.`}
                    {place.server && ' The words are those that Tagferry wrote or polled last.'}
                </p>
            )}
            {!list.data && !list.problem && <Loading what="Reading the map" />}
            {list.data && (
                <div class="map-and-register">
                    <RegisterGrid
                        key={key}
                        place={place}
                        owners={owners}
                        shades={shades}
                        lines={lines}
                        columns={columns}
                        words={words.value}
                        isHex={isHex.value}
                        isOld={reading.problem !== null}
                        selected={selected}
                        onSelect={select}
                        onHover={(address) => (hovered.value = address)}
                        onOpen={open}
                        onVisible={(next) => (starts.value = next)}
                    />
                    <RegisterInspector place={place} address={shown} owners={shown === null ? [] : ownersIn(owners, shown, shown)} words={words.value} />
                </div>
            )}
            {exporting.value && <ExportDialog place={place} onClose={() => (exporting.value = false)} />}
        </>
    );
}

// The units of the local server, then those of other servers and other gateways that tags have.
function serverChoices(places: RegisterPlaces): Server[] {
    const choices = places.units.map((unit): Server => ({ server: null, gateway: null, unit }));
    for (const item of places.items) {
        const found = { server: item.server, gateway: item.gateway === places.gateway ? null : item.gateway, unit: item.unit };
        if (!choices.some((one) => placeKey(one) === placeKey(found))) choices.push(found);
    }
    return choices;
}

export default function RegistersScreen() {
    useTitle('Registers');
    const { data, problem, reload } = usePolled((signal) => get<RegisterPlaces>(pathOf('registers'), { signal }), MAP_EVERY_MS, []);
    useEffect(() => reload(), [revision.value]);
    const place = data && readPlace(pagePlace.value.query, data);
    return (
        <div class="screen full registers-screen">
            {!(data && data.items.length > 0) && <Heading title="Registers" />}
            {!data && <ProblemNote problem={problem} />}
            {!data && !problem && <Loading />}
            {data && data.items.length === 0 && (
                <Empty title="No tag has a register yet">
                    <p>
                        <a href={linkTo('learn')}>Learn</a> finds the values of a topic and gives them registers, <a href={linkTo('transfer')}>Import</a> takes them from a file.
                    </p>
                </Empty>
            )}
            {data && place && data.items.length > 0 && <RegisterMap place={place} places={data} />}
        </div>
    );
}
