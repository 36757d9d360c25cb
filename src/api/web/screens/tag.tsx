// A tag: its value and what to do about it, history, the way from the message to the register, changes.
import { useSignal } from '@preact/signals';
import type { ComponentChildren } from 'preact';
import { useEffect, useMemo } from 'preact/hooks';
import { devicePath, get, pathOf, Problem, request, tagPath, type Page } from '../lib/api';
import { byteOrders, decodeText, isByteType, isSameOrder, typeWidths, wideOrders } from '../lib/decode';
import { ageText, cutText, directionWords, qualityWords, rawText, reasonText, registerText, tableWords, timeText, valueText, countText } from '../lib/format';
import { mayChange, placeOf } from '../lib/gateways';
import { growsOld, passedOver, reasonHints } from '../lib/hints';
import { revision, Row, rowKey, rows, rowsVersion, tick } from '../lib/live';
import { linkTo } from '../lib/router';
import { serverText } from '../lib/servers';
import { mayWrite } from '../lib/session';
import { partsDown, partSentence, readiness } from '../lib/parts';
import { errorWords, partReasons, wordsOf, type Remedy } from '../lib/remedies';
import type { AuditEntry, Device, DeviceStatus, Tag, Value } from '../lib/types';
import { Button, Card, Facts, Heading, Loading, Note, ProblemNote } from '../ui/basic';
import { differencesOf, differencesText } from '../ui/diff';
import { usePolled, useTitle } from '../ui/use';
import type { ScreenProps } from './index';
import { Chain } from './tag-chain';
import { HistoryCard } from './tag-history';
import { WriteDialog } from './tag-write';

interface Known {
    tag: Tag;
    etag: string | null;
    device: Device | null;
}

async function readTag(device: string, tag: string, signal: AbortSignal): Promise<Known> {
    const answer = await request<Tag>('GET', tagPath(device, tag), { signal });
    return { tag: answer.body, etag: answer.etag, device: await get<Device>(devicePath(device), { signal }) };
}

const POLL_MS = 2000;
const OLD_MS = 120_000;
const PASSED_OVER_MS = 5000;

// The row of the tag: that of the stream, or one of its own with values that are read again and again
// where the page does not follow the stream.
function useRow(known: Tag | null, device: string, tag: string): Row | null {
    void rowsVersion.value;
    const shared = rows.get(rowKey(device, tag)) ?? null;
    const own = useMemo(() => (known ? new Row(rowKey(device, tag), known) : null), [known, device, tag]);
    usePolled(
        async (signal) => {
            if (shared || !own) return;
            own.take(await get<Value>(tagPath(device, tag, 'value'), { signal }));
            own.shown.value++;
        },
        shared ? 0 : POLL_MS,
        [shared, own],
    );
    return shared ?? own;
}

const partOf: Record<string, string> = { mqttd_down: 'mqttd', broker_lost: 'broker', modbusd_down: 'modbusd' };

// Why a part of the gateway does not work, if that is the reason.
function partHint(reason: string | null): Remedy | null {
    const found = readiness.value && partsDown(readiness.value).find(([name]) => name === partOf[reason ?? '']);
    if (!found) return null;
    const [name, part] = found;
    const words = wordsOf(partReasons, part.reason);
    return { title: `${partSentence(name, part)}${part.since ? ` since ${timeText(part.since)}` : ''}${part.detail ? `: ${part.detail}` : ''}.`, remedy: name === 'broker' ? [words.text, words.remedy].filter(Boolean).join(' ') : reasonHints[reason!]!.remedy! };
}

function hintsOf(row: Row, device: Device | null, deviceAt: string | null): { hint: Remedy; error: Remedy | null } | null {
    const value = row.value;
    if (row.quality === 'good') {
        const isOld = (row.age(tick.value) ?? 0) > OLD_MS && device?.mqtt.stale_after_s === 0;
        const isPassedOver = value?.received_at && deviceAt && Date.parse(deviceAt) - Date.parse(value.received_at) > PASSED_OVER_MS;
        return isOld ? { hint: growsOld, error: null } : isPassedOver ? { hint: passedOver, error: null } : null;
    }
    const part = partHint(row.reason);
    if (part) return { hint: part, error: null };
    const hint = reasonHints[row.reason ?? ''] ?? { title: `The value is ${qualityWords[row.quality] ?? String(row.quality)}${row.reason ? `: ${reasonText(row.reason)}` : ''}.` };
    const error = value?.last_error ? wordsOf(errorWords, value.last_error.code) : null;
    return { hint, error };
}

function LastError({ value }: { value: Value | null }) {
    const error = value?.last_error;
    if (!error) return <>none</>;
    const words = wordsOf(errorWords, error.code);
    return (
        <>
            {timeText(error.at)}: {words.title}
            {error.detail && (
                <>
                    {' '}
                    (<code>{cutText(error.detail, 300)}</code>)
                </>
            )}
        </>
    );
}

function Advice({ row, device, deviceError, deviceAt }: { row: Row; device: Device | null; deviceError: { code: string; detail: string } | null; deviceAt: string | null }) {
    void row.shown.value;
    const found = hintsOf(row, device, deviceAt);
    if (!found) return null;
    const { hint, error } = found;
    const isWrong = row.quality === 'bad';
    const own = row.value?.last_error;
    const isOfPart = Boolean(partHint(row.reason));
    const words = isOfPart ? null : (error ?? (deviceError ? wordsOf(errorWords, deviceError.code) : null));
    const detail = own?.detail ?? deviceError?.detail;
    return (
        <Note kind={isWrong || isOfPart ? 'wrong' : row.quality === 'good' || row.reason === 'other_gateway' ? 'plain' : 'warning'}>
            <p>
                <strong>{hint.title}</strong> {hint.remedy}
            </p>
            {words && row.quality !== 'good' && (
                <p>
                    Last error: {words.title}
                    {detail && (
                        <>
                            {' '}
                            (<code>{cutText(detail, 300)}</code>)
                        </>
                    )}
                    . {words.remedy}
                </p>
            )}
        </Note>
    );
}

function Head({ tag, row, device, onWrite }: { tag: Tag; row: Row; device: Device | null; onWrite: () => void }) {
    void row.shown.value;
    const why = reasonText(row.reason, device?.network.gateway);
    const text = valueText(row.value?.value);
    return (
        <div class="tag-head">
            <nav aria-label="Where you are" class="crumbs">
                <a href={linkTo('live')}>Live</a> / <a href={linkTo('devices', tag.device)}>{cutText(tag.device)}</a>
                {device?.label && <span class="muted"> {cutText(device.label)}</span>}
            </nav>
            <div class="heading">
                <h1>
                    {cutText(tag.name)} {tag.label && <span class="muted">{cutText(tag.label, 300)}</span>}
                </h1>
                <div class="actions">
                    {mayWrite.value && row.reason !== 'other_gateway' && tag.direction !== 'constant' && tag.direction !== 'companion' && <Button onClick={onWrite}>Write a value</Button>}
                    {mayChange.value && (
                        <a class="button" href={linkTo('devices', tag.device, 'tags', tag.name, 'edit')}>
                            Edit
                        </a>
                    )}
                </div>
            </div>
            {tag.description && <p class="muted">{cutText(tag.description, 1000)}</p>}
            <div class="reading">
                <p class="big" title={text.length > 60 ? cutText(text, 5000) : undefined}>
                    <span class="value">{cutText(text, 60)}</span> <span class="unit">{tag.unit}</span>
                </p>
                <p class={`quality ${row.quality}`}>
                    <span class="dot" aria-hidden="true" />
                    <span class="word">{qualityWords[row.quality] ?? String(row.quality)}</span>
                    {why && <span class="full-why">{why}</span>}
                </p>
                <p class="muted">
                    <Age row={row} />
                </p>
                <Expiry row={row} tag={tag} />
            </div>
        </div>
    );
}

// When the setpoint falls back unless SCADA writes it again.
function Expiry({ row, tag }: { row: Row; tag: Tag }) {
    void row.shown.value;
    void tick.value;
    const at = row.value?.expires_at;
    if (!at) return null;
    const left = Date.parse(at) - Date.now();
    const becomes = tag.mqtt.expire_value === null ? 'expires' : `becomes ${cutText(valueText(tag.mqtt.expire_value), 60)}`;
    if (row.reason === 'expired') return <p class="muted">expired at {timeText(at)}</p>;
    return (
        <p class="muted" title={timeText(at)}>
            {becomes} in {left < 1000 ? 'a moment' : ageText(left)} unless SCADA writes it again
        </p>
    );
}

function Age({ row }: { row: Row }) {
    void row.shown.value;
    const age = row.age(tick.value);
    return <>{age === null ? 'no age: nothing received' : age < 1000 ? 'received now' : `received ${ageText(age)} ago`}</>;
}

function Details({ tag, row, device }: { tag: Tag; row: Row; device: Device | null }) {
    void row.shown.value;
    const value = row.value;
    const raw = value?.raw ?? null;
    const { modbus, mqtt } = tag;
    const coding = [modbus.type, modbus.byte_order !== 'ABCD' && modbus.byte_order, modbus.bit !== null && `bit ${modbus.bit}`, isByteType(modbus.type) && `${modbus.byte ?? 'low'} byte`, modbus.length && `${modbus.length} registers`, (modbus.scale !== 1 || modbus.offset !== 0) && `× ${modbus.scale}${modbus.offset ? ` + ${modbus.offset}` : ''}`];
    const network = device?.network;
    return (
        <Card title="Addresses and counters">
            <Facts
                items={[
                    ['MQTT topic', <code>{cutText(mqtt?.topic ?? device?.mqtt.topic ?? '–', 500)}</code>],
                    ['Key', mqtt?.key ? <code>{cutText(mqtt.key, 500)}</code> : 'the whole payload'],
                    ...(mqtt?.command_topic ? [['Command topic', <code>{cutText(mqtt.command_topic, 500)}</code>] as [string, ComponentChildren]] : []),
                    ['Register', <>{registerText(tag)} (0-based), {modbus.modicon} (Modicon)</>],
                    ['Modbus server', network?.modbus_host ? `${serverText(network)}, unit ${network.unit_id}` : `${device ? placeOf(device).replace('on ', '') : 'this gateway'}, unit ${network?.unit_id ?? '…'}`],
                    ['Type', coding.filter(Boolean).join(', ')],
                    ['Direction', directionWords[tag.direction] ?? tag.direction],
                    [
                        'Raw registers',
                        raw?.length ? (
                            <>
                                <code>{rawText(raw)}</code> = {raw.join(', ')}
                            </>
                        ) : (
                            '–'
                        ),
                    ],
                    ['Received', timeText(value?.received_at)],
                    ['Written', timeText(value?.written_at)],
                    ...(mqtt.expires_s > 0 ? [['Expires after', `${mqtt.expires_s} s without a write by SCADA`] as [string, ComponentChildren]] : []),
                    ...(value?.expires_at ? [[value.reason === 'expired' ? 'Expired' : 'Expires', timeText(value.expires_at)] as [string, ComponentChildren]] : []),
                    ['Messages', `${countText(value?.messages)}, ${countText(value?.rejects)} refused`],
                    ['Last error', <LastError value={value} />],
                ]}
            />
        </Card>
    );
}

// What a client shows that reads the register in another way than the tag says: who knows the wrong number
// finds the setting that is wrong.
function Misread({ tag, row }: { tag: Tag; row: Row }) {
    void row.shown.value;
    const raw = row.value?.raw;
    const { type, scale, offset, table } = tag.modbus;
    const isByte = isByteType(type);
    const order = isByte ? (tag.modbus.byte ?? 'low') : tag.modbus.byte_order;
    const value = valueText(row.value?.value);
    if (!raw?.length || !typeWidths[type]) return null;
    const lines: [string, string][] = [];
    if (isByte) lines.push([decodeText(raw, type, order === 'low' ? 'high' : 'low'), `the other byte of the register in the client, the ${order} one here`]);
    for (const other of raw.length === 4 ? [...byteOrders, ...wideOrders] : byteOrders) if (!isByte && other !== order && !(raw.length === 4 && isSameOrder(other, order)) && (raw.length > 1 || other === 'BADC')) lines.push([decodeText(raw, type, other), `byte order ${other} in the client, ${order} here`]);
    if (scale !== 1 || offset !== 0) lines.push([decodeText(raw, type, order), `no scale in the client: value = register × ${scale}${offset ? ` + ${offset}` : ''}`]);
    const twin = { int8: 'uint8', uint8: 'int8', bcd16: 'uint16', bcd32: 'uint32', int16: 'uint16', uint16: 'int16', int32: 'uint32', uint32: 'int32', int64: 'uint64', uint64: 'int64', float32: 'uint32', float64: 'uint64' }[type];
    if (twin) lines.push([decodeText(raw, twin, order), `type ${twin} in the client, ${type} here`]);
    return (
        <Card title="If SCADA shows another value">
            <p class="muted">
                The value here is {cutText(value)}. What SCADA shows in its place says which setting differs there.
            </p>
            <table class="misread">
                <thead>
                    <tr>
                        <th scope="col">SCADA shows</th>
                        <th scope="col">Cause</th>
                    </tr>
                </thead>
                <tbody>
                    {lines
                        .filter(([shown]) => shown !== value)
                        .map(([shown, cause]) => (
                            <tr key={cause}>
                                <td>
                                    <code>{shown}</code>
                                </td>
                                <td>{cause}</td>
                            </tr>
                        ))}
                    <tr>
                        <td>a value of another tag, or 0</td>
                        <td>
                            the address: {tag.modbus.address} counts from 0, {tag.modbus.modicon} from 1; or another table ({tableWords[table]} here) or unit id. <a href={linkTo('registers')}>Registers</a> shows what is beside it.
                        </td>
                    </tr>
                    <tr>
                        <td>the same wrong value as here</td>
                        <td>{table === 'holding_register' || table === 'coil' ? 'the device sends it, or a SCADA client writes it: every client can write this table' : 'the device sends it'}</td>
                    </tr>
                    <tr>
                        <td>no value, or an exception</td>
                        <td>
                            <a href={linkTo('scada')}>SCADA</a> shows who is connected, and why a request was refused
                        </td>
                    </tr>
                </tbody>
            </table>
        </Card>
    );
}

const actionWords: Record<string, string> = { create: 'created', change: 'changed', delete: 'deleted', import: 'import', revert: 'change undone', copy: 'copied' };

function Changes({ tag }: { tag: Tag }) {
    const { data, problem } = usePolled((signal) => get<Page<AuditEntry>>(pathOf('audit'), { query: { device: tag.device, tag: tag.name, limit: 5 }, signal }), 0, [tag.device, tag.name, tag.revision]);
    return (
        <Card title="Newest changes" actions={<a href={`${linkTo('changes')}?${new URLSearchParams({ device: tag.device, tag: tag.name })}`}>All changes</a>}>
            <ProblemNote problem={problem} />
            {data?.items.length === 0 && <p class="muted">None is known.</p>}
            <ul class="events">
                {data?.items.map((entry) => (
                    <li key={entry.id}>
                        <time>{timeText(entry.at)}</time> {actionWords[entry.action] ?? entry.action}
                        {entry.who && ` by ${entry.who}`}
                        {entry.action === 'change' && <span class="muted"> {cutText(differencesText(entry.diff?.length ? entry.diff : differencesOf(entry.before, entry.after)), 300)}</span>}
                    </li>
                ))}
            </ul>
        </Card>
    );
}

export default function TagScreen({ parts }: ScreenProps) {
    const [device = '', tag = ''] = parts;
    useTitle(`${cutText(device, 60)}/${cutText(tag, 60)}`);
    const { data, problem } = usePolled((signal) => readTag(device, tag, signal), 0, [device, tag], [revision.value]);
    const last = useSignal<Known | null>(null);
    const isThis = (known: Known | null) => known && known.tag.device === device && known.tag.name === tag;
    if (data && data !== last.peek()) last.value = data;
    const known = isThis(data) ? data : isThis(last.value) ? last.value : null;
    const row = useRow(known?.tag ?? null, device, tag);
    const status = usePolled(
        async (signal) => {
            return await get<DeviceStatus>(devicePath(device, 'status'), { signal });
        },
        5000,
        [device],
    );
    const writing = useSignal(false);
    useEffect(() => {
        writing.value = false;
    }, [device, tag]);
    if (problem instanceof Problem && problem.status === 404)
        return (
            <div class="screen">
                <Heading title="There is no such tag" />
                <p>{problem.message} It may have been deleted, or has another name now.</p>
                <p>
                    <a href={linkTo('live')}>Live values</a>, <a href={`${linkTo('changes')}?${new URLSearchParams({ device, tag })}`}>changes of this tag</a>
                </p>
            </div>
        );
    if (!known || !row) return <div class="screen">{problem ? <ProblemNote problem={problem} /> : <Loading what="Reading the tag" />}</div>;
    const isPayloadError = ['not_json', 'subscription_refused', 'old_messages'].includes(row.reason ?? '');
    return (
        <div class="screen tag">
            <Head tag={known.tag} row={row} device={known.device} onWrite={() => (writing.value = true)} />
            <Advice row={row} device={known.device} deviceError={isPayloadError ? (status.data?.last_error ?? null) : null} deviceAt={status.data?.last_message_at ?? null} />
            <HistoryCard key={`${device}/${tag}`} tag={known.tag} row={row} />
            <div class="columns">
                <Chain tag={known.tag} device={known.device} row={row} />
                <div class="stack">
                    <Details tag={known.tag} row={row} device={known.device} />
                    <Misread tag={known.tag} row={row} />
                    <Changes tag={known.tag} />
                </div>
            </div>
            {writing.value && <WriteDialog tag={known.tag} etag={known.etag} row={row} onClose={() => (writing.value = false)} />}
        </div>
    );
}
