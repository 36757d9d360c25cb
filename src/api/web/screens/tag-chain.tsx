// The chain of a tag: from the newest message to the register and its server, each step with what it gave.
import type { ComponentChildren } from 'preact';
import { get, pathOf, request, type Page } from '../lib/api';
import { decodeText, isByteType } from '../lib/decode';
import { cutText, plural, rawText, registerText, timeText } from '../lib/format';
import type { Row } from '../lib/live';
import { memberOf } from '../lib/members';
import { linkTo } from '../lib/router';
import { findKey, hexParts, listValues, markFault, prettyParts } from '../lib/payload';
import { errorWords, formatWords, wordsOf } from '../lib/remedies';
import type { Device, Message, Tag, Value } from '../lib/types';
import { Card, Loading, ProblemNote } from '../ui/basic';
import { useMarkInView, usePolled } from '../ui/use';

export interface Preview {
    message: { topic: string; at: string; retained: boolean; payload: string; encoding: 'text' | 'hex'; looks_like: string | null; bytes: number; discovery: number | null } | null;
    key: string;
    found: boolean;
    json: unknown;
    matched?: string | null;
    read?: number | boolean | string | null;
    value: Value['value'];
    raw: number[];
    hex: string[];
    is_on_stale: boolean;
    unit_id: number;
    server: string | null;
    error: { code: string; detail: string } | null;
    isCut?: boolean; // the message is longer than what is kept of it
    keys?: string | null; // of a message that is cut, as tagferry-mqttd noted them
    wrong?: number | null; // the byte at which a payload is not JSON
}

// Of a long message only the beginning is kept. If the value is in it, what tagferry-mqttd made of the whole
// message completes the chain.
export function completeCut(preview: Preview, tag: Tag, row: Row): Preview {
    const { message, error } = preview;
    if (error?.code !== 'payload_cut' || !message) return preview;
    const last = row.value?.last_error;
    if (last?.code === 'too_large' && last.at === message.at) return { ...preview, error: { code: last.code, detail: `${message.bytes} bytes` } };
    if (message.encoding !== 'text') return preview;
    const place = tag.mqtt.payload === 'text' ? null : findKey(message.payload, tag.mqtt.key);
    if (!place || place.to >= message.payload.length) return { ...preview, isCut: true };
    const { value } = row;
    let json: unknown = null;
    try {
        json = JSON.parse(message.payload.slice(place.from, place.to).replace(/^"(?:[^"\\]|\\.)*"\s*:/, ''));
    } catch {
        json = place.text;
    }
    const mapped = memberOf(tag.mqtt.values, String(json));
    const refused = value?.last_error && Math.abs(Date.parse(value.last_error.at ?? '') - Date.parse(message.at)) < 1000 ? value.last_error : null;
    const read = mapped ?? (typeof json === 'number' || typeof json === 'boolean' ? json : null);
    return { ...preview, isCut: true, found: true, json, read, value: value?.value ?? null, raw: refused ? [] : (value?.raw ?? []), error: refused };
}

type State = 'good' | 'bad' | 'look' | 'unknown';

interface Step {
    title: string;
    state: State;
    gave: ComponentChildren;
    fault?: ComponentChildren; // where the chain ends, in words
}

const PAYLOAD_SHOWN = 4000;
const HEX_SHOWN = 2048; // digits

function Payload({ preview }: { preview: Preview }) {
    const message = preview.message!;
    const wrong = preview.wrong ?? null;
    const box = useMarkInView(`${preview.key} ${wrong !== null}`);
    let parts;
    if (message.encoding === 'hex') {
        parts = hexParts(message.payload.slice(0, HEX_SHOWN), wrong);
    } else {
        const isText = preview.key === '' && !/^\s*[{["]/.test(message.payload);
        const shown = cutText(message.payload, PAYLOAD_SHOWN);
        const mark = wrong !== null ? markFault(message.payload, wrong) : findKey(message.payload, preview.key);
        parts = prettyParts(shown, isText && wrong === null ? { from: 0, to: shown.length } : mark);
    }
    return (
        <pre ref={box} class={`payload ${message.encoding} ${wrong === null ? '' : 'wrong'}`} tabIndex={0} aria-label="Payload">
            {parts.map((part, index) => (part.marked ? <mark key={index}>{part.text}</mark> : part.text))}
        </pre>
    );
}

// The keys that a message has, as a tag would name them.
function keysIn(payload: string): string {
    const keys = listValues(payload)
        .filter((value) => value.path.length > 0 && !/^[{[]/.test(value.text))
        .map((value) => (value.path.length === 1 ? value.path[0]! : '/' + value.path.map((step) => step.replaceAll('~', '~0').replaceAll('/', '~1')).join('/')));
    return keys.length > 0 ? `${keys.slice(0, 30).join(', ')}${keys.length > 30 ? ' …' : ''}` : 'none';
}

function jsonText(value: unknown): string {
    return cutText(JSON.stringify(value) ?? '', 300);
}

function ErrorWords({ code, detail }: { code: string; detail: string }) {
    const words = wordsOf(errorWords, code);
    return (
        <>
            <strong>Ends here: {words.title}</strong>
            {detail && (
                <>
                    {' '}
                    (<code>{cutText(detail, 300)}</code>)
                </>
            )}
            . {words.text} {words.remedy && <>What to do: {words.remedy}</>}
        </>
    );
}

// The number of the step at which each fault ends the chain.
const faultSteps: Record<string, string> = {
    no_match: 'pattern',
    unmapped_string: 'values',
    not_a_number: 'number',
    not_a_string: 'number',
    inexact_integer: 'number',
    null_value: 'number',
    bad_quality: 'quality',
    out_of_range: 'type',
    too_long: 'type',
};

function messageStep(preview: Preview, topic: string, device: string): Step {
    const { message, error } = preview;
    if (!message)
        return {
            title: 'Message',
            state: 'bad',
            gave: `none on ${topic} is known`,
            fault: (
                <>
                    <strong>Ends here: no message.</strong> Does the device publish, and on exactly this topic? Capital letters matter. <a href={linkTo('messages')}>Messages</a> has the newest of all topics: those that no device takes have the outcome "nobody" or "not selected". A message that came before the newest thousand is not kept.
                </>
            ),
        };
    const looks = message.looks_like ? wordsOf(formatWords, message.looks_like) : null;
    const isWrong = error !== null && ['invalid_json', 'too_large', 'invalid_sparkplug', 'no_birth'].includes(error.code);
    return {
        title: 'Message',
        state: isWrong ? 'bad' : 'good',
        gave: (
            <>
                {timeText(message.at)} on <code>{cutText(message.topic, 300)}</code>, {plural(message.bytes, 'byte')}
                {message.retained && ', retained'} (<a href={`${linkTo('messages')}?device=${encodeURIComponent(device)}`}>all messages of the device</a>)
                <Payload preview={preview} />
                {preview.isCut && (
                    <p class="muted">
                        Only the first 1,023 bytes of a message are kept. To see all of it, <a href={linkTo('learn')}>listen to the topic</a>.
                    </p>
                )}
            </>
        ),
        fault: isWrong ? (
                <>
                    <ErrorWords {...error} />
                    {looks && ` It looks like ${looks.title}. ${looks.remedy ?? ''}`}
                </>
            ) : undefined,
    };
}

function keyStep(preview: Preview, tag: Tag): Step {
    const { message, found, json } = preview;
    const keys = preview.keys ?? keysIn(message!.payload) + (preview.isCut ? ', and those behind the part that is kept' : '');
    const name = tag.mqtt.key.startsWith('/') ? tag.mqtt.key.split('/')[1] : tag.mqtt.key;
    const isUnknown = !found && preview.isCut && (!preview.keys || preview.keys.split(', ').includes(name!));
    const key = tag.mqtt.key === '' ? 'the whole payload' : tag.mqtt.key;
    return {
        title: `Key ${cutText(key, 100)}`,
        state: found ? 'good' : isUnknown ? 'look' : 'bad',
        gave: found ? <code>{tag.mqtt.payload === 'text' ? cutText(message!.payload, 300) : jsonText(json)}</code> : 'nothing',
        fault: found ? undefined : (
            <>
                <strong>{isUnknown ? 'The part of the message that is kept does not have this key.' : 'Ends here: the message does not have this key.'}</strong> It has: <code>{cutText(keys, 600)}</code>. Capital letters matter; a key within an object is a pointer, <code>/a/b</code>; an element of an array is chosen by a member, <code>/values/id=T1/v</code>. What to do: change the key of the tag, or wait for a message that has it.
            </>
        ),
    };
}

// The steps from the value in the message to the words of the registers.
function conversionSteps(preview: Preview, tag: Tag): Step[] {
    const { mqtt, modbus } = tag;
    const { matched, read, raw } = preview;
    const steps: { id: string; title: string; gave: ComponentChildren }[] = [];
    const text = matched ?? (typeof preview.json === 'string' ? preview.json : preview.json === undefined || preview.json === null ? '' : jsonText(preview.json));
    if (mqtt.quality_key) steps.push({ id: 'quality', title: `Quality key ${mqtt.quality_key}`, gave: 'good' });
    if (mqtt.pattern !== null) steps.push({ id: 'pattern', title: `Pattern ${mqtt.pattern}`, gave: <code>{cutText(matched ?? '', 300)}</code> });
    const entry = mqtt.values && Object.entries(mqtt.values).find(([word]) => word === text || word === text.trim());
    if (mqtt.values) steps.push({ id: 'values', title: 'Value map', gave: entry ? `${entry[0]} = ${entry[1]}` : 'no entry: taken as a number' });
    const form = { decimal: 'decimal', decimal_comma: 'with a decimal comma', hex: 'hexadecimal' }[mqtt.number] ?? mqtt.number;
    if (modbus.type !== 'string' && !entry) steps.push({ id: 'number', title: `Number, ${form}`, gave: `${read ?? ''}${tag.unit && ` ${tag.unit}`}` });
    const isScaled = modbus.scale !== 1 || modbus.offset !== 0;
    const scaled = typeof read === 'number' ? (read - modbus.offset) / modbus.scale : null;
    if (isScaled && modbus.type !== 'bool' && modbus.type !== 'string')
        steps.push({
            id: 'scale',
            title: 'Scale and offset',
            gave: scaled === null ? '' : `(${read} − ${modbus.offset}) / ${modbus.scale} = ${Number(scaled.toPrecision(12))}`,
        });
    const stored = raw.length === 0 ? '' : modbus.type === 'string' ? String(preview.value ?? '') : modbus.type === 'bool' ? String(preview.value) : decodeText(raw, modbus.type, isByteType(modbus.type) ? (modbus.byte ?? 'low') : modbus.byte_order);
    const isRounded = scaled !== null && /int|bcd/.test(modbus.type) && !Number.isInteger(Number(scaled.toPrecision(12)));
    steps.push({ id: 'type', title: `Type ${modbus.type}${modbus.length ? `, ${plural(modbus.length, 'register')}` : ''}`, gave: <>{cutText(stored, 300)}{isRounded && ' (rounded)'}{preview.is_on_stale && ' (the value is null: on_stale)'}</> });
    if (raw.length > 0)
        steps.push({
            id: 'order',
            title: isByteType(modbus.type) ? `Register word, ${modbus.byte ?? 'low'} byte` : raw.length > 1 || modbus.byte_order !== 'ABCD' ? `Byte order ${modbus.byte_order}` : 'Register word',
            gave: (
                <>
                    <code>{rawText(raw.slice(0, 16))}{raw.length > 16 ? ' …' : ''}</code> = {raw.slice(0, 8).join(', ')}{raw.length > 8 ? ' …' : ''}
                </>
            ),
        });
    const { error } = preview;
    if (!error) return steps.map((step) => ({ ...step, state: 'good' as const }));
    const ends = faultSteps[error.code];
    const known = steps.findIndex((step) => step.id === ends);
    const at = known >= 0 ? known : steps.findIndex((step) => step.id === 'type');
    return steps.slice(0, at + 1).map((step, index) => (index < at ? { ...step, state: 'good' as const } : { ...step, gave: '', state: 'bad' as const, fault: <ErrorWords {...error} /> }));
}

function sameWords(one: number[] | null | undefined, other: number[]): boolean {
    return Boolean(one) && one!.length === other.length && one!.every((word, index) => word === other[index]);
}

function registerSteps(preview: Preview | null, tag: Tag, row: Row): Step[] {
    const value = row.value;
    const local = !preview?.server;
    const error = value?.last_error;
    const isModbusFault = error && (error.code === 'modbus_unreachable' || error.code === 'modbus_exception');
    const down = row.reason === 'modbusd_down' || row.reason === 'target_down' || (isModbusFault && row.quality !== 'good');
    // Only if the preview is of the message that gave the newest value, or of one that has not for some time.
    const receivedMs = value?.received_at ? Date.parse(value.received_at) : null;
    const messageMs = preview?.message ? Date.parse(preview.message.at) : 0;
    const isOfMessage = receivedMs === messageMs || (receivedMs !== null && messageMs > receivedMs + 3000);
    const differs = preview && isOfMessage && !preview.error && preview.raw.length > 0 && tag.modbus.bit === null && !isByteType(tag.modbus.type) && value?.raw && !sameWords(value.raw, preview.raw);
    const heldBack = tag.direction === 'both' ? `A write of SCADA counts for ${tag.mqtt.hold_off_ms / 1000} s, ` : '';
    return [
        {
            title: `Register ${registerText(tag)} (${tag.modbus.modicon}), unit ${preview?.unit_id ?? '…'}`,
            state: differs ? 'look' : value?.raw ? 'good' : 'unknown',
            gave: value?.raw ? (
                <>
                    <code>{rawText(value.raw.slice(0, 16))}</code> shows as <strong>{cutText(String(value.value), 300)}</strong> {tag.unit}
                </>
            ) : (
                'not read yet'
            ),
            fault: differs ? (
                <>
                    The register has something else than the newest message. {heldBack || 'A newer message may be on its way; '}
                    {!heldBack && (tag.modbus.table === 'holding_register' || tag.modbus.table === 'coil') ? 'every SCADA client can write this table: if another client writes it, choose a table that clients can only read, or an allow rule with "ro".' : heldBack ? 'then the next message does.' : 'look again in some seconds.'}
                </>
            ) : undefined,
        },
        {
            title: local ? 'Modbus server: this gateway (port 8502, unless configured otherwise)' : `Modbus server ${preview!.server}`,
            state: down ? 'bad' : value?.written_at || local ? 'good' : 'unknown',
            gave: value?.written_at ? `written ${timeText(value.written_at)}` : down ? 'not written' : local ? 'SCADA clients read it there' : 'nothing written yet',
            fault: row.reason === 'modbusd_down' ? 'Ends here: tagferry-modbusd does not take values. They are kept and written when it runs again.' : down && error && isModbusFault ? <ErrorWords code={error.code} detail={error.detail} /> : down ? 'Ends here: the server does not take values. The value is kept and written later.' : undefined,
        },
    ];
}

// The way of a value that SCADA writes.
function commandSteps(tag: Tag, row: Row, from: Step[]): Step[] {
    const error = row.value?.last_error;
    const isFault = error && ['unmapped_number', 'not_a_number', 'out_of_range', 'not_a_string'].includes(error.code) && tag.direction === 'to_mqtt';
    const template = tag.mqtt.command_template ?? (tag.mqtt.key ? `{"${tag.mqtt.key.split('/').pop()}": value}` : 'the value alone');
    return [
        ...from,
        {
            title: 'Command: a write of SCADA, converted back',
            state: isFault ? 'bad' : 'unknown',
            gave: tag.mqtt.values ? 'the number becomes the word of the value map' : 'the value as SCADA has written it',
            fault: isFault ? <ErrorWords code={error.code} detail={error.detail} /> : undefined,
        },
        {
            title: 'Published',
            state: 'unknown',
            gave: (
                <>
                    <code>{cutText(template, 300)}</code> on <code>{cutText(tag.mqtt.command_topic ?? '', 300)}</code>
                </>
            ),
        },
    ];
}

// Reasons for which messages do not come, or do not count, whatever they have.
const arrivalFaults: Record<string, string> = {
    disabled: 'the tag or its device is switched off, so that its messages are not read',
    other_gateway: 'another gateway holds the device, so that its messages are not read here',
    broker_lost: 'there is no connection to the MQTT broker',
    mqttd_down: 'tagferry-mqttd does not run, so that no message is read',
    subscription_refused: 'the broker refuses the topic, so that no message comes',
    unavailable: 'the device says that it is not available, whatever its messages have',
    silent: 'no live message has come for too long',
    old_messages: 'by its time stamp the newest message is older than one before, and does not count',
};

// The step before the message, if the way ends there: the steps behind it tell of the newest message.
function arrivalStep(row: Row, hasMessage: boolean): Step | null {
    const fault = arrivalFaults[row.reason ?? ''];
    if (row.quality === 'good' || !fault) return null;
    return { title: 'Device and broker', state: 'bad', gave: '', fault: <><strong>Ends here: {fault}.</strong> What to do is said above. {hasMessage && 'The steps below are those of the newest message.'}</> };
}

export function stepsOf(preview: Preview | null, tag: Tag, device: Device | null, row: Row): Step[] {
    if (tag.direction === 'to_mqtt') return commandSteps(tag, row, registerSteps(preview, tag, row));
    if (!preview || !tag.mqtt || tag.direction === 'constant' || tag.direction === 'companion') return registerSteps(preview, tag, row);
    const first = messageStep(preview, tag.mqtt.topic ?? device?.mqtt.topic ?? '', tag.device);
    const steps = [first];
    if (preview.message && first.state === 'good') {
        const key = keyStep(preview, tag);
        steps.push(key);
        if (key.state === 'good') steps.push(...conversionSteps(preview, tag));
    }
    const arrival = arrivalStep(row, preview.message !== null);
    if (arrival) steps.splice(0, steps.length, arrival, ...(preview.message ? steps.map((step) => (step.state === 'good' ? { ...step, state: 'unknown' as const } : step)) : []));
    const isOver = steps.some((step) => step.state === 'bad');
    // What is behind the end keeps its value.
    steps.push(...registerSteps(preview, tag, row).map((step) => (isOver && step.state === 'good' ? { ...step, state: 'unknown' as const } : step)));
    return tag.direction === 'both' ? commandSteps(tag, row, steps) : steps;
}

const stateWords: Record<State, string> = { good: 'done', bad: 'ends here', look: 'look here', unknown: '' };

export function Chain({ tag, device, row }: { tag: Tag; device: Device | null; row: Row }) {
    void row.shown.value;
    const { data, problem } = usePolled(
        async (signal) => {
            const { body } = await request<Preview>('POST', pathOf('discoveries', 'preview'), { body: { device: tag.device, tag: { name: tag.name } }, signal });
            const { message, error } = body;
            if (!message || !error || !['payload_cut', 'invalid_json'].includes(error.code)) return body;
            const { items } = await get<Page<Message>>(pathOf('messages'), { query: { device: tag.device, limit: 20 }, signal });
            const own = items.filter((item) => item.topic === message.topic);
            return { ...body, keys: own.find((item) => item.keys)?.keys ?? null, wrong: own.find((item) => item.at === message.at)?.error?.byte ?? null };
        },
        4000,
        [tag.device, tag.name, tag.revision],
    );
    return (
        <Card title="From the message to the register" class="chain-card">
            <ProblemNote problem={problem} />
            {!data && !problem && <Loading what="Reading the newest message" />}
            <ol class="chain">
                {stepsOf(data && completeCut(data, tag, row), tag, device, row).map((step, index) => (
                    <li key={index} class={step.state}>
                        <h3>
                            {cutText(step.title, 200)}
                            {stateWords[step.state] && <span class="state-word"> {stateWords[step.state]}</span>}
                        </h3>
                        <div class="gave">{step.gave}</div>
                        {step.fault && <p class="fault-text">{step.fault}</p>}
                    </li>
                ))}
            </ol>
        </Card>
    );
}
