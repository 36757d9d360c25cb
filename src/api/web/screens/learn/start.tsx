// The beginning of Learn: which topics to listen to, and the discoveries that are there.
import { useSignal } from '@preact/signals';
import { Problem, pathOf, request, type Fault } from '../../lib/api';
import { countText, plural, timeText } from '../../lib/format';
import { leader } from '../../lib/gateways';
import { go, linkTo, place } from '../../lib/router';
import { mayWrite } from '../../lib/session';
import { Button, Card, Heading, Loading, Note, ProblemNote } from '../../ui/basic';
import { ask, notify } from '../../ui/dialog';
import { faultsAt, TextField } from '../../ui/form';
import { PlainTable, type Column } from '../../ui/table';
import { usePolled, useTitle } from '../../ui/use';
import { readDiscoveries, type Discovery } from './heard';

const TOPICS_MAX = 8;
const hints: [string, string][] = [
    ['#', 'everything'],
    ['plant/#', 'all below plant'],
    ['zigbee2mqtt/#', 'Zigbee2MQTT'],
    ['homeassistant/#', 'Home Assistant'],
    ['tele/#', 'Tasmota'],
    ['shellies/#', 'Shelly'],
    ['spBv1.0/#', 'Sparkplug B'],
    ['application/#', 'ChirpStack'],
];

export const stateWords: Record<Discovery['state'], string> = {
    waiting: 'waiting',
    running: 'listening',
    done: 'ended',
    refused: 'refused',
};

const RUNNING_MAX = 4;

export async function startDiscovery(topics: string[], seconds: unknown): Promise<void> {
    try {
        const { body } = await request<Discovery>('POST', pathOf('discoveries'), { body: { topics, seconds } });
        go(linkTo('learn', body.id));
    } catch (error) {
        if (!(error instanceof Problem) || error.status !== 409) throw error;
        throw new Problem(409, error.title, `${RUNNING_MAX} discoveries run, which is the most at once. Wait until one ends, or forget one of those in the list of Learn.`);
    }
}

export async function deleteDiscovery(discovery: Discovery): Promise<boolean> {
    const yes = await ask(
        'Forget what was heard?',
        <p>
            {discovery.state === 'running' ? 'It stops listening, and what it has heard is lost. ' : 'What it has heard is lost. '}
            Devices and tags that were made from it stay.
        </p>,
        'Forget',
        true,
    );
    if (!yes) return false;
    try {
        await request('DELETE', pathOf('discoveries', discovery.id));
    } catch (error) {
        if (!(error instanceof Problem) || error.status !== 404) {
            notify((error as Error).message);
            return false;
        }
    }
    notify('Forgotten.');
    return true;
}

// The topics that a link names, such as #/learn?topic=plant/pump; everything without one.
function topicsOfPlace(): string[] {
    const topics = place.value.query.getAll('topic').filter(Boolean);
    return topics.length > 0 ? topics.slice(0, TOPICS_MAX) : ['#'];
}

function StartForm() {
    const topics = useSignal<string[]>(topicsOfPlace());
    const seconds = useSignal('60');
    const busy = useSignal(false);
    const problem = useSignal<Problem | null>(null);
    const setTopic = (at: number, text: string) => (topics.value = topics.value.map((topic, index) => (index === at ? text : topic)));
    const submit = async (event: Event) => {
        event.preventDefault();
        busy.value = true;
        problem.value = null;
        try {
            const length = seconds.value.trim();
            await startDiscovery(topics.value.map((topic) => topic.trim()), Number.isFinite(Number(length)) && length ? Number(length) : length);
        } catch (error) {
            problem.value = error instanceof Problem ? error : new Problem(0, 'Error', String(error));
        }
        busy.value = false;
    };
    const faults: Fault[] = problem.value?.errors ?? [];
    const several = topics.value.length > 1;
    return (
        <Card title="Listen to the broker">
            <form class="learn-start" onSubmit={submit}>
                <p class="muted">Tagferry listens for a while, shows what comes, and proposes devices, tags and registers for what you tick. Nothing is saved before you say so.</p>
                <div class="learn-fields">
                    <div class="learn-topics">
                        {topics.value.map((topic, index) => (
                            <div class="learn-topic" key={index}>
                                <TextField
                                    label={several ? `Topic ${index + 1}` : 'Topic'}
                                    value={topic}
                                    onInput={(text) => setTopic(index, text)}
                                    faults={faultsAt(faults, `/topics/${index}`)}
                                    attributes={{ autofocus: index === 0, maxLength: 65535 }}
                                />
                                {several && (
                                    <Button kind="quiet" aria-label={`Remove topic ${index + 1}`} onClick={() => (topics.value = topics.value.filter((_, at) => at !== index))}>
                                        Remove
                                    </Button>
                                )}
                            </div>
                        ))}
                    </div>
                    <TextField label="Seconds" value={seconds.value} onInput={(text) => (seconds.value = text)} faults={faultsAt(faults, '/seconds')} attributes={{ inputMode: 'numeric', size: 6 }} />
                    <div class="learn-go">
                        <Button type="submit" kind="primary" busy={busy.value}>
                            Listen
                        </Button>
                    </div>
                </div>
                <ProblemNote problem={problem.value} faults={faults.filter((fault) => !/^\/(topics\/|seconds)/.test(fault.pointer ?? ''))} />
                <p class="help">
                    <code>#</code> stands for everything that follows, <code>+</code> for one level: <code>plant/+/state</code>. Examples:{' '}
                    {hints.map(([topic, title]) => (
                        <button type="button" class="hint" key={topic} onClick={() => setTopic(topics.value.length - 1, topic)}>
                            <code>{topic}</code> {title}
                        </button>
                    ))}
                    {topics.value.length < TOPICS_MAX && (
                        <button type="button" class="hint" onClick={() => (topics.value = [...topics.value, ''])}>
                            Add a topic
                        </button>
                    )}
                </p>
            </form>
        </Card>
    );
}

function columnsOf(reload: () => void): Column<Discovery>[] {
    return [
        { id: 'topics', title: 'Topics', width: '', render: (one) => <a href={linkTo('learn', one.id)}>{one.topics.join(', ')}</a> },
        { id: 'state', title: 'State', width: '', render: (one) => stateWords[one.state] },
        { id: 'heard', title: 'Topics heard', width: '', number: true, render: (one) => countText(one.totals.topics) },
        { id: 'messages', title: 'Messages', width: '', number: true, render: (one) => countText(one.totals.messages) },
        { id: 'begun', title: 'Begun', width: '', render: (one) => timeText(one.created_at) },
        { id: 'who', title: 'By', width: '', render: (one) => one.who || '–' },
        {
            id: 'forget',
            title: 'Action',
            width: '',
            render: (one) =>
                mayWrite.value && (
                    <Button kind="quiet" aria-label={`Forget discovery ${one.id}`} onClick={async () => (await deleteDiscovery(one)) && reload()}>
                        Forget
                    </Button>
                ),
        },
    ];
}

export function LearnStart() {
    useTitle('Learn');
    const { data, problem, reload } = usePolled(readDiscoveries, 2000, []);
    return (
        <div class="screen learn">
            <Heading title="Learn" />
            {mayWrite.value ? <StartForm /> : <Note>This token may only read. You can look at what others have heard.</Note>}
            {leader.value && <Note>What is heard here can be looked at. To make devices of it, learn at the leader.</Note>}
            <ProblemNote problem={problem} />
            {!data && !problem && <Loading />}
            {data && (data.items.length > 0 || !mayWrite.value) && (
                <Card title={data.items.length > 0 ? plural(data.items.length, 'discovery', 'discoveries') : 'Discoveries'}>
                    <PlainTable label="Discoveries" columns={columnsOf(reload)} items={data.items} itemKey={(one) => String(one.id)} empty={<p class="muted">There are none.</p>} />
                </Card>
            )}
        </div>
    );
}
