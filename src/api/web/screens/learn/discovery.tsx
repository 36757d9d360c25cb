// One discovery: what it hears as a tree, then the proposal for what is ticked.
import { useSignal } from '@preact/signals';
import { useEffect, useRef } from 'preact/hooks';
import { Problem } from '../../lib/api';
import { countText, plural } from '../../lib/format';
import { go, guardUnsaved, linkTo } from '../../lib/router';
import { mayWrite } from '../../lib/session';
import { Button, Empty, Heading, Loading, Note, ProblemNote } from '../../ui/basic';
import { ask } from '../../ui/dialog';
import { usePolled, useTitle } from '../../ui/use';
import { isNew, readHeard, type Discovery, type Heard } from './heard';
import { LearnProposal } from './proposal';
import { deleteDiscovery, startDiscovery, stateWords } from './start';
import { noTicks, refreshTicks, setTicks, type Ticks } from './ticks';
import { HeardTree } from './tree';

const LOOK_EVERY_MS = 500;
const WAITING_EVERY_MS = 400;
const RUNNING_EVERY_MS = 900;
const ENDED_EVERY_MS = 10000; // what has ended changes only when tags are made
const READ_SHARE = 4; // of a long read: how many times as long to wait

function readAgainAfter(state: Discovery['state'], tookMs: number): number {
    if (state === 'waiting') return WAITING_EVERY_MS;
    return state === 'running' ? Math.max(RUNNING_EVERY_MS, tookMs * READ_SHARE) : ENDED_EVERY_MS;
}

// Reads a discovery each second while it runs. A long one is read as often as costs little.
function useHeard(id: string) {
    const last = useRef<{ heard: Heard; at: number; tookMs: number } | null>(null);
    const polled = usePolled(
        async (signal) => {
            const { current } = last;
            const began = performance.now();
            if (current && began - current.at < readAgainAfter(current.heard.discovery.state, current.tookMs)) return current.heard;
            const heard = await readHeard(id, signal);
            last.current = { heard, at: performance.now(), tookMs: performance.now() - began };
            return heard;
        },
        LOOK_EVERY_MS,
        [id],
    );
    const reload = () => {
        last.current = null;
        polled.reload();
    };
    return { ...polled, reload };
}

function Losses({ discovery }: { discovery: Discovery }) {
    const { dropped_messages, lost_messages, lost_keys } = discovery.totals;
    const losses = [
        dropped_messages > 0 && `${plural(dropped_messages, 'message')} came faster than a discovery may read`,
        lost_messages > 0 && `${plural(lost_messages, 'message')} of further topics did not fit`,
        lost_keys > 0 && `${plural(lost_keys, 'value')} of further keys did not fit`,
    ].filter(Boolean);
    if (losses.length === 0) return null;
    return <Note kind="warning">Not all was heard: {losses.join(', ')}. Listen to a part of the topics to see the rest.</Note>;
}

function StateLine({ heard }: { heard: Heard }) {
    const { discovery, serverNow } = heard;
    const { messages, topics } = discovery.totals;
    const heardText = `${plural(messages, 'message')} of ${plural(topics, 'topic')}`;
    if (discovery.state !== 'running')
        return (
            <span class="muted">
                {stateWords[discovery.state]}, {heardText}
            </span>
        );
    const left = Math.max(0, Math.ceil((Date.parse(discovery.ends_at) - serverNow) / 1000));
    return (
        <span class="learn-state">
            <progress aria-label="Time listened" max={discovery.seconds} value={discovery.seconds - left} />
            <span>
                listening, {countText(left)} s left, {heardText}
            </span>
        </span>
    );
}

// Why there is nothing in the tree.
function NothingHeard({ heard, filtered }: { heard: Heard; filtered: boolean }) {
    const { discovery } = heard;
    if (filtered) return <Empty title="Nothing fits the search" />;
    if (discovery.state === 'waiting')
        return (
            <Empty title="Not begun yet">
                <p>It begins by itself as soon as tagferry-mqttd and the broker answer.</p>
            </Empty>
        );
    if (discovery.state === 'refused')
        return (
            <Empty title="The broker refuses these topics">
                <p>Permit tagferry-mqttd to read them in the settings of the broker, or listen to others.</p>
            </Empty>
        );
    const topics = discovery.topics.join(', ');
    if (discovery.state === 'running')
        return (
            <Empty title="No message yet">
                <p>
                    Nothing has come for <code>{topics}</code> so far. Retained messages come at once, others when the devices send them.
                </p>
            </Empty>
        );
    return (
        <Empty title="No message came">
            <p>
                Nobody has published anything to <code>{topics}</code>. Check the topic, for capital letters too, and that the devices use this broker; listen for longer to
                devices that send seldom.
            </p>
        </Empty>
    );
}

function GoneDiscovery({ id }: { id: string }) {
    return (
        <div class="screen learn">
            <Heading title="Learn" />
            <Empty whole title={`Discovery ${id} is not kept any more`}>
                <p>The newest twenty are kept, and what they have heard until it is forgotten by hand. Devices and tags that were made from it are there.</p>
                <a class="button primary" href={linkTo('learn')}>
                    Listen again
                </a>
            </Empty>
        </div>
    );
}

export function LearnDiscovery({ id }: { id: string }) {
    useTitle('Learn');
    const { data: heard, problem, reload } = useHeard(id);
    const ticks = useSignal<Ticks>(noTicks);
    const seen = useRef(new Set<string>());
    const needle = useSignal('');
    const onlyNew = useSignal(false);
    const proposing = useSignal(false);
    const isSaved = useSignal(false);
    const startProblem = useSignal<Problem | null>(null);
    const topics = heard?.topics;
    useEffect(() => {
        if (topics) ticks.value = refreshTicks(ticks.value, topics, seen.current);
    }, [topics]);
    const count = ticks.value.values.size;
    const unsaved = mayWrite.value && count > 0 && !isSaved.value;
    useEffect(() => {
        if (!unsaved) return undefined;
        return guardUnsaved(() => ask('Leave without saving?', 'The values that you have ticked are not in registers yet.', 'Leave', true));
    }, [unsaved]);

    if (problem?.status === 404) return <GoneDiscovery id={id} />;
    if (!heard) return problem ? <ProblemNote problem={problem} /> : <Loading />;
    const { discovery } = heard;
    if (proposing.value)
        return (
            <LearnProposal
                heard={heard}
                ticked={ticks.value.values}
                onBack={() => {
                    proposing.value = false;
                    isSaved.value = false;
                    reload();
                }}
                onSaved={(saved) => (isSaved.value = saved)}
            />
        );
    const fresh = heard.topics.reduce((sum, topic) => sum + topic.keys.filter(isNew).length, 0);
    const again = async () => {
        try {
            await startDiscovery(discovery.topics, discovery.seconds);
        } catch (error) {
            startProblem.value = error instanceof Problem ? error : new Problem(0, 'Error', String(error));
        }
    };
    const tickAll = () => {
        const ids: string[] = [...seen.current];
        ticks.value = refreshTicks(setTicks(noTicks, ids, true, ''), heard.topics, seen.current);
    };
    const isOver = discovery.state === 'done' || discovery.state === 'refused';
    return (
        <div class="screen full learn">
            <Heading title={<span class="learn-title">{discovery.topics.join(', ')}</span>}>
                <StateLine heard={heard} />
                {mayWrite.value && isOver && <Button onClick={again}>Listen again</Button>}
                {mayWrite.value && (
                    <Button kind="quiet" onClick={async () => (await deleteDiscovery(discovery)) && go(linkTo('learn'))}>
                        Forget
                    </Button>
                )}
            </Heading>
            <ProblemNote problem={problem ?? startProblem.value} />
            {discovery.reason && <Note kind={discovery.state === 'refused' ? 'wrong' : 'warning'}>{discovery.reason}</Note>}
            <Losses discovery={discovery} />
            <div class="learn-bar">
                <input type="search" aria-label="Search topics, keys and values" placeholder="Search" value={needle.value} onInput={(event) => (needle.value = event.currentTarget.value)} />
                <label class="learn-check">
                    <input type="checkbox" checked={onlyNew.value} onChange={(event) => (onlyNew.value = event.currentTarget.checked)} /> Only new
                </label>
                {mayWrite.value && (
                    <div class="actions">
                        {count > 0 && (
                            <Button kind="quiet" onClick={() => (ticks.value = noTicks)}>
                                Tick none
                            </Button>
                        )}
                        <Button kind={count > 0 || fresh === 0 ? 'plain' : 'primary'} disabled={fresh === 0 || count === fresh} onClick={tickAll}>
                            {fresh > 0 ? `Tick all that is new (${countText(fresh)})` : heard.topics.length > 0 ? 'Nothing new' : 'Tick all that is new'}
                        </Button>
                        <Button kind={count > 0 ? 'primary' : 'plain'} disabled={count === 0} onClick={() => (proposing.value = true)}>
                            {count > 0 ? `Propose registers for ${plural(count, 'value')}` : 'Propose registers'}
                        </Button>
                    </div>
                )}
            </div>
            <HeardTree topics={heard.topics} needle={needle.value} onlyNew={onlyNew.value} ticks={ticks} empty={<NothingHeard heard={heard} filtered={heard.topics.length > 0} />} />
        </div>
    );
}
