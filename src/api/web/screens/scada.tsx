// SCADA: who is connected to the Modbus server, what they ask for, who was refused, and how to connect.
import { useSignal } from '@preact/signals';
import { get, pathOf, type Page } from '../lib/api';
import type { Client, Clients, LastRequest, Listener, Protocol, Refusal, Side } from '../lib/clients';
import { ageText, capitalText, countText, plural, tableWords, timeText } from '../lib/format';
import { isHere, ownGateway } from '../lib/gateways';
import { tick } from '../lib/live';
import { clientReasons, exceptionWords, functionWords, partReasons, wordsOf } from '../lib/remedies';
import type { RegisterPlaces } from '../lib/registers';
import { linkTo } from '../lib/router';
import type { Tag } from '../lib/types';
import { Card, Empty, Facts, Heading, Loading, Note, ProblemNote } from '../ui/basic';
import { Command } from '../ui/command';
import { PlainTable, type Column } from '../ui/table';
import { usePolled, useTitle } from '../ui/use';

const sideWords: Record<Side, string> = { scada: 'SCADA', inputs: 'Tagferry itself, inputs', outputs: 'Tagferry itself, outputs' };
const protocolWords: Record<Protocol, string> = { tcp: 'Modbus TCP', rtu: 'RTU over TCP', udp: 'UDP', serial: 'serial line', tls: 'TLS' };

const requestWords: Record<number, [string, string, string]> = {
    1: ['read', 'coil', 'coils'],
    2: ['read', 'discrete input', 'discrete inputs'],
    3: ['read', 'holding register', 'holding registers'],
    4: ['read', 'input register', 'input registers'],
    5: ['write', 'coil', 'coils'],
    6: ['write', 'holding register', 'holding registers'],
    15: ['write', 'coil', 'coils'],
    16: ['write', 'holding register', 'holding registers'],
    22: ['change bits of', 'holding register', 'holding registers'],
    23: ['write and read', 'holding register', 'holding registers'],
};

// "read 10 input registers from 100, unit 1"
function requestText(request: LastRequest): string {
    const words = requestWords[request.function];
    const { start, count, unit } = request;
    if (!words || start === null || count === null) return `${functionWords[request.function] ?? `function ${request.function}`}, unit ${unit}`;
    return count === 1 ? `${words[0]} ${words[1]} ${start}, unit ${unit}` : `${words[0]} ${countText(count)} ${words[2]} from ${start}, unit ${unit}`;
}

function exceptionText(code: number): string {
    return `exception ${code}${exceptionWords[code] ? `: ${exceptionWords[code]!.title}` : ''}`;
}

function Age({ at }: { at: string }) {
    void tick.value;
    return <span title={timeText(at)}>{ageText(Date.now() - new Date(at).getTime())}</span>;
}

function Functions({ functions }: { functions: Client['functions'] }) {
    return (
        <ul class="plain-list">
            {Object.entries(functions).map(([code, count]) => (
                <li key={code} class="nowrap">
                    {functionWords[code] ?? `function ${code}`} <span class="muted">{countText(count)}</span>
                </li>
            ))}
        </ul>
    );
}

const clientColumns: Column<Client>[] = [
    { id: 'address', title: 'Client', width: '', render: (client) => <span class="nowrap">{client.address}{client.protocol !== 'serial' && <span class="muted">:{client.port}</span>}</span> },
    { id: 'side', title: 'Side', width: '', render: (client) => sideWords[client.side] },
    {
        id: 'protocol',
        title: 'Protocol',
        width: '',
        render: ({ protocol, role }) => (
            <>
                {protocolWords[protocol] ?? protocol}
                {role !== null && <span class="block">role {role}</span>}
            </>
        ),
    },
    { id: 'units', title: 'Units', width: '', render: (client) => client.units.join(', ') || '–' },
    { id: 'functions', title: 'Asks to', width: '', render: (client) => <Functions functions={client.functions} /> },
    { id: 'rate', title: 'Requests/s', width: '', number: true, render: (client) => countText(client.rate) },
    { id: 'exceptions', title: 'Exceptions', width: '', number: true, render: (client) => <span class={client.exceptions ? 'verdict warning' : 'muted'}>{countText(client.exceptions)}</span> },
    {
        id: 'last',
        title: 'Last request',
        width: '',
        render: ({ last_request: last }) =>
            last === null ? (
                <span class="muted">none yet</span>
            ) : (
                <div class="last-request">
                    {requestText(last)}
                    {last.exception !== null && (
                        <span class="verdict wrong block">
                            {exceptionText(last.exception)}. <span class="muted">{exceptionWords[last.exception]?.remedy}</span>
                        </span>
                    )}
                </div>
            ),
    },
    { id: 'age', title: 'Age', width: '', number: true, render: ({ last_request: last }) => <span class="nowrap">{last ? <Age at={last.at} /> : '–'}</span> },
    { id: 'since', title: 'Connected', width: '', render: (client) => <span class="nowrap">{timeText(client.since)}</span> },
];

const refusalColumns: Column<Refusal>[] = [
    { id: 'address', title: 'Client', width: '', render: (one) => <span class="nowrap">{one.address}<span class="muted">:{one.port}</span></span> },
    {
        id: 'reason',
        title: 'Why, and what to do',
        width: '',
        render: (one) => {
            const words = wordsOf(clientReasons, one.reason);
            return (
                <div class="last-request">
                    <strong>{capitalText(words.title)}</strong>
                    {one.detail && <span class="block">{one.detail}</span>}
                    {words.remedy && <span class="block remedy">{words.remedy}</span>}
                </div>
            );
        },
    },
    { id: 'count', title: 'Times', width: '', number: true, render: (one) => countText(one.count) },
    { id: 'at', title: 'Last', width: '', render: (one) => <span class="nowrap">{timeText(one.at)}</span> },
    { id: 'since', title: 'First', width: '', render: (one) => <span class="nowrap">{timeText(one.since)}</span> },
];

// The command that reads a tag once; null if mbpoll cannot read it.
export function mbpollCommand(tag: Tag, unit: number, host: string, port: string): string | null {
    const { table, type, byte_order: order, address, bit } = tag.modbus;
    const number = { coil: 0, discrete_input: 1, input_register: 3, holding_register: 4 }[table];
    const isWide = type === 'float32' || type === 'int32' || type === 'uint32';
    const bare = `mbpoll -m tcp -p ${port} -a ${unit} -0 -r ${address} -t ${number}`;
    if (type === 'bcd16' && order !== 'BADC' && order !== 'DCBA') return `${bare}:hex -1 ${host}`;
    if (isWide && order !== 'ABCD' && order !== 'CDAB') return null;
    if (bit === null && !isWide && !['bool', 'int16', 'uint16'].includes(type)) return null;
    const format = type === 'float32' ? ':float' : isWide ? ':int' : '';
    return `${bare}${format}${isWide && order === 'ABCD' ? ' -B' : ''} -1 ${host}`;
}

function TestCommand({ host, port }: { host: string; port: string }) {
    const { data } = usePolled(
        async (signal) => {
            const tags = await get<Page<Tag>>(pathOf('tags'), { query: { limit: 200 }, signal });
            const devices = await get<Page<{ name: string; network: { modbus_host: string | null; unit_id: number; gateway: string | null } }>>(pathOf('devices'), { query: { limit: 1000 }, signal });
            const units = new Map(devices.items.filter(({ network }) => network.modbus_host === null && isHere(network.gateway)).map((device) => [device.name, device.network.unit_id]));
            return tags.items.filter((tag) => units.has(tag.device)).map((tag) => ({ tag, command: mbpollCommand(tag, units.get(tag.device)!, host, port) }));
        },
        0,
        [host, port, ownGateway.value?.name],
    );
    const chosen = useSignal('');
    const readable = (data ?? []).filter((item) => item.command);
    const item = readable.find(({ tag }) => `${tag.device}/${tag.name}` === chosen.value) ?? readable.find(({ tag }) => tag.modbus.type === 'float32') ?? readable[0];
    if (!item)
        return data ? (
            <p class="muted">
                There is no tag on the local server yet. <a href={linkTo('learn')}>Learn</a> makes some.
            </p>
        ) : null;
    const { tag, command } = item;
    const register = tag.modbus;
    return (
        <>
            <label class="choose-tag">
                To test the connection, read
                <select value={`${tag.device}/${tag.name}`} onChange={(event) => (chosen.value = event.currentTarget.value)}>
                    {readable.map((one) => (
                        <option key={one.tag.id} value={`${one.tag.device}/${one.tag.name}`}>
                            {one.tag.device}/{one.tag.name}
                        </option>
                    ))}
                </select>
            </label>
            <p class="muted">
                {capitalText(tableWords[register.table])} {register.address}, Modicon {register.modicon}, {register.type}
                {register.type === 'float32' || register.type.endsWith('32') ? `, ${register.byte_order}` : ''}
            </p>
            <Command text={command!} />
        </>
    );
}

const isLoopback = (address: string) => /^127\.|^::1$/.test(address);
const isEvery = (address: string) => address === '0.0.0.0' || address === '::';

// Where a client connects: at the name of this page where tagferry-modbusd listens on every address, else where it
// listens, other machines first. Null if that is not known.
function findEndpoint(all: Listener[]): { host: string; port: string } | null {
    const listen = all.filter(({ protocol }) => protocol === 'tcp'); // as the test command speaks
    const found = listen.find(({ address }) => isEvery(address)) ?? listen.find(({ address }) => !isLoopback(address)) ?? listen[0];
    return found ? { host: isEvery(found.address) ? location.hostname : found.address, port: String(found.port) } : null;
}

function listenText(listen: Listener[]): string {
    return listen.map(({ address, port, protocol }) => `${isEvery(address) ? `every address, port ${port}` : `${address.includes(':') ? `[${address}]` : address}:${port}`}${protocol === 'tcp' ? '' : ` (${protocolWords[protocol] ?? protocol})`}`).join('; ');
}

function HowToConnect({ listen }: { listen: Listener[] }) {
    const { data } = usePolled((signal) => get<RegisterPlaces>(pathOf('registers'), { signal }), 0, []);
    const { host, port } = findEndpoint(listen) ?? { host: location.hostname, port: data?.server.replace(/^.*:/, '') ?? '8502' };
    const isLocal = listen.length > 0 && listen.every(({ address }) => isLoopback(address));
    return (
        <Card title="How to connect a client">
            <Facts
                items={[
                    ['Protocol', 'Modbus TCP. RTU over TCP and TLS have ports of their own, [modbusd] rtu_listen and tls_listen.'],
                    ['Host', <code key="host">{host}</code>],
                    ['Port', <code key="port">{port}</code>],
                    ['Unit', data ? `${data.units.join(', ')}. 0 and 255 mean ${data.units[0]}.` : '–'],
                    ['Addresses', <span key="addresses">The protocol counts from 0: offset 100 is Modicon 300101 in input registers, 400101 in holding registers. If values are shifted by one register, the client counts from 1.</span>],
                    ['Byte order', <span key="order">Of each tag: ABCD is big endian with the high word first, CDAB has the low word first (word swap). If a 32-bit value is absurd, look at it in the <a href={linkTo('registers')}>register map</a> in every order.</span>],
                    ['Listens on', <span key="listen">{listenText(listen) || <span class="muted">not known while tagferry-modbusd does not run</span>}{isLocal && '. Only clients on this machine can connect: for others, set '}{isLocal && <code>[modbusd] listen</code>}{isLocal && '.'}</span>],
                    ['Access', <span key="access">Port and addresses are set by <code>[modbusd] listen</code>. <code>[modbusd] allow</code> says who may read and write.</span>],
                ]}
            />
            <TestCommand host={host} port={port} />
        </Card>
    );
}

const stateRemedies: Record<string, string> = { down: 'not_running', hangs: 'hangs', starting: 'starting' };

function ServerState({ state }: { state: Clients['state'] }) {
    if (state === 'up') return null;
    const words = partReasons[stateRemedies[state]!]!;
    return (
        <Note kind={state === 'starting' ? 'warning' : 'wrong'}>
            <p>
                <strong>tagferry-modbusd {words.title}.</strong> {state === 'down' ? 'No SCADA client can read or write anything.' : ''}
            </p>
            <p class="remedy">{words.remedy}</p>
            {state === 'down' && <Command text={'systemctl status tagferry-modbusd\njournalctl -u tagferry-modbusd -n 50'} />}
        </Note>
    );
}

export default function ScadaScreen() {
    useTitle('SCADA');
    const showsAll = useSignal(false);
    const { data, problem } = usePolled((signal) => get<Clients>(pathOf('modbus', 'clients'), { signal }), 2000, []);
    const scada = data?.items.filter((client) => client.side === 'scada') ?? [];
    const shown = showsAll.value ? (data?.items ?? []) : scada;
    return (
        <div class="screen">
            <Heading title="SCADA" />
            {problem && (problem.status === 404 ? <Note kind="warning">This version of tagferry-api does not tell who is connected. Install the same version of all parts.</Note> : <ProblemNote problem={problem} />)}
            {!data && !problem && <Loading />}
            {data && <ServerState state={data.state} />}
            {data && data.state !== 'down' && (
                <Card
                    title={`Connected clients${scada.length ? ` (${scada.length})` : ''}`}
                    actions={
                        <label class="check">
                            <input type="checkbox" checked={showsAll.value} onChange={(event) => (showsAll.value = event.currentTarget.checked)} /> Show the connections of Tagferry's own parts
                        </label>
                    }
                >
                    <PlainTable
                        label="Connected clients"
                        columns={showsAll.value ? clientColumns : clientColumns.filter((column) => column.id !== 'side')}
                        items={shown}
                        itemKey={(client) => `${client.side} ${client.address} ${client.port}`}
                        empty={
                            <Empty title="No SCADA client is connected">
                                <p>Set one up as described below. If it should be connected already, look at the refused ones, and at its host and port.</p>
                            </Empty>
                        }
                    />
                    {scada.some((client) => isLoopback(client.address)) && <p class="muted">A client with a loopback address may be tagferry-api, which reads values as a SCADA client does.</p>}
                    {data.total > data.items.length && <p class="muted">Only {plural(data.items.length, 'connection')} of {countText(data.total)} are shown.</p>}
                </Card>
            )}
            {data && data.refused.length > 0 && (
                <Card title="Refused or closed lately">
                    <PlainTable label="Refused clients" columns={refusalColumns} items={data.refused} itemKey={(one) => `${one.address} ${one.side} ${one.reason}`} />
                </Card>
            )}
            <HowToConnect listen={data?.listen ?? []} />
        </div>
    );
}
