// Messages: the newest that came from the broker, with what became of each.
import { useSignal } from '@preact/signals';
import { useEffect, useMemo, useRef } from 'preact/hooks';
import { get, pathOf, type Page } from '../lib/api';
import { foldText, plural, timeText } from '../lib/format';
import { rows, rowsVersion } from '../lib/live';
import { outcomeWords } from '../lib/remedies';
import { linkTo, place, setQuery } from '../lib/router';
import type { Message } from '../lib/types';
import { Button, Card, Empty, Heading, Loading, ProblemNote } from '../ui/basic';
import { CommittedInput } from '../ui/form';
import { Dialog } from '../ui/dialog';
import { VirtualTable, type Column } from '../ui/table';
import { isNarrow, usePolled, useTitle } from '../ui/use';
import { MessageDetail } from './message-detail';
import { isRefused, outcomeLine, outcomeLabel, verdictOf } from './message-text';

const EVERY_MS = 1000;
const FIRST = 300; // messages at first
const KEPT = 1000;
const SHOWN_OF_PAYLOAD = 120;

const columns: Column<Message>[] = [
    { id: 'at', title: 'Received', width: '6rem', render: (message) => timeText(message.at) },
    {
        id: 'topic',
        title: 'Topic',
        width: 'minmax(10rem, 1.4fr)',
        render: (message) => (
            <span title={message.topic}>
                {message.topic}
                {message.retained && <span class="muted"> retained</span>}
            </span>
        ),
    },
    { id: 'device', title: 'Device', width: 'minmax(6rem, 0.7fr)', render: (message) => message.device ?? <span class="muted">–</span> },
    {
        id: 'outcome',
        title: 'What became of it',
        width: 'minmax(12rem, 1.6fr)',
        render: (message) => (
            <span class={`verdict ${verdictOf(message)}`} title={outcomeLine(message)}>
                {outcomeLine(message)}
            </span>
        ),
    },
    { id: 'payload', title: 'Payload', width: 'minmax(8rem, 1.6fr)', render: (message) => <code>{message.payload.slice(0, SHOWN_OF_PAYLOAD)}</code> },
];
const narrowColumns: Column<Message>[] = [columns[0]!, { ...columns[2]!, width: 'minmax(5rem, 1fr)', render: (message) => message.device ?? message.topic }, { ...columns[3]!, width: 'minmax(9rem, 1.6fr)' }];
const splitColumns = [columns[0]!, columns[1]!, columns[3]!];

// Follows the messages of one device, or of all. While `held`, new ones wait.
function useMessages(device: string, paused: boolean, held: boolean) {
    const shown = useSignal<Message[]>([]);
    const waiting = useSignal<Message[]>([]);
    const isRead = useSignal(false);
    const newest = useRef(0);
    const holds = useRef(held);
    holds.current = held;
    const release = () => {
        if (waiting.value.length === 0) return;
        shown.value = [...waiting.value, ...shown.value].slice(0, KEPT);
        waiting.value = [];
    };
    useEffect(() => {
        shown.value = [];
        waiting.value = [];
        isRead.value = false;
        newest.current = 0;
    }, [device]);
    useEffect(() => {
        if (!held) release();
    }, [held]);
    const { problem } = usePolled(
        async (signal) => {
            if (paused) return;
            const query = { device: device || null, limit: newest.current ? KEPT : FIRST, newer_than: newest.current };
            const { items } = await get<Page<Message>>(pathOf('messages'), { query, signal });
            if (signal.aborted) return;
            isRead.value = true;
            // Lower numbers than before: tagferry-mqttd counts from 0 again.
            if (items.some((message) => message.sequence <= newest.current)) shown.value = waiting.value = [];
            if (items.length > 0) newest.current = items[0]!.sequence;
            if (items.length > 0) waiting.value = [...items, ...waiting.value].slice(0, KEPT);
            if (!holds.current || shown.value.length === 0) release();
        },
        EVERY_MS,
        [device, paused],
    );
    return { items: shown.value, waiting: waiting.value.length, isRead: isRead.value, problem, release };
}

function DeviceFilter({ device }: { device: string }) {
    const names = useMemo(() => [...new Set([...rows.values()].map((row) => row.device))].sort(), [rowsVersion.value]);
    return (
        <>
            <CommittedInput
                type="search"
                class="device-filter"
                aria-label="Device"
                placeholder="Device"
                list="message-devices"
                value={device}
                onCommit={(text) => setQuery({ device: text || null })}
            />
            <datalist id="message-devices">
                {names.slice(0, 1000).map((name) => (
                    <option key={name} value={name} />
                ))}
            </datalist>
        </>
    );
}

function Nothing({ device, isFiltered, hasItems }: { device: string; isFiltered: boolean; hasItems: boolean }) {
    if (hasItems && isFiltered) return <Empty title="No message fits the filter" />;
    return (
        <Empty title="No message yet">
            <p>
                {device
                    ? `Nothing has come for ${device} since tagferry-mqttd started. Compare its topic with what the device publishes: capital letters matter.`
                    : 'tagferry-mqttd receives only the topics of devices.'}
            </p>
            <p>
                <a href={linkTo('learn')}>Learn</a> shows what the broker has.
            </p>
        </Empty>
    );
}

export default function MessagesScreen() {
    useTitle('Messages');
    const query = place.value.query;
    const device = query.get('device') ?? '';
    const text = query.get('topic') ?? '';
    const outcome = query.get('outcome') ?? '';
    const onlyRefused = query.get('refused') === 'true';
    const paused = useSignal(false);
    const selected = useSignal<Message | null>(null);
    const { items, waiting, isRead, problem, release } = useMessages(device, paused.value, selected.value !== null);
    const found = useMemo(() => {
        const folded = foldText(text);
        return items.filter((message) => foldText(message.topic).includes(folded) && (!outcome || message.outcome === outcome) && (!onlyRefused || isRefused(message)));
    }, [items, text, outcome, onlyRefused]);
    const open = selected.value;
    const close = () => (selected.value = null);
    const narrow = isNarrow.value;
    return (
        <div class="screen full">
            <Heading title="Messages">
                <DeviceFilter device={device} />
                <input type="search" aria-label="Topic" placeholder="Topic" value={text} onInput={(event) => setQuery({ topic: event.currentTarget.value || null })} />
                <select aria-label="What became of it" value={outcome} onChange={(event) => setQuery({ outcome: event.currentTarget.value || null })}>
                    <option value="">All outcomes</option>
                    {Object.keys(outcomeWords).map((name) => (
                        <option key={name} value={name}>
                            {outcomeLabel(name)}
                        </option>
                    ))}
                </select>
                <label class="check">
                    <input type="checkbox" checked={onlyRefused} onChange={(event) => setQuery({ refused: event.currentTarget.checked ? 'true' : null })} /> Only refused
                </label>
                <Button onClick={() => (paused.value = !paused.value)} aria-pressed={paused.value}>
                    {paused.value ? 'Continue' : 'Pause'}
                </Button>
            </Heading>
            <ProblemNote problem={problem} />
            {!isRead && !problem && !paused.value && <Loading />}
            {(isRead || items.length > 0) && (
                <>
                    <div class="muted summary waiting-line">
                        {paused.value ? 'Paused.' : open ? 'New messages wait while one is open.' : 'The newest messages, as they come.'}
                        {waiting > 0 && (
                            <Button kind="quiet" onClick={release}>
                                Show {plural(waiting, 'new message')}
                            </Button>
                        )}
                    </div>
                    <div class={`list-and-detail ${open && !narrow ? 'split' : ''}`}>
                        <VirtualTable
                            label="Messages"
                            columns={narrow ? narrowColumns : open ? splitColumns : columns}
                            items={found}
                            itemKey={(message) => String(message.sequence)}
                            rowHeight={34}
                            anchored
                            selected={open ? String(open.sequence) : null}
                            onSelect={(key) => (selected.value = found.find((message) => String(message.sequence) === key) ?? null)}
                            onKey={(event) => event.key === 'Escape' && close()}
                            empty={<Nothing device={device} isFiltered={Boolean(text || outcome || onlyRefused)} hasItems={items.length > 0} />}
                        />
                        {open && !narrow && (
                            <Card
                                title="Message"
                                class="detail"
                                actions={
                                    <Button kind="quiet" onClick={close}>
                                        Close
                                    </Button>
                                }
                            >
                                <MessageDetail key={open.sequence} message={open} />
                            </Card>
                        )}
                        {open && narrow && (
                            <Dialog title="Message" onClose={close}>
                                <div class="detail">
                                    <MessageDetail key={open.sequence} message={open} />
                                </div>
                                <div class="buttons">
                                    <Button onClick={close}>Close</Button>
                                </div>
                            </Dialog>
                        )}
                    </div>
                </>
            )}
        </div>
    );
}
