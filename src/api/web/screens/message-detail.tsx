// One message: what became of it, what to do, and its payload with the place that matters.
import { get, tagPath, devicePath, type Page } from '../lib/api';
import { bytesText, plural, timeText } from '../lib/format';
import { mayChange } from '../lib/gateways';
import { byteLength, findKey, hexParts, markFault, prettyParts, type Mark } from '../lib/payload';
import { formatWords, wordsOf } from '../lib/remedies';
import { linkTo } from '../lib/router';
import type { Message, Tag } from '../lib/types';
import { Facts } from '../ui/basic';
import { useMarkInView, usePolled } from '../ui/use';
import { explain, missedTags, verdictOf } from './message-text';

const TAGS_SHOWN = 50;

function isWhole(message: Message): boolean {
    return message.encoding === 'text' ? byteLength(message.payload) >= message.bytes : message.payload.length / 2 >= message.bytes;
}

// The part of a text that the fault is about.
function findMark(message: Message, faultTag: Tag | null): Mark | null {
    const { error, payload } = message;
    if (error && error.byte !== null) return markFault(payload, error.byte);
    return faultTag ? findKey(payload, faultTag.mqtt.key) : null;
}

function faultPlace(byte: number, kept: number, bytes: number): string {
    if (byte >= bytes) return `The payload ends at byte ${bytes}, before its JSON is complete.`;
    return byte < kept ? `The fault is at byte ${byte}, which is marked.` : `The fault is at byte ${byte}, behind the part that is kept.`;
}

function Payload({ message, mark }: { message: Message; mark: Mark | null }) {
    const whole = isWhole(message);
    const kept = message.encoding === 'text' ? byteLength(message.payload) : message.payload.length / 2;
    const byte = message.error?.byte ?? null;
    const box = useMarkInView(`${message.sequence} ${mark?.from}`);
    return (
        <>
            {message.bytes === 0 && <p class="muted">The payload is empty.</p>}
            {message.bytes > 0 && message.encoding === 'text' && (
                <pre ref={box} class="payload" tabIndex={0} aria-label="Payload">
                    {prettyParts(message.payload, mark).map((part, index) => (part.marked ? <mark key={index}>{part.text}</mark> : part.text))}
                    {!whole && <span class="muted"> …</span>}
                </pre>
            )}
            {message.bytes > 0 && message.encoding === 'hex' && (
                <pre ref={box} class="payload hex" tabIndex={0} aria-label="Payload in hex">
                    {hexParts(message.payload, byte).map((part, index) => (part.marked ? <mark key={index}>{part.text}</mark> : part.text))}
                    {!whole && <span class="muted">{'\n…'}</span>}
                </pre>
            )}
            {byte !== null && message.bytes > 0 && <p class="muted">{faultPlace(byte, kept, message.bytes)}</p>}
            {!whole && (
                <p class="muted">
                    The first {kept} of {bytesText(message.bytes)} are kept.
                </p>
            )}
        </>
    );
}

// What each tag of the device finds in the payload.
function TagKeys({ message, tags }: { message: Message; tags: Tag[] }) {
    const own = tags.filter((tag) => tag.enabled && tag.mqtt && tag.mqtt.topic === null && tag.mqtt.payload === 'json');
    if (own.length === 0 || !isWhole(message)) return null;
    const found = own.map((tag) => ({ tag, value: findKey(message.payload, tag.mqtt.key) }));
    // Those that found nothing come first: they are what one looks for.
    found.sort((a, b) => Number(a.value !== null) - Number(b.value !== null));
    return (
        <table class="tag-keys">
            <thead>
                <tr>
                    <th scope="col">Tag</th>
                    <th scope="col">Key</th>
                    <th scope="col">In this message</th>
                </tr>
            </thead>
            <tbody>
                {found.slice(0, TAGS_SHOWN).map(({ tag, value }) => (
                    <tr key={tag.name}>
                        <td>
                            <a href={linkTo('tags', tag.device, tag.name)}>{tag.name}</a>
                        </td>
                        <td>
                            <code>{tag.mqtt.key || '(whole payload)'}</code>
                        </td>
                        <td class={value ? '' : 'missing'}>{value ? value.text.replace(/^"[^"]*"\s*:\s*/, '') : 'not there'}</td>
                    </tr>
                ))}
            </tbody>
            {found.length > TAGS_SHOWN && <caption>and {found.length - TAGS_SHOWN} more</caption>}
        </table>
    );
}

export function MessageDetail({ message }: { message: Message }) {
    const { device, error } = message;
    const wantsTags = device !== null && (error?.tag || missedTags(message) > 0);
    const { data } = usePolled(
        async (signal) => {
            if (!wantsTags) return [];
            const page = await get<Page<Tag>>(devicePath(device, 'tags'), { query: { limit: 1000 }, signal });
            const isListed = !error?.tag || page.items.some((tag) => tag.name === error.tag);
            return isListed ? page.items : [...page.items, await get<Tag>(tagPath(device, error!.tag!), { signal })];
        },
        0,
        [message.sequence],
    );
    const tags = data ?? [];
    const faultTag = tags.find((tag) => tag.name === error?.tag) ?? null;
    const looks = message.looks_like ? wordsOf(formatWords, message.looks_like) : null;
    return (
        <>
            <Facts
                items={[
                    ['Received', `${timeText(message.at)}${message.retained ? ', retained by the broker' : ''}`],
                    ['Topic', <code key="topic">{message.topic}</code>],
                    ['Device', device === null ? <a key="device" href={`${linkTo('learn')}?topic=${encodeURIComponent(message.topic)}`}>none: learn this topic</a> : <a key="device" href={linkTo('devices', device)}>{device}</a>],
                    ['Size', bytesText(message.bytes)],
                ]}
            />
            <ul class={`explained ${verdictOf(message)}`}>
                {explain(message).map((item) => (
                    <li key={item.title}>
                        <strong>{item.title}</strong>
                        {item.text && <p>{item.text}</p>}
                        {item.remedy && <p class="remedy">{item.remedy}</p>}
                    </li>
                ))}
                {looks && (
                    <li>
                        <strong>It looks like {looks.title}</strong>
                        {looks.remedy && <p class="remedy">{looks.remedy}</p>}
                    </li>
                )}
                {!looks && message.encoding === 'hex' && (
                    <li>
                        <strong>It is not text, and of no format that is known</strong>
                        <p class="remedy">Raw numbers, or encrypted: look into the documents of the device.</p>
                    </li>
                )}
            </ul>
            {message.keys && (
                <p>
                    Keys in the message: <code>{message.keys}</code>
                </p>
            )}
            <Payload message={message} mark={findMark(message, faultTag)} />
            {missedTags(message) > 0 && message.encoding === 'text' && <TagKeys message={message} tags={tags} />}
            {faultTag && (
                <p>
                    {mayChange.value ? <a href={linkTo('devices', faultTag.device, 'tags', faultTag.name, 'edit')}>Edit {faultTag.name}</a> : <a href={linkTo('tags', faultTag.device, faultTag.name)}>{faultTag.name}</a>}
                    <span class="muted">
                        {' '}
                        key <code>{faultTag.mqtt.key || '(whole payload)'}</code>, {faultTag.modbus.type}
                        {faultTag.modbus.length ? ` of ${plural(faultTag.modbus.length, 'register')}` : ''}
                    </span>
                </p>
            )}
        </>
    );
}
